/**
 * Consistent hashing: the key's owner among all backends, on a ring (Envoy's `RING_HASH`, HAProxy's `hash-type consistent`), in
 * a Maglev table (Envoy's `MAGLEV`), or any other placement; when the owner cannot be used, the next in the key's order. So a
 * backend that goes moves only its own keys, which is what keeps caches behind the balancer warm.
 *
 * With `factor` loads are bounded (Mirrokni et al.; HAProxy's `hash-balance-factor`): a backend with more than `factor` times
 * its share of the requests in progress counts as full, and the key goes to the next: a hot key spills over instead of drowning
 * its owner.
 */
import { balanceFactor, boundedCapacity, firstWithRoom } from '../hashing/bounded-loads.ts';
import { hashRing } from '../hashing/hash-ring.ts';
import type { Placement, WeightedMember } from '../hashing/placement.ts';
import type { BackendIdentity, BackendView, BalancerPolicy } from './policy.ts';

export interface ConsistentHashOptions {
  /** How keys are placed on the backends, whose names are the members. Default: a ring with 100 points each. */
  readonly placement?: (members: readonly WeightedMember[]) => Placement;
  /** Most requests in progress, as a multiple of the backend's share, above 1. Default: no bound. */
  readonly factor?: number;
}

export interface ConsistentHashState {
  readonly backends: readonly BackendIdentity[];
}

/** Throws ConfigError. */
export function consistentHash(options: ConsistentHashOptions = {}): BalancerPolicy<ConsistentHashState> {
  const { placement: make = (members) => hashRing({ members }) } = options;
  const factor = options.factor === undefined ? undefined : balanceFactor(options.factor, 'consistentHash.factor');
  // A placement is a pure value of its members, made once for all balancers and runs that have the same.
  const made = new Map<string, Placement>();
  const placementOf = ({ backends }: ConsistentHashState): Placement => {
    const name = backends.map(({ id, weight }) => `${id}=${weight}`).join(' ');
    let placement = made.get(name);
    if (placement === undefined) made.set(name, (placement = make(backends.map(({ id, weight }) => ({ id, weight })))));
    return placement;
  };
  return {
    name: 'consistent-hash',
    init: (backends) => ({ backends: backends.map(({ index, id, weight }) => ({ index, id, weight })) }),
    pick(state, candidates, { key }) {
      const [first] = candidates as readonly [BackendView, ...BackendView[]];
      if (candidates.length === 1) return first.index;
      const total = 1 + candidates.reduce((sum, { inFlight }) => sum + inFlight, 0);
      const weights = candidates.reduce((sum, { weight }) => sum + weight, 0);
      const candidate = (id: string): BackendView | undefined => candidates.find((one) => one.id === id);
      const fits = ({ inFlight, weight }: BackendView): boolean =>
        factor === undefined || inFlight < boundedCapacity(total, weight / weights, factor);
      const id = firstWithRoom(placementOf(state), key, (member) => {
        const view = candidate(member);
        return view !== undefined && fits(view);
      });
      return (candidate(id) ?? first).index;
    },
  };
}
