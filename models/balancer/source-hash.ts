/**
 * Source hash: the backend follows from who asks (NGINX's `ip_hash`, HAProxy's `balance source` with a map): hash modulo the sum
 * of the weights, counted off along the usable backends. The same source gets the same backend without any table, as long as the
 * backends stay the same; when one comes or goes most sources move (modulo), and a busy source is one backend's alone.
 *
 * What counts as the source is the balancer's `keyOf`. For the same with little movement: `consistentHash`.
 */
import { murmur3 } from '../hashing/murmur3.ts';
import type { HashFunction } from '../hashing/hash-function.ts';
import type { BackendView, BalancerPolicy } from './policy.ts';

export interface SourceHashOptions {
  /** Default MurmurHash3. */
  readonly hash?: HashFunction;
}

export const sourceHash = ({ hash = murmur3 }: SourceHashOptions = {}): BalancerPolicy<Record<never, never>> => ({
  name: 'source-hash',
  init: () => ({}),
  pick(_state, candidates, { key }) {
    let left = hash(key) % candidates.reduce((sum, { weight }) => sum + weight, 0);
    const chosen = candidates.find(({ weight }) => (left -= weight) < 0) ?? candidates[0];
    return (chosen as BackendView).index;
  },
});
