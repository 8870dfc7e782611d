/**
 * ARC, the adaptive replacement cache (N. Megiddo, D. Modha, FAST 2003): one line for keys asked for once lately (`t1`), one for keys
 * asked for more often (`t2`), and the names of what each let go (`b1`, `b2`). A request for a name in `b1` says that `t1` is too
 * small, one in `b2` that `t2` is: `target`, the size wanted for `t1`, moves accordingly. Resists scans and needs no tuning.
 *
 * A cache that is not full (after removals) evicts nothing and learns nothing: the paper knows no removals.
 */
import { append, moveToBack, noKeys, take, takeFront, type KeyOrder } from './key-order.ts';
import type { EvictionPolicy } from './policy.ts';

export interface ArcState {
  t1: KeyOrder;
  t2: KeyOrder;
  b1: KeyOrder;
  b2: KeyOrder;
  /** The paper's p: how many of the capacity `t1` should have. */
  target: number;
  capacity: number;
}

const size = (order: KeyOrder): number => order.places.size;

export const arc = (): EvictionPolicy<ArcState> => ({
  name: 'arc',
  init: (capacity) => ({ t1: noKeys(), t2: noKeys(), b1: noKeys(), b2: noKeys(), target: 0, capacity }),
  touched(state, key) {
    if (state.t2.places.has(key)) {
      moveToBack(state.t2, key);
      return;
    }
    take(state.t1, key);
    append(state.t2, key);
  },
  inserted(state, key) {
    const { t1, t2, b1, b2, capacity } = state;
    const returns = b1.places.has(key) || b2.places.has(key);
    take(b1, key);
    take(b2, key);
    append(returns ? t2 : t1, key);
    // Case IV: of both lists together 2c names are kept, and c of the first.
    while (size(t1) + size(b1) > capacity && size(b1) > 0) takeFront(b1);
    while (size(t1) + size(t2) + size(b1) + size(b2) > 2 * capacity && size(b2) > 0) takeFront(b2);
  },
  removed(state, key) {
    take(state.t1, key);
    take(state.t2, key);
  },
  evict(state, _random, incoming) {
    const { t1, t2, b1, b2, capacity } = state;
    const returnsToB2 = b2.places.has(incoming);
    if (b1.places.has(incoming)) state.target = Math.min(capacity, state.target + Math.max(1, size(b2) / size(b1)));
    else if (returnsToB2) state.target = Math.max(0, state.target - Math.max(1, size(b1) / size(b2)));
    const fromFirst =
      size(t1) > 0 && (size(t1) > state.target || (returnsToB2 && size(t1) === state.target) || size(t2) === 0);
    const key = takeFront(fromFirst ? t1 : t2);
    if (key !== undefined) append(fromFirst ? b1 : b2, key);
    return key;
  },
});
