/** A recorded history's verdict for people: the sentence, the operations that contradict each other, and why they do. */
import type { ChalkInstance } from 'chalk';
import { canonicalJson } from '../sim/base/json.ts';
import type { Witness } from '../sim/check/verdict.ts';
import type { Operation } from '../sim/history/operation.ts';
import type { HistoryFormat } from '../sim/history/read/history-format.ts';
import type { RecordedHistory } from '../sim/history/read/pairing.ts';
import type { Judgement } from './commands/history-models.ts';

export interface JudgedHistory {
  readonly file: string;
  readonly format: HistoryFormat;
  readonly model: string;
  /** Nobody named the model: the format and the operations told. */
  readonly inferred: boolean;
  readonly history: RecordedHistory;
  readonly result: Judgement;
}

/** Operations and reasons that are printed; the JSON has all. */
const MOST_SHOWN = 40;

const MARKS = { held: '✓', violated: '✗', undecided: '?' } as const;

export function historyText(judged: JudgedHistory, paint: ChalkInstance): string {
  const { file, result, history } = judged;
  const model = judged.inferred ? `${judged.model} (inferred)` : judged.model;
  const { status, message, steps, witness } = result;
  const colour = { held: paint.green, violated: paint.red, undecided: paint.yellow }[status];
  const searched = steps === 0 ? '' : `  ${steps} search steps`;
  const head = `${colour(MARKS[status])} ${paint.bold(file)}  ${model}  ${status}  ${history.operations.length} operations${searched}`;
  if (status === 'held') return head;
  const rows = witness === undefined ? [] : witnessRows(witness, history);
  return [head, `    ${message}`, ...rows.map((row) => paint.dim(`    ${row}`))].join('\n');
}

export interface Tally {
  readonly histories: number;
  readonly held: number;
  readonly violated: number;
  readonly undecided: number;
  /** Files that are no history. */
  readonly unreadable: number;
}

export function tallyOf(judged: readonly JudgedHistory[], unreadable: number): Tally {
  const count = { held: 0, violated: 0, undecided: 0 };
  for (const { result } of judged) count[result.status]++;
  return { histories: judged.length, ...count, unreadable };
}

/** One line over all files. */
export function summaryText({ histories, held, violated, undecided, unreadable }: Tally, paint: ChalkInstance): string {
  const noun = histories === 1 ? 'history' : 'histories';
  const rest = [
    ...(undecided > 0 ? [paint.yellow(`${undecided} undecided`)] : []),
    ...(unreadable > 0 ? [paint.red(`${unreadable} unreadable`)] : []),
  ];
  const told = [paint.green(`${held} held`), paint.red(`${violated} violated`), ...rest];
  return `${histories} ${noun}: ${told.join(', ')}`;
}

function witnessRows(witness: Witness, { operations, lines }: RecordedHistory): string[] {
  const mandatory = new Set(witness.mandatory ?? witness.operations);
  const rows = witness.operations.map((id) => {
    const operation = operations[id] as Operation;
    const sure = mandatory.has(id) || operation.outcome === 'fail' ? '' : '  (not needed to have happened)';
    return `${`#${id}`.padEnd(6)}line ${String(lines[id]).padEnd(6)}${describe(operation)}${sure}`;
  });
  const reasons = (witness.edges ?? []).map(({ before, after, reason }) => `#${before} before #${after}: ${reason}`);
  return [...shortened(rows, 'operations'), ...shortened(reasons, 'reasons')];
}

function shortened(rows: readonly string[], what: string): string[] {
  const left = rows.length - MOST_SHOWN;
  return left <= 0 ? [...rows] : [...rows.slice(0, MOST_SHOWN), `… and ${left} more ${what}: --json has all`];
}

function describe({ client, f, key, input, output, outcome }: Operation): string {
  const what = [client, f, key, input === undefined ? '' : canonicalJson(input)]
    .filter((word) => word !== '')
    .join(' ');
  return `${what}${output === undefined ? '' : ` → ${canonicalJson(output)}`}  ${outcome}`;
}
