/**
 * Sorted tables (SSTables: Chang et al., "Bigtable", OSDI 2006, section 5.3; O'Neil et al., "The log-structured merge-tree",
 * 1996): what a memory table was when it was flushed, sorted by key, never changed. Newer tables hide what older ones say of a
 * key; a *tombstone* says that there is nothing. Tables of about one size, next to each other in age, are merged into one
 * (size-tiered compaction).
 */
import { bloomFilter, mayContain, type BloomFilter, type BloomFilterOptions } from './bloom-filter.ts';

/** Plain data. */
export interface SortedTable<V> {
  /** Names it. */
  readonly serial: number;
  /** In ascending order of their UTF-16 code units. */
  readonly keys: readonly string[];
  /** Of each key; null: a tombstone. */
  readonly values: readonly (V | null)[];
  readonly filter: BloomFilter;
}

/** `rows`: each key once; null: it is gone. */
export function sortedTable<V>(
  serial: number,
  rows: Iterable<readonly [key: string, value: V | null]>,
  options: BloomFilterOptions = {},
): SortedTable<V> {
  const sorted = [...rows].sort(([a], [b]) => (a < b ? -1 : 1));
  const keys = sorted.map(([key]) => key);
  return { serial, keys, values: sorted.map(([, value]) => value), filter: bloomFilter(keys, options) };
}

/** What the table says of a key: null: it is gone; undefined: nothing. */
export function valueIn<V>({ keys, values }: SortedTable<V>, key: string): V | null | undefined {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((keys[middle] as string) < key) low = middle + 1;
    else high = middle;
  }
  return keys[low] === key ? values[low] : undefined;
}

export interface LookUp<V> {
  /** As of `valueIn`. */
  readonly value: V | null | undefined;
  /** Tables whose filter said "maybe", which have to be read. */
  readonly read: number;
}

/** What some tables, newest first, say of a key: the first that has it counts. */
export function lookUp<V>(tables: readonly SortedTable<V>[], key: string): LookUp<V> {
  let read = 0;
  for (const table of tables) {
    if (!mayContain(table.filter, key)) continue;
    read++;
    const value = valueIn(table, key);
    if (value !== undefined) return { value, read };
  }
  return { value: undefined, read };
}

/** The rows of some tables, newest first, as one; `oldest`: there is no older table, so that tombstones have done their work. */
export function mergedRows<V>(tables: readonly SortedTable<V>[], oldest: boolean): ReadonlyMap<string, V | null> {
  const rows = new Map<string, V | null>();
  for (const { keys, values } of tables.toReversed()) keys.forEach((key, i) => rows.set(key, values[i] as V | null));
  if (oldest) for (const [key, value] of rows) if (value === null) rows.delete(key);
  return rows;
}

export interface Run {
  /** Index of the first of them. */
  readonly from: number;
  /** One behind the last. */
  readonly to: number;
}

/** A table belongs to a tier when it has at most this many times the rows of the tier's first, and at least 1 / so many. */
const SAME_TIER = 2;

/**
 * The tables to merge next, of `rows` in each, newest first: the longest run of at least `fanIn` neighbours of one tier, of
 * several the newest. Undefined: none.
 */
export function runToMerge(rows: readonly number[], fanIn: number): Run | undefined {
  let best: Run | undefined;
  for (let from = 0; from < rows.length; from++) {
    const first = Math.max(1, rows[from] as number);
    let to = from + 1;
    while (to < rows.length && isAlike(Math.max(1, rows[to] as number), first)) to++;
    if (to - from >= fanIn && (best === undefined || to - from > best.to - best.from)) best = { from, to };
  }
  return best;
}

const isAlike = (a: number, b: number): boolean => a <= b * SAME_TIER && b <= a * SAME_TIER;
