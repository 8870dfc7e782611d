/** `orrery check-history`: holds recorded histories, from wherever they come, against a sequential specification. */
import { Chalk } from 'chalk';
import {
  appendStore,
  ConfigError,
  counter,
  elementSet,
  fencedLock,
  fifoQueue,
  growOnlySet,
  judgeLinearizable,
  mutex,
  nearest,
  ownedLock,
  register,
  SimulationError,
  timestampOracle,
  uniqueIds,
  type LinearizabilityResult,
  type Specification,
} from '../../sim/index.ts';
import { anyHistory, HISTORY_FORMATS, type HistoryFormat } from '../../sim/history/read/history-format.ts';
import type { RecordedHistory } from '../../sim/history/read/pairing.ts';
import { ExitCode } from '../exit-codes.ts';
import { historyText, type JudgedHistory } from '../history-text.ts';
import { linesOf } from '../text-lines.ts';
import type { Terminal } from '../terminal.ts';

export interface CheckHistoryArguments {
  readonly files: readonly string[];
  readonly model?: string | undefined;
  readonly format?: string | undefined;
  /** JSON. */
  readonly initial?: string | undefined;
  readonly budget?: number | undefined;
  readonly json: boolean;
}

interface Settings {
  readonly budget?: number;
  /** Absent: the model's own. */
  readonly initial?: unknown;
}

const withInitial = <T>(
  settings: Settings,
  fits: (value: unknown) => value is T,
  expected: string,
): { initial?: T; budget?: number } => {
  const { initial, ...rest } = settings;
  if (initial === undefined) return rest;
  if (!fits(initial)) throw new ConfigError('--initial', initial, expected);
  return { ...rest, initial };
};

const isNumber = (value: unknown): value is number => Number.isSafeInteger(value);
const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value);
const isSequence = (value: unknown): value is string | readonly unknown[] =>
  typeof value === 'string' || Array.isArray(value);

function withoutInitial({ initial, ...rest }: Settings): { budget?: number } {
  if (initial !== undefined) throw new ConfigError('--initial', initial, 'a model that has an initial value');
  return rest;
}

/** A refused compare-and-set counts where the history says so: with the error `precondition-failed`. */
const MODELS: Readonly<Record<string, (settings: Settings) => Specification>> = {
  register: (settings) => register({ ...settings, failedCasObserves: true }),
  'append-store': (settings) => appendStore(withInitial(settings, isSequence, 'a text or a list')),
  counter: (settings) => counter(withInitial(settings, isNumber, 'a whole number')),
  'grow-only-set': (settings) => growOnlySet(withInitial(settings, isList, 'a list of elements')),
  'element-set': (settings) => elementSet(withoutInitial(settings)),
  'fifo-queue': (settings) => fifoQueue(withoutInitial(settings)),
  mutex: (settings) => mutex(withoutInitial(settings)),
  'owned-lock': (settings) => ownedLock(withoutInitial(settings)),
  'fenced-lock': (settings) => (withoutInitial(settings), fencedLock()),
  'unique-ids': (settings) => (withoutInitial(settings), uniqueIds()),
  'timestamp-oracle': (settings) => (withoutInitial(settings), timestampOracle()),
};

export const MODEL_NAMES = Object.keys(MODELS);

/** What a format is a history of, when nobody says. */
const MODEL_OF: Partial<Record<HistoryFormat, string>> = { etcd: 'register', kv: 'append-store' };

export async function checkHistories(args: CheckHistoryArguments, terminal: Terminal): Promise<ExitCode> {
  const settings = settingsOf(args);
  if (args.model !== undefined) modelNamed(args.model);
  const format = formatNamed(args.format);
  const judged: JudgedHistory[] = [];
  let unreadable = false;
  for (const file of args.files) {
    let one: JudgedHistory;
    try {
      one = await judge(file, format, args.model, settings);
    } catch (error) {
      // With several files the others are still judged; a single bad one is reported as what it is.
      if (args.files.length === 1 || !(error instanceof ConfigError || error instanceof SimulationError)) throw error;
      terminal.err(`orrery: ${error.message}`);
      unreadable = true;
      continue;
    }
    judged.push(one);
    if (!args.json) terminal.out(historyText(one, new Chalk({ level: terminal.colour ? 1 : 0 })));
  }
  if (args.json) terminal.out(JSON.stringify({ schemaVersion: 1, histories: judged.map(jsonOf) }, null, 2));
  return unreadable ? ExitCode.usage : exitCodeOf(judged.map(({ result }) => result));
}

function settingsOf({ budget, initial }: CheckHistoryArguments): Settings {
  if (budget !== undefined && (!Number.isSafeInteger(budget) || budget < 1))
    throw new ConfigError('--budget', budget, 'a whole number of search steps, at least 1');
  const steps = budget === undefined ? {} : { budget };
  if (initial === undefined) return steps;
  try {
    return { ...steps, initial: JSON.parse(initial) as unknown };
  } catch {
    throw new ConfigError('--initial', initial, 'JSON, such as 0, null, [] or "\\"text\\""');
  }
}

function modelNamed(name: string): (settings: Settings) => Specification {
  const model = Object.hasOwn(MODELS, name) ? MODELS[name] : undefined;
  if (model !== undefined) return model;
  const meant = nearest(name, MODEL_NAMES);
  throw new ConfigError(
    '--model',
    name,
    `one of ${MODEL_NAMES.join(', ')}${meant === undefined ? '' : `; did you mean ${meant}?`}`,
  );
}

function formatNamed(name: string | undefined): HistoryFormat | undefined {
  const format = HISTORY_FORMATS.find((known) => known === name);
  if (name !== undefined && format === undefined)
    throw new ConfigError('--format', name, `one of ${HISTORY_FORMATS.join(', ')}`);
  return format;
}

async function judge(
  file: string,
  given: HistoryFormat | undefined,
  model: string | undefined,
  settings: Settings,
): Promise<JudgedHistory> {
  const name = file === '-' ? 'stdin' : file;
  const reader = anyHistory(name, given);
  for await (const lines of linesOf(file)) for (const line of lines) reader.line(line);
  const history = reader.end();
  const format = reader.format as HistoryFormat;
  const chosen = model ?? MODEL_OF[format];
  if (chosen === undefined) throw new ConfigError('--model', model, `one of ${MODEL_NAMES.join(', ')}`);
  const specification = modelNamed(chosen)(settings);
  verifyNames(history, specification, name);
  return { file: name, format, model: chosen, history, result: judgeLinearizable(specification, history.operations) };
}

/** An operation that the model does not have is most likely the wrong model; silence would look like a good answer. */
function verifyNames(
  { operations, lines }: RecordedHistory,
  { operations: known, name }: Specification,
  file: string,
): void {
  const stranger = operations.find(({ f }) => !known.includes(f));
  if (stranger === undefined) return;
  throw new ConfigError(
    `${file}:${lines[stranger.id]}: f`,
    stranger.f,
    `one of ${known.join(', ')}, which the model ${name} has`,
  );
}

function jsonOf({ file, format, model, history, result }: JudgedHistory): Readonly<Record<string, unknown>> {
  const { status, message, steps, key, witness } = result;
  const shown = witness?.operations.map((id) => ({ ...history.operations[id], line: history.lines[id] }));
  return { file, format, model, operations: history.operations.length, status, message, steps, key, witness, shown };
}

/** Undecided counts for less than violated: some answer is known. */
function exitCodeOf(results: readonly LinearizabilityResult[]): ExitCode {
  if (results.some(({ status }) => status === 'violated')) return ExitCode.violated;
  return results.some(({ status }) => status === 'undecided') ? ExitCode.undecided : ExitCode.asExpected;
}
