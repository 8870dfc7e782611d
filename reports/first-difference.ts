/** Where two runs part: the first event that one has and the other has not. */
import type { Micros } from '../sim/base/time.ts';
import type { TraceData } from '../sim/trace/trace.ts';
import { rowText } from './row-text.ts';
import { TraceReader, type TraceRow } from './trace-reader.ts';

export interface Parting {
  /** Row and text in either run; absent: that one had ended, or its recording had. */
  readonly first?: { readonly row: number; readonly at: Micros; readonly text: string };
  readonly second?: { readonly row: number; readonly at: Micros; readonly text: string };
  /** Events that are the same in both before. */
  readonly same: number;
}

/** A fault's own beginning and end are what was changed, not what became of it. */
const isPlanned = ({ kind }: TraceRow): boolean => kind === 'fault-begin' || kind === 'fault-end';

/** Undefined when every event is the same. */
export function firstDifference(first: TraceData, second: TraceData): Parting | undefined {
  const [a, b] = [new TraceReader(first), new TraceReader(second)];
  let [i, j, same] = [1, 1, 0];
  for (;;) {
    while (i <= a.rows && isPlanned(a.row(i))) i++;
    while (j <= b.rows && isPlanned(b.row(j))) j++;
    if (i > a.rows && j > b.rows) return undefined;
    const [left, right] = [i <= a.rows ? a.row(i) : undefined, j <= b.rows ? b.row(j) : undefined];
    if (left === undefined || right === undefined || !isSame(left, right)) {
      return {
        ...(left === undefined ? {} : { first: told(left) }),
        ...(right === undefined ? {} : { second: told(right) }),
        same,
      };
    }
    i++;
    j++;
    same++;
  }
}

const isSame = (a: TraceRow, b: TraceRow): boolean =>
  a.at === b.at &&
  a.kind === b.kind &&
  a.node === b.node &&
  a.peer === b.peer &&
  a.label === b.label &&
  a.detail === b.detail;

const told = (row: TraceRow): NonNullable<Parting['first']> => ({ row: row.row, at: row.at, text: rowText(row) });
