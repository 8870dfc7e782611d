/**
 * Versioning by vector clocks, as in Dynamo: each version has the clock of its causal history, concurrent versions are kept
 * as siblings, and a write replaces all that its context descends from. Clocks are bounded (vector-clock.ts).
 *
 * Two updates under one actor's name are one after the other for it. So two clients that have read the same context and write
 * by way of the same coordinator lose the first update, if actors are coordinators ("the writes are concurrent, their clocks
 * are not": Preguiça, Baquero, Almeida, Fonte and Gonçalves, "Dotted Version Vectors", 2010). Sound where actors are clients
 * that know their own last write; coordinators need dotted-version-vectors.ts.
 */
import { canonicalJson, ConfigError } from '../../sim/index.ts';
import {
  compareClocks,
  counterOf,
  increment,
  mergeClocks,
  truncated,
  TRUNCATION_THRESHOLD,
  type VectorClock,
} from './vector-clock.ts';
import { orderOf, type Order, type Versioning } from './versioning.ts';

export interface ClockedVersion {
  readonly clock: VectorClock;
  readonly value: unknown;
}

/** Siblings: none descends from another. */
export type ClockedVersions = readonly ClockedVersion[];

export interface VectorClocksOptions {
  /** Pairs that a clock keeps, a whole number of at least 1; Infinity: all. Default 10. */
  readonly limit?: number;
}

/** Throws ConfigError. */
export function vectorClocks({ limit = TRUNCATION_THRESHOLD }: VectorClocksOptions = {}): Versioning<
  ClockedVersions,
  VectorClock
> {
  if (!(limit >= 1 && (Number.isInteger(limit) || limit === Infinity)))
    throw new ConfigError('vectorClocks.limit', limit, 'a whole number of at least 1, or Infinity');
  return {
    name: 'vector-clocks',
    keepsConcurrent: true,
    empty: [],
    read: (cell) => ({
      values: cell.map(({ value }) => value),
      context: cell.reduce<VectorClock>((joined, { clock }) => mergeClocks(joined, clock), []),
    }),
    write(cell, value, context, { actor, at }) {
      const used = cell.reduce((most, { clock }) => Math.max(most, counterOf(clock, actor)), counterOf(context, actor));
      const written = { clock: truncated(increment(context, actor, at, used + 1), limit), value };
      return maximal([...cell.filter(({ clock }) => !isKnown(clock, context)), written]);
    },
    merge: (a, b) => (a === b ? a : maximal([...a, ...b])),
    compare,
    textOf: (cell) => cell.map(({ clock }) => textOf(clock)).join(', '),
  };
}

const isKnown = (clock: VectorClock, to: VectorClock): boolean => {
  const order = compareClocks(clock, to);
  return order === 'before' || order === 'equal';
};

/** Those that no other one supersedes, each once, in an order that is the same everywhere. */
function maximal(versions: readonly ClockedVersion[]): ClockedVersions {
  if (versions.length < 2) return versions;
  const sorted = versions.toSorted(byText);
  return sorted.filter(({ clock }, at) =>
    sorted.every((other, place) => {
      const order = compareClocks(clock, other.clock);
      return order !== 'before' && (order !== 'equal' || place >= at);
    }),
  );
}

function byText(a: ClockedVersion, b: ClockedVersion): number {
  let [one, other] = [textOf(a.clock), textOf(b.clock)];
  // Equal clocks of different values: two updates were given one name.
  if (one === other) [one, other] = [canonicalJson(a.value), canonicalJson(b.value)];
  return one < other ? -1 : one > other ? 1 : 0;
}

const textOf = (clock: VectorClock): string => clock.map(({ node, counter }) => `${node}:${counter}`).join(' ');

function compare(a: ClockedVersions, b: ClockedVersions): Order {
  const covers = (one: ClockedVersions, other: ClockedVersions): boolean =>
    other.every(({ clock }) => one.some((version) => isKnown(clock, version.clock)));
  return orderOf(covers(a, b), covers(b, a));
}
