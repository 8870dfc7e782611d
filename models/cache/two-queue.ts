/**
 * 2Q (T. Johnson, D. Shasha, VLDB 1994, the full version): a key comes in through a short first-in-first-out line and is promoted to the
 * LRU line only when it is asked for again after it has left that line. So a scan passes through the short line and leaves the
 * rest alone, which LRU does not promise.
 *
 * `A1in` is the short line, `Am` the LRU line, `A1out` remembers the names of keys that `A1in` let go.
 */
import { ConfigError } from '../../sim/index.ts';
import { append, moveToBack, noKeys, take, takeFront, type KeyOrder } from './key-order.ts';
import type { EvictionPolicy } from './policy.ts';

export interface TwoQueueOptions {
  /** Share of the capacity that is for keys asked for once, 0…1. Default 0.25, as the paper advises. */
  readonly inShare?: number;
  /** Names remembered of keys that went, as a share of the capacity, 0 or more. Default 0.5. */
  readonly outShare?: number;
}

export interface TwoQueueState {
  a1in: KeyOrder;
  a1out: KeyOrder;
  am: KeyOrder;
  inMost: number;
  outMost: number;
}

/** Throws ConfigError. */
export function twoQueue({ inShare = 0.25, outShare = 0.5 }: TwoQueueOptions = {}): EvictionPolicy<TwoQueueState> {
  if (!(inShare >= 0 && inShare <= 1)) throw new ConfigError('twoQueue.inShare', inShare, 'a share from 0 to 1');
  if (!(outShare >= 0 && outShare < Infinity))
    throw new ConfigError('twoQueue.outShare', outShare, 'a share of at least 0');
  return {
    name: '2q',
    init: (capacity) => ({
      a1in: noKeys(),
      a1out: noKeys(),
      am: noKeys(),
      inMost: Math.max(1, Math.floor(capacity * inShare)),
      outMost: Math.floor(capacity * outShare),
    }),
    touched: (state, key) => moveToBack(state.am, key),
    inserted(state, key) {
      const returns = state.a1out.places.has(key);
      take(state.a1out, key);
      append(returns ? state.am : state.a1in, key);
    },
    removed(state, key) {
      take(state.a1in, key);
      take(state.am, key);
    },
    evict(state) {
      const { a1in, a1out, am, inMost, outMost } = state;
      if (a1in.places.size <= inMost && am.places.size > 0) return takeFront(am);
      const key = takeFront(a1in);
      if (key !== undefined && outMost > 0) {
        if (a1out.places.size >= outMost) takeFront(a1out);
        append(a1out, key);
      }
      return key;
    },
  };
}
