/** A recorded history's verdict for people: the sentence, the operations that contradict each other, and why they do. */
import type { ChalkInstance } from 'chalk';
import { canonicalJson, type LinearizabilityResult, type Operation, type Witness } from '../sim/index.ts';
import type { HistoryFormat } from '../sim/history/read/history-format.ts';
import type { RecordedHistory } from '../sim/history/read/pairing.ts';

export interface JudgedHistory {
  readonly file: string;
  readonly format: HistoryFormat;
  readonly model: string;
  readonly history: RecordedHistory;
  readonly result: LinearizabilityResult;
}

/** Operations and reasons that are printed; the JSON has all. */
const MOST_SHOWN = 40;

const MARKS = { held: '✓', violated: '✗', undecided: '?' } as const;

export function historyText(judged: JudgedHistory, paint: ChalkInstance): string {
  const { file, model, result, history } = judged;
  const { status, message, steps, witness } = result;
  const colour = { held: paint.green, violated: paint.red, undecided: paint.yellow }[status];
  const searched = steps === 0 ? '' : `  ${steps} search steps`;
  const head = `${colour(MARKS[status])} ${paint.bold(file)}  ${model}  ${status}  ${history.operations.length} operations${searched}`;
  if (status === 'held') return head;
  const rows = witness === undefined ? [] : witnessRows(witness, history);
  return [head, `    ${message}`, ...rows.map((row) => paint.dim(`    ${row}`))].join('\n');
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
