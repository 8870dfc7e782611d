/**
 * The power of two choices (M. Mitzenmacher, "The power of two choices in randomized load balancing", TPDS 2001; Y. Azar et
 * al., "Balanced allocations", 1994): draw two different candidates at random, take the one with fewer requests in progress
 * (per weight). Almost as good as asking all of them (queues are doubly exponentially short), at a constant cost, and free of
 * the herd that all balancers form when they see the same stale "least loaded" backend. The first drawn wins a tie, which is a
 * fair one.
 *
 * NGINX's `random two least_conn`, Envoy's `LEAST_REQUEST` with equal weights.
 */
import { choicesFrom, drawDistinct } from './choices.ts';
import { isLessLoaded, type BackendView, type BalancerPolicy } from './policy.ts';

export interface PowerOfChoicesOptions {
  /** How many are drawn, at least 1 (which is random). Default 2. */
  readonly choices?: number;
}

/** Throws ConfigError. */
export function powerOfChoices(options: PowerOfChoicesOptions = {}): BalancerPolicy<Record<never, never>> {
  const choices = choicesFrom(options.choices ?? 2, 'powerOfChoices.choices');
  return {
    name: 'power-of-choices',
    init: () => ({}),
    pick(_state, candidates, { random }) {
      const drawn = drawDistinct(candidates, choices, random);
      return drawn.reduce((best: BackendView, other) => (isLessLoaded(other, best) ? other : best)).index;
    },
  };
}
