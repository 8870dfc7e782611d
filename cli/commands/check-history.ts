/** `orrery check-history`: holds recorded histories, from wherever they come, against what an object or a store promises. */
import { Chalk } from 'chalk';
import { ConfigError, SimulationError } from '../../sim/base/errors.ts';
import { anyHistory, HISTORY_FORMATS, type HistoryFormat } from '../../sim/history/read/history-format.ts';
import type { RecordedHistory } from '../../sim/history/read/pairing.ts';
import { ExitCode } from '../exit-codes.ts';
import { historyText, summaryText, tallyOf, type JudgedHistory } from '../history-text.ts';
import { linesOf } from '../text-lines.ts';
import type { Terminal } from '../terminal.ts';
import { historyFiles } from './history-files.ts';
import { historyModel, inferredModel, verifyModelName, type HistoryModel, type Settings } from './history-models.ts';

export interface CheckHistoryArguments {
  /** Paths of files and folders, or `-`. */
  readonly files: readonly string[];
  readonly model?: string | undefined;
  readonly format?: string | undefined;
  /** JSON. */
  readonly initial?: string | undefined;
  readonly budget?: number | undefined;
  readonly json: boolean;
}

export async function checkHistories(args: CheckHistoryArguments, terminal: Terminal): Promise<ExitCode> {
  const settings = settingsOf(args);
  if (args.model !== undefined) verifyModelName(args.model);
  const format = formatNamed(args.format);
  const files = historyFiles(args.files);
  const paint = new Chalk({ level: terminal.colour ? 1 : 0 });
  const judged: JudgedHistory[] = [];
  let unreadable = 0;
  for (const file of files) {
    let one: JudgedHistory;
    try {
      one = await judge(file, format, args.model, settings);
    } catch (error) {
      // With several files the others are still judged; a single bad one is reported as what it is.
      if (files.length === 1 || !(error instanceof ConfigError || error instanceof SimulationError)) throw error;
      terminal.err(`orrery: ${error.message}`);
      unreadable++;
      continue;
    }
    judged.push(one);
    if (!args.json) terminal.out(historyText(one, paint));
  }
  const tally = tallyOf(judged, unreadable);
  if (args.json)
    terminal.out(JSON.stringify({ schemaVersion: 1, summary: tally, histories: judged.map(jsonOf) }, null, 2));
  else if (files.length > 1) terminal.out(summaryText(tally, paint));
  if (unreadable > 0) return ExitCode.usage;
  // Undecided counts for less than violated: some answer is known.
  if (tally.violated > 0) return ExitCode.violated;
  return tally.undecided > 0 ? ExitCode.undecided : ExitCode.asExpected;
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

function formatNamed(name: string | undefined): HistoryFormat | undefined {
  const format = HISTORY_FORMATS.find((known) => known === name);
  if (name !== undefined && format === undefined)
    throw new ConfigError('--format', name, `one of ${HISTORY_FORMATS.join(', ')}`);
  return format;
}

async function judge(
  file: string,
  given: HistoryFormat | undefined,
  named: string | undefined,
  settings: Settings,
): Promise<JudgedHistory> {
  const name = file === '-' ? 'stdin' : file;
  const reader = anyHistory(name, given);
  for await (const lines of linesOf(file)) for (const line of lines) reader.line(line);
  const history = reader.end();
  const format = reader.format as HistoryFormat;
  const chosen = named ?? inferredModel(format, history.operations);
  const model = await historyModel(chosen, settings);
  verifyNames(history, model, chosen, name);
  const result = model.decide(history.operations);
  return { file: name, format, model: chosen, inferred: named === undefined, history, result };
}

/** An operation that the model does not have is most likely the wrong model; silence would look like a good answer. */
function verifyNames(
  { operations, lines }: RecordedHistory,
  { operations: known }: HistoryModel,
  model: string,
  file: string,
): void {
  const stranger = operations.find(({ f }) => !known.includes(f));
  if (stranger === undefined) return;
  const expected = `one of ${known.join(', ')}, which the model ${model} has`;
  throw new ConfigError(`${file}:${lines[stranger.id]}: f`, stranger.f, expected);
}

function jsonOf({ file, format, model, inferred, history, result }: JudgedHistory): Readonly<Record<string, unknown>> {
  const { status, message, steps, key, witness } = result;
  const shown = witness?.operations.map((id) => ({ ...history.operations[id], line: history.lines[id] }));
  const operations = history.operations.length;
  return { file, format, model, inferred, operations, status, message, steps, key, witness, shown };
}
