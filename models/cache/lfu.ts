/**
 * Least frequently used: the key asked for least often goes; of equals the one that has waited the longest at its count. Best
 * possible under independent references of fixed popularity; what was popular once and is not any more stays far too long.
 *
 * Counts are of the time in the cache ("in-cache LFU") or, with `counts: 'for-ever'`, of all time ("perfect LFU", L. Breslau et
 * al., INFOCOM 1999), which needs memory for every key that was ever asked for, and to bring a key in as many steps as there are
 * lower counts in the cache (few: what was missing was rarely asked for).
 */
import { ConfigError } from '../../sim/index.ts';
import { enter, noFrequencies, raise, remove, takeLowest, type FrequencyList } from './frequency-list.ts';
import type { EvictionPolicy } from './policy.ts';

export interface LfuOptions {
  /** What becomes of a key's count when it leaves the cache. Default `while-cached`: it is forgotten. */
  readonly counts?: 'while-cached' | 'for-ever';
}

export interface LfuState {
  cached: FrequencyList;
  /** Counts of keys that have left. */
  gone: Map<string, number>;
}

/** Throws ConfigError. */
export function lfu({ counts = 'while-cached' }: LfuOptions = {}): EvictionPolicy<LfuState> {
  if (counts !== 'while-cached' && counts !== 'for-ever')
    throw new ConfigError('lfu.counts', counts, "'while-cached' or 'for-ever'");
  const remembers = counts === 'for-ever';
  const left = (state: LfuState, key: string, frequency: number): void => {
    if (remembers) state.gone.set(key, frequency);
  };
  return {
    name: remembers ? 'perfect-lfu' : 'lfu',
    init: () => ({ cached: noFrequencies(), gone: new Map() }),
    touched: (state, key) => raise(state.cached, key),
    inserted(state, key) {
      enter(state.cached, key, (state.gone.get(key) ?? 0) + 1);
      state.gone.delete(key);
    },
    removed: (state, key) => left(state, key, remove(state.cached, key)),
    evict(state) {
      const frequency = state.cached.lowest;
      const key = takeLowest(state.cached);
      if (key !== undefined) left(state, key, frequency);
      return key;
    },
  };
}
