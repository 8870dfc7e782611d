/**
 * Smooth weighted round robin (NGINX, commit 52327e062, I. Sysoev and M. Dounin, 2012): in turn, in proportion to the weights,
 * and *spread*: weights 5, 1, 1 give a a b a c a a, not a a a a a b c, so that the heavy backend gets no bursts.
 *
 * Each time every candidate's current weight grows by its effective weight; the greatest is chosen (the first of equals) and
 * pays the total. Over any run of as many requests as the weights add up to each gets exactly its weight. A failure lowers the
 * effective weight by a `maxFails`-th of the weight, and each choice among candidates raises it by one again, as NGINX does: a
 * backend that fails now and then is asked less, without being ejected.
 */
import { ConfigError } from '../../sim/index.ts';
import type { BalancerPolicy } from './policy.ts';

export interface SmoothWeightedRoundRobinOptions {
  /** An indefinite failure takes weight / maxFails off the effective weight; 0: nothing does. Default 1, as in NGINX. */
  readonly maxFails?: number;
}

export interface SmoothWeightedRoundRobinState {
  /** By backend index. */
  current: number[];
  /** What failures have taken off the weights and time has not given back. */
  lost: number[];
  weights: number[];
}

/** Throws ConfigError. */
export function smoothWeightedRoundRobin({
  maxFails = 1,
}: SmoothWeightedRoundRobinOptions = {}): BalancerPolicy<SmoothWeightedRoundRobinState> {
  if (!Number.isInteger(maxFails) || maxFails < 0)
    throw new ConfigError('smoothWeightedRoundRobin.maxFails', maxFails, 'a whole number of at least 0');
  return {
    name: 'smooth-weighted-round-robin',
    init(backends) {
      const size = Math.max(...backends.map(({ index }) => index)) + 1;
      const weights = Array.from({ length: size }, () => 0);
      for (const { index, weight } of backends) weights[index] = weight;
      return { current: weights.map(() => 0), lost: weights.map(() => 0), weights };
    },
    pick({ current, lost }, candidates) {
      let total = 0;
      let chosen = -1;
      for (const { index, weight } of candidates) {
        const effective = Math.max(0, weight - (lost[index] as number));
        current[index] = (current[index] as number) + effective;
        total += effective;
        lost[index] = Math.max(0, (lost[index] as number) - 1);
        if (chosen < 0 || (current[index] as number) > (current[chosen] as number)) chosen = index;
      }
      current[chosen] = (current[chosen] as number) - total;
      return chosen;
    },
    ended({ lost, weights }, backend, { ok, refused }) {
      if (ok || refused || maxFails === 0) return;
      const weight = weights[backend] as number;
      lost[backend] = Math.min(weight, (lost[backend] as number) + weight / maxFails);
    },
  };
}
