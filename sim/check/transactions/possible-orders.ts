/**
 * Histories of registers whose version order is not known: whether a level holds depends on orders that nobody saw.
 *
 * A level holds if some order of the versions shows no anomaly that it forbids (Adya, 1999, §3.1.2: a history is a set of events and
 * *a* version order), and is refuted if none does. First the order in which the writers completed is tried, which is the right one
 * in most stores; then, while there are few, all that agree with what transactions read before they overwrote it.
 */
import type { KeyHistory } from './key-history.ts';
import type { Observations } from './observations.ts';
import { nameOfValue, type Transaction } from './transaction.ts';

/** The versions of each key, as values, in one possible order. */
export type PossibleOrder = ReadonlyMap<string, readonly unknown[]>;

/** Transactions looked at in all trials together. */
const MOST_WORK = 20_000;

interface Versions {
  readonly name: string;
  /** Writers whose versions have to be ordered, in order of completion. */
  readonly writers: readonly number[];
  /** By writer: what it wrote, in order. */
  readonly values: ReadonlyMap<number, readonly unknown[]>;
  /** By writer: the writer whose version it read before it overwrote it. */
  readonly after: ReadonlyMap<number, number>;
}

export interface PossibleOrders {
  /** At most as many as can be tried; the first is by completion. */
  readonly orders: Iterable<PossibleOrder>;
  /** How many may be tried; when `orders` ends before, they were all. */
  readonly trials: number;
}

/** Orders of the versions of the keys named `unordered`, none of which has an order from the model. */
export function possibleOrders(observations: Observations, unordered: readonly string[]): PossibleOrders {
  const keys = unordered.map((name) => versionsOf(observations.keys.get(name) as KeyHistory, observations));
  const trials = Math.max(2, Math.floor(MOST_WORK / Math.max(1, observations.transactions.length)));
  return { orders: combined(keys, 0), trials };
}

function versionsOf(key: KeyHistory, { transactions, committed }: Observations): Versions {
  const values = new Map<number, unknown[]>();
  for (const { index, micros } of transactions) {
    if (committed[index] !== 1) continue;
    for (const micro of micros) {
      if (micro[0] !== 'w' || String(micro[1]) !== key.name) continue;
      const own = values.get(index);
      if (own === undefined) values.set(index, [micro[2]]);
      else own.push(micro[2]);
    }
  }
  const end = (index: number): number => (transactions[index] as Transaction).op.completed;
  const writers = [...values.keys()].sort((a, b) => end(a) - end(b) || a - b);
  const after = new Map<number, number>();
  for (const [index, value] of key.overwrote) {
    const writer = value === undefined ? undefined : key.writers.get(nameOfValue(value));
    if (writer !== undefined && writer !== index) after.set(index, writer);
  }
  return { name: key.name, writers, values, after };
}

function* combined(keys: readonly Versions[], at: number): Generator<PossibleOrder> {
  const key = keys[at];
  if (key === undefined) {
    yield new Map();
    return;
  }
  for (const order of extensions(key, [], new Set())) {
    const values = order.flatMap((writer) => key.values.get(writer) ?? []);
    for (const rest of combined(keys, at + 1)) yield new Map([[key.name, values], ...rest]);
  }
}

/** Every order of the writers in which nobody comes before the one that it overwrote. */
function* extensions(
  key: Versions,
  chosen: readonly number[],
  taken: ReadonlySet<number>,
): Generator<readonly number[]> {
  if (chosen.length === key.writers.length) yield chosen;
  for (const writer of key.writers) {
    const before = key.after.get(writer);
    const mustWait = before !== undefined && key.values.has(before) && !taken.has(before);
    if (taken.has(writer) || mustWait) continue;
    yield* extensions(key, [...chosen, writer], new Set([...taken, writer]));
  }
}
