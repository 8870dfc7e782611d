/**
 * Vector clocks (Fidge, 1988; Mattern, 1989) as Dynamo keeps them (DeCandia et al., SOSP 2007, section 4.4): a list of (node,
 * counter) pairs. A clock descends from another one when no counter in it is smaller; if neither descends from the other, the
 * two versions are concurrent.
 *
 * Each pair has the time at which its node last updated it. When there are more pairs than a threshold, say 10, Dynamo
 * removes the oldest. What that costs is in the paper in one sentence, and here in a test: a version that descends from
 * another one is taken for concurrent (harmless, the client merges once more), and a version that is concurrent can be taken
 * for an ancestor and dropped.
 */
import { compareVectors, type VersionVector } from './version-vector.ts';
import type { Order } from './versioning.ts';

export interface ClockEntry {
  readonly node: string;
  /** Updates that the node has made, from 1 on. */
  readonly counter: number;
  /** When it made the last one, on its wall clock, in microseconds. */
  readonly at: number;
}

/** In ascending order of the nodes' names. */
export type VectorClock = readonly ClockEntry[];

/** Dynamo's threshold: pairs in a clock. */
export const TRUNCATION_THRESHOLD = 10;

const byNode = (a: ClockEntry, b: ClockEntry): number => (a.node < b.node ? -1 : a.node > b.node ? 1 : 0);

/** Updates by `node` that the clock knows of. */
export const counterOf = (clock: VectorClock, node: string): number =>
  clock.find((entry) => entry.node === node)?.counter ?? 0;

/** The clock after an update by `node`, which is its `counter`-th: by default one more than the clock knows of. */
export function increment(
  clock: VectorClock,
  node: string,
  at: number,
  counter = counterOf(clock, node) + 1,
): VectorClock {
  return [...clock.filter((entry) => entry.node !== node), { node, counter, at }].toSorted(byNode);
}

/** The smallest clock that descends from both. */
export function mergeClocks(a: VectorClock, b: VectorClock): VectorClock {
  const entries = new Map(a.map((entry) => [entry.node, entry]));
  for (const entry of b) {
    const known = entries.get(entry.node);
    if (known === undefined || isNewer(entry, known)) entries.set(entry.node, entry);
  }
  return [...entries.values()].toSorted(byNode);
}

const isNewer = (a: ClockEntry, b: ClockEntry): boolean =>
  a.counter > b.counter || (a.counter === b.counter && a.at > b.at);

/** Without the times: by node, how many of its updates the clock knows of. */
const vectorOf = (clock: VectorClock): VersionVector =>
  Object.fromEntries(clock.map(({ node, counter }) => [node, counter]));

export const compareClocks = (a: VectorClock, b: VectorClock): Order => compareVectors(vectorOf(a), vectorOf(b));

/** At most `limit` pairs: without those that were updated longest ago. */
export function truncated(clock: VectorClock, limit: number): VectorClock {
  if (clock.length <= limit) return clock;
  const kept = clock.toSorted((a, b) => b.at - a.at || byNode(a, b)).slice(0, limit);
  return kept.toSorted(byNode);
}
