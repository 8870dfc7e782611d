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
    let best = candidates[0] as BackendView;
    let first = 0;
    let ties = 1;
    for (let i = 1; i < candidates.length; i++) {
      const order = compared(candidates[i] as BackendView, best);
      if (order < 0) {
        best = candidates[i] as BackendView;
        first = i;
        ties = 1;
      } else if (order === 0) ties++;
    }
    // Found again instead of kept in a list: this is done for every request.
    let left = random.int(ties);
    let i = first;
    while (left > 0) if (compared(candidates[++i] as BackendView, best) === 0) left--;
    return (candidates[i] as BackendView).index;
  },
});

/** Below 0 when `a` has less in progress per weight. */
const compared = (a: BackendView, b: BackendView): number => a.inFlight * b.weight - b.inFlight * a.weight;
