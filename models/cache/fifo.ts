/**
 * First in, first out: the key that has been in the cache the longest goes, however often it was asked for. A hit changes nothing,
 * which makes it cheap to share between threads. Under independent references it hits as often as random eviction (E. Gelenbe, 1973).
 * Not a stack algorithm: a larger cache may miss more (Belady's anomaly).
 */
import { append, noKeys, take, takeFront, type KeyOrder } from './key-order.ts';
import type { EvictionPolicy } from './policy.ts';

export const fifo = (): EvictionPolicy<KeyOrder> => ({
  name: 'fifo',
  init: noKeys,
  touched: () => {},
  inserted: append,
  removed: take,
  evict: takeFront,
});
