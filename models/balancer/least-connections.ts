/**
 * Least connections: the backend with the fewest requests in progress, ties at random ("join the shortest queue" when the
 * balancer sees every request). Adapts to slow backends without measuring anything. Two weaknesses are the real algorithm's: a
 * backend that fails quickly has few connections and attracts requests, and several balancers each see their own requests only.
 * Ties must be random: with "the first one" the low indices get more, and several balancers move in step.
 *
 * With weights, the least in progress per weight, as in NGINX and HAProxy.
 */
import type { BackendView, BalancerPolicy } from './policy.ts';

export const leastConnections = (): BalancerPolicy<Record<never, never>> => ({
  name: 'least-connections',
  init: () => ({}),
  pick(_state, candidates, { random }) {
    const least: number[] = [];
    let best: BackendView | undefined;
    for (const candidate of candidates) {
      const order = best === undefined ? -1 : candidate.inFlight * best.weight - best.inFlight * candidate.weight;
      if (order < 0) {
        least.length = 0;
        best = candidate;
      }
      if (order <= 0) least.push(candidate.index);
    }
    return random.pick(least);
  },
});
