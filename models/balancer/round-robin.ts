/**
 * Round robin: the backends in turn. Fair in numbers (over any n consecutive requests with all n backends usable each gets
 * exactly one), blind to load: a slow backend gets as many requests as a quick one. It knows no weights (smooth-weighted-round-robin.ts
 * does). State is one number, so a backend that leaves and comes back just takes its turn again.
 */
import type { BalancerPolicy } from './policy.ts';

export interface RoundRobinState {
  /** Whose turn it is. */
  next: number;
}

export const roundRobin = (): BalancerPolicy<RoundRobinState> => ({
  name: 'round-robin',
  ignoresWeights: true,
  init: () => ({ next: 0 }),
  pick(state, candidates) {
    const chosen = candidates.find(({ index }) => index >= state.next) ?? candidates[0];
    const index = chosen?.index ?? 0;
    state.next = index + 1;
    return index;
  },
});
