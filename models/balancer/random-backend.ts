/**
 * Random: any candidate, in proportion to the weights. No state and no coordination: many balancers that do not know each other
 * give what one would give. Each backend then is an M/M/1 queue of its own under Poisson arrivals: the worst of the policies
 * that waste nothing (mean 1/(1−ρ)), and the yardstick for the others.
 */
import type { BackendView, BalancerPolicy } from './policy.ts';

export const randomBackend = (): BalancerPolicy<Record<never, never>> => ({
  name: 'random',
  init: () => ({}),
  pick(_state, candidates, { random }) {
    const [first] = candidates as readonly [BackendView, ...BackendView[]];
    if (candidates.every(({ weight }) => weight === first.weight)) return random.pick(candidates).index;
    let left = random.next() * candidates.reduce((sum, { weight }) => sum + weight, 0);
    return (candidates.find(({ weight }) => (left -= weight) < 0) ?? first).index;
  },
});
