/**
 * Keys by how often they were asked for: the least often first, of those asked for equally often the one that came there first.
 *
 * A line of frequencies, each with a line of its keys (K. Shah, A. Mitra, D. Matani, "An O(1) algorithm for implementing the LFU
 * cache eviction scheme", 2010): counting one more, and taking the front, need constant time.
 */
import { append, noKeys, take, takeFront, type KeyOrder } from './key-order.ts';

interface Rank {
  keys: KeyOrder;
  /** Frequencies next to this one that have keys; 0: none. */
  below: number;
  above: number;
}

export interface FrequencyList {
  frequencies: Map<string, number>;
  ranks: Map<number, Rank>;
  /** The lowest frequency with keys; 0: there are none. */
  lowest: number;
}

export const noFrequencies = (): FrequencyList => ({ frequencies: new Map(), ranks: new Map(), lowest: 0 });

/** Puts in a key that is not there, asked for `frequency` times: O(1) for the lowest, else one step for each lower frequency. */
export function enter(list: FrequencyList, key: string, frequency: number): void {
  let below = 0;
  let above = list.lowest;
  while (above !== 0 && above < frequency) {
    below = above;
    above = (list.ranks.get(above) as Rank).above;
  }
  place(list, key, frequency, below, above);
}

/** Counts a key that is there once more. */
export function raise(list: FrequencyList, key: string): void {
  const frequency = list.frequencies.get(key) as number;
  const rank = list.ranks.get(frequency) as Rank;
  const { above, below } = rank;
  const left = leave(list, key, frequency, rank);
  place(list, key, frequency + 1, left ? below : frequency, above);
}

/** Takes a key out; returns how often it had been asked for, 0 if it is not there. */
export function remove(list: FrequencyList, key: string): number {
  const frequency = list.frequencies.get(key);
  if (frequency === undefined) return 0;
  leave(list, key, frequency, list.ranks.get(frequency) as Rank);
  list.frequencies.delete(key);
  return frequency;
}

/** Takes the least often asked for out and returns it. */
export function takeLowest(list: FrequencyList): string | undefined {
  const rank = list.ranks.get(list.lowest);
  const key = rank === undefined ? undefined : takeFront(rank.keys);
  if (key !== undefined) remove(list, key);
  return key;
}

function place(list: FrequencyList, key: string, frequency: number, below: number, above: number): void {
  let rank = list.ranks.get(frequency);
  if (rank === undefined) {
    rank = { keys: noKeys(), below, above };
    list.ranks.set(frequency, rank);
    join(list, below, frequency);
    join(list, frequency, above);
  }
  append(rank.keys, key);
  list.frequencies.set(key, frequency);
}

/** True when its frequency has no keys any more, and has left the line. */
function leave(list: FrequencyList, key: string, frequency: number, rank: Rank): boolean {
  take(rank.keys, key);
  if (rank.keys.places.size > 0) return false;
  list.ranks.delete(frequency);
  join(list, rank.below, rank.above);
  return true;
}

function join(list: FrequencyList, below: number, above: number): void {
  if (below === 0) list.lowest = above;
  else (list.ranks.get(below) as Rank).above = above;
  if (above !== 0) (list.ranks.get(above) as Rank).below = below;
}
