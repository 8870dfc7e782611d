/**
 * Versioning by version numbers: optimistic concurrency control by compare-and-set (Kung and Robinson, 1981; the `version`
 * column, HTTP's If-Match). A write names the version that it has read and is refused when that is no longer the current one;
 * the writer reads again and tries again. Concurrent updates are detected where they are written, so nothing is lost, as long
 * as there is *one* copy that decides. Two copies that accept a write each give the same number twice, and merging them drops
 * one.
 */
import { ordered, type Order, type Versioning } from './versioning.ts';

export interface NumberedCell {
  /** 0: never written. */
  readonly number: number;
  /** Who wrote it. */
  readonly actor: string;
  readonly value: unknown;
}

const NEVER_WRITTEN: NumberedCell = Object.freeze({ number: 0, actor: '', value: null });

export function versionNumbers(): Versioning<NumberedCell, number> {
  return {
    name: 'version-numbers',
    keepsConcurrent: false,
    empty: NEVER_WRITTEN,
    read: ({ number, value }) => ({ values: number === 0 ? [] : [value], context: number }),
    write: (cell, value, context, { actor }) =>
      context === cell.number ? { number: cell.number + 1, actor, value } : undefined,
    merge: (a, b) => (compare(a, b) === 'before' ? b : a),
    compare,
    textOf: ({ number, actor }) => `${number} ${actor}`,
  };
}

const compare = (a: NumberedCell, b: NumberedCell): Order =>
  a.number === b.number ? ordered(a.actor, b.actor) : ordered(a.number, b.number);
