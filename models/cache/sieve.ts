/**
 * SIEVE (Y. Zhang et al., NSDI 2024): as CLOCK, but what the hand passes over stays where it is and new keys come in at the young end, away
 * from the hand. So a key asked for once only is sifted out soon, and survivors are not moved. An eviction passes over as many marks
 * as hits have set: constant time on average, not each time.
 */
import { after, append, noKeys, take, type KeyOrder } from './key-order.ts';
import type { EvictionPolicy } from './policy.ts';

export interface SieveState {
  /** The oldest at the front. */
  line: KeyOrder;
  marked: Set<string>;
  /** Who is looked at next; undefined: the oldest. */
  hand: string | undefined;
}

function leave(state: SieveState, key: string): void {
  if (state.hand === key) state.hand = after(state.line, key);
  take(state.line, key);
  state.marked.delete(key);
}

export const sieve = (): EvictionPolicy<SieveState> => ({
  name: 'sieve',
  init: () => ({ line: noKeys(), marked: new Set(), hand: undefined }),
  touched: (state, key) => void state.marked.add(key),
  inserted: (state, key) => append(state.line, key),
  removed: leave,
  evict(state) {
    let key = state.hand ?? state.line.front;
    while (key !== undefined && state.marked.delete(key)) key = after(state.line, key) ?? state.line.front;
    if (key === undefined) return undefined;
    state.hand = key;
    leave(state, key);
    return key;
  },
});
