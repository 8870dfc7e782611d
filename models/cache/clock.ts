/**
 * CLOCK, or second chance (F. Corbató, 1968): first in, first out, but a key that was asked for since the hand last came by is passed
 * over once. Nearly LRU's hit ratio, and a hit only sets a mark. An eviction passes over as many marks as hits have set: constant
 * time on average, not each time.
 */
import { append, moveToBack, noKeys, take, type KeyOrder } from './key-order.ts';
import type { EvictionPolicy } from './policy.ts';

export interface ClockState {
  /** Where the hand stands is the front. */
  circle: KeyOrder;
  marked: Set<string>;
}

export const clock = (): EvictionPolicy<ClockState> => ({
  name: 'clock',
  init: () => ({ circle: noKeys(), marked: new Set() }),
  touched: (state, key) => void state.marked.add(key),
  inserted: (state, key) => append(state.circle, key),
  removed(state, key) {
    take(state.circle, key);
    state.marked.delete(key);
  },
  evict(state) {
    while (state.circle.front !== undefined && state.marked.delete(state.circle.front))
      moveToBack(state.circle, state.circle.front);
    const key = state.circle.front;
    if (key !== undefined) take(state.circle, key);
    return key;
  },
});
