/**
 * Versioning by timestamps (last write wins): the value with the latest timestamp wins, ties go to the greater actor (Thomas'
 * write rule, 1979; Cassandra). Replicas converge without anybody merging anything, and of two updates that did not know of
 * each other one is gone; which one, the writers' wall clocks decide, also against what happened first. A write with an older
 * timestamp than what is stored is acknowledged and never seen.
 */
import { ordered, type Order, type Versioning } from './versioning.ts';

export interface TimestampedValue {
  /** The writer's wall clock, in microseconds; an actor never gives one twice to a key that it still has. */
  readonly at: number;
  readonly actor: string;
  readonly value: unknown;
}

/** null: never written. */
export type TimestampedCell = TimestampedValue | null;

/** The context says nothing: a write replaces whatever is older. */
export function timestamps(): Versioning<TimestampedCell, null> {
  const merge = (a: TimestampedCell, b: TimestampedCell): TimestampedCell => (compare(a, b) === 'before' ? b : a);
  return {
    name: 'timestamps',
    keepsConcurrent: false,
    empty: null,
    read: (cell) => ({ values: cell === null ? [] : [cell.value], context: null }),
    write(cell, value, _context, { actor, at }) {
      const used = cell?.actor === actor ? cell.at : -Infinity;
      return merge(cell, { at: Math.max(at, used + 1), actor, value });
    },
    merge,
    compare,
    textOf: (cell) => (cell === null ? '' : `${cell.at} ${cell.actor}`),
  };
}

function compare(a: TimestampedCell, b: TimestampedCell): Order {
  if (a === null || b === null) return ordered(a === null ? 0 : 1, b === null ? 0 : 1);
  return a.at === b.at ? ordered(a.actor, b.actor) : ordered(a.at, b.at);
}
