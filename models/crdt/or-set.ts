/**
 * OR-set, optimised: a set from which a removal takes away just those additions that it has seen, so that an addition made at the same
 * time wins; without tombstones (Bieniusa et al., "An optimized conflict-free replicated set", INRIA RR-8083, 2012, figure 3).
 *
 * An addition is known by its dot, (replica, number). A state holds for each element the dots of its additions, the latest of each
 * replica, and a version vector of all dots that it has ever seen. A dot that one state has and the other has not was either removed
 * by the other, which then has seen it, or is news to it. That is all a merge asks, so what is removed leaves nothing behind.
 */
import { canonicalJson } from '../../sim/index.ts';
import { joined, knows, type VersionVector } from '../versioning/version-vector.ts';
import type { Crdt } from './crdt.ts';

export interface OrSetEntry<T> {
  readonly element: T;
  /** By replica, the number of its latest addition. */
  readonly dots: VersionVector;
}

export interface OrSetState<T> {
  /** By the element's canonical JSON. */
  readonly entries: Readonly<Record<string, OrSetEntry<T>>>;
  /** Every dot seen, removed ones included. */
  readonly seen: VersionVector;
}

export type SetChange<T> = { readonly f: 'add'; readonly value: T } | { readonly f: 'remove'; readonly value: T };

/** What remains of two sets of dots of one element. */
function survivingDots(mine: VersionVector, yours: VersionVector, a: VersionVector, b: VersionVector): VersionVector {
  const kept: Record<string, number> = {};
  for (const replica of Object.keys(mine)) {
    const dot = mine[replica] as number;
    if (yours[replica] === dot || !knows(b, replica, dot)) kept[replica] = dot;
  }
  for (const replica of Object.keys(yours)) {
    const dot = yours[replica] as number;
    if (!knows(a, replica, dot)) kept[replica] = Math.max(kept[replica] ?? 0, dot);
  }
  return kept;
}

const NO_DOTS: VersionVector = Object.freeze({});

/** Elements are plain data, the same when their canonical JSON is. The value lists them in the order of that. */
export const orSet = <T>(): Crdt<OrSetState<T>, SetChange<T>, readonly T[]> => ({
  name: 'OR-set',
  empty: () => ({ entries: {}, seen: {} }),
  apply({ entries, seen }, { f, value }, { replica }) {
    const name = canonicalJson(value);
    const changed = { ...entries };
    if (f === 'remove') {
      delete changed[name];
      return { entries: changed, seen };
    }
    const number = (seen[replica] ?? 0) + 1;
    changed[name] = { element: value, dots: { ...entries[name]?.dots, [replica]: number } };
    return { entries: changed, seen: { ...seen, [replica]: number } };
  },
  merge(a, b) {
    const entries: Record<string, OrSetEntry<T>> = {};
    for (const name of new Set([...Object.keys(a.entries), ...Object.keys(b.entries)])) {
      const mine = a.entries[name];
      const yours = b.entries[name];
      const dots = survivingDots(mine?.dots ?? NO_DOTS, yours?.dots ?? NO_DOTS, a.seen, b.seen);
      const { element } = (mine ?? yours) as OrSetEntry<T>;
      if (Object.keys(dots).length > 0) entries[name] = { element, dots };
    }
    return { entries, seen: joined(a.seen, b.seen) };
  },
  value: ({ entries }) =>
    Object.keys(entries)
      .toSorted()
      .map((name) => (entries[name] as OrSetEntry<T>).element),
});
