/**
 * Least recently used: the key that nobody has asked for the longest goes. Good for skewed popularity and for working sets that
 * change; a scan over more keys than fit empties it. A stack algorithm (Mattson et al., 1970): a larger cache never misses more.
 * Under independent references its hit ratio follows Che's approximation (H. Che, Y. Tung, Z. Wang, 2002).
 */
import { append, moveToBack, noKeys, take, takeFront, type KeyOrder } from './key-order.ts';
import type { EvictionPolicy } from './policy.ts';

export const lru = (): EvictionPolicy<KeyOrder> => ({
  name: 'lru',
  init: noKeys,
  touched: moveToBack,
  inserted: append,
  removed: take,
  evict: takeFront,
});
