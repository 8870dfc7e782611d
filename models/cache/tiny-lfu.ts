/**
 * W-TinyLFU (G. Einziger, R. Friedman, M. Manes, ACM TOS 2017; the cache of Caffeine): new keys come into a small LRU window; who leaves
 * the window must have been asked for more often lately than the key that would have to make room in the main part, or goes
 * instead. The main part is a segmented LRU: a key asked for again there is protected. Nearly LFU's hit ratio where popularity is
 * fixed, and it forgets.
 *
 * Left out: Caffeine's adaptive window size and its random admission against hash flooding.
 */
import { ConfigError } from '../../sim/index.ts';
import { countOnce, emptySketch, estimateOf, type FrequencySketch } from './frequency-sketch.ts';
import { append, moveToBack, noKeys, take, takeFront, type KeyOrder } from './key-order.ts';
import type { EvictionPolicy } from './policy.ts';

export interface TinyLfuOptions {
  /** Share of the capacity that is the window, above 0 and below 1; at least one key. Default 0.01. */
  readonly windowShare?: number;
  /** Share of the main part that is protected, 0…1. Default 0.8. */
  readonly protectedShare?: number;
}

export interface TinyLfuState {
  window: KeyOrder;
  probation: KeyOrder;
  protected: KeyOrder;
  sketch: FrequencySketch;
  windowMost: number;
  protectedMost: number;
}

/** Throws ConfigError. */
export function tinyLfu({
  windowShare = 0.01,
  protectedShare = 0.8,
}: TinyLfuOptions = {}): EvictionPolicy<TinyLfuState> {
  if (!(windowShare > 0 && windowShare < 1))
    throw new ConfigError('tinyLfu.windowShare', windowShare, 'a share above 0 and below 1');
  if (!(protectedShare >= 0 && protectedShare <= 1))
    throw new ConfigError('tinyLfu.protectedShare', protectedShare, 'a share from 0 to 1');
  return {
    name: 'w-tinylfu',
    init(capacity) {
      const windowMost = Math.max(1, Math.floor(capacity * windowShare));
      return {
        window: noKeys(),
        probation: noKeys(),
        protected: noKeys(),
        sketch: emptySketch(capacity),
        windowMost,
        protectedMost: Math.floor((capacity - windowMost) * protectedShare),
      };
    },
    touched(state, key) {
      countOnce(state.sketch, key);
      if (state.window.places.has(key)) moveToBack(state.window, key);
      else if (state.protected.places.has(key)) moveToBack(state.protected, key);
      else protect(state, key);
    },
    inserted(state, key) {
      countOnce(state.sketch, key);
      append(state.window, key);
      // There is room in the main part: a full cache has evicted before.
      if (state.window.places.size > state.windowMost) append(state.probation, takeFront(state.window) as string);
    },
    removed(state, key) {
      for (const part of [state.window, state.probation, state.protected]) take(part, key);
    },
    evict(state) {
      const { window, sketch, windowMost } = state;
      const main = state.probation.front === undefined ? state.protected : state.probation;
      const candidate = window.places.size < windowMost ? undefined : window.front;
      const victim = main.front;
      if (victim === undefined) return takeFront(window);
      if (candidate === undefined) return takeFront(main);
      if (estimateOf(sketch, candidate) <= estimateOf(sketch, victim)) return takeFront(window);
      take(window, candidate);
      append(state.probation, candidate);
      return takeFront(main);
    },
  };
}

function protect(state: TinyLfuState, key: string): void {
  take(state.probation, key);
  append(state.protected, key);
  if (state.protected.places.size > state.protectedMost) append(state.probation, takeFront(state.protected) as string);
}
