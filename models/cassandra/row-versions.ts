/**
 * A row's versions, as Cassandra tells them apart: last write wins, by timestamps that are the coordinator's or the client's
 * and that nobody checks. At equal timestamps a deletion wins over a value, and of two values the greater one wins (there by
 * bytes, here by the code units of its canonical JSON), so that all copies choose alike without knowing who wrote. A write
 * with a timestamp older than what is stored is acknowledged and never seen.
 *
 * A deletion is a version like any other, a *tombstone*: a copy that has missed it would otherwise bring the row back. It also
 * has the wall clock of the coordinator that took it, for the time after which it may be purged.
 *
 * Simplified: a row is one column.
 */
import { canonicalJson, type Micros } from '../../sim/index.ts';
import { ordered, type Order, type Versioning } from '../versioning/versioning.ts';

export interface RowVersion {
  /** The timestamp that decides, in microseconds. */
  readonly at: Micros;
  /** null: a tombstone. */
  readonly value: unknown;
  /** The coordinator's wall clock when it took the write. */
  readonly takenAt: Micros;
}

/** null: nothing known of the row. */
export type RowCell = RowVersion | null;

export function rowVersions(): Versioning<RowCell, null> {
  const merge = (a: RowCell, b: RowCell): RowCell => (compare(a, b) === 'before' ? b : a);
  return {
    name: 'last-write-wins',
    keepsConcurrent: false,
    empty: null,
    read: (cell) => ({ values: cell === null || cell.value === null ? [] : [cell.value], context: null }),
    write: (cell, value, _context, { at }) => merge(cell, { at, value, takenAt: at }),
    merge,
    compare,
    textOf,
  };
}

/** Equal for equal cells, and for no others. */
export const textOf = (cell: RowCell): string =>
  cell === null ? '' : `${cell.at} ${canonicalJson(cell.value)} ${cell.takenAt}`;

function compare(a: RowCell, b: RowCell): Order {
  if (a === null || b === null) return ordered(a === null ? 0 : 1, b === null ? 0 : 1);
  if (a.at !== b.at) return ordered(a.at, b.at);
  if ((a.value === null) !== (b.value === null)) return a.value === null ? 'after' : 'before';
  const [one, other] = [canonicalJson(a.value), canonicalJson(b.value)];
  return one === other ? ordered(a.takenAt, b.takenAt) : ordered(one, other);
}
