import { count, defineScenario, holds, s } from '../sim/index.ts';
import { scaledService, scaledServiceChecks, scaledServiceNemesis } from './worlds/scaled-service.ts';

/**
 * The same step on a pool that looks every second, and keeps its replicas a quarter full: what the step needs is there when it
 * comes, and so is what the loss of one replica needs. That costs replicas, all the time; scaling alone cannot buy it.
 */
export default defineScenario({
  name: 'scale-up-headroom',
  question: 'Load steps up to 2.5 times what it was: is the objective kept by a pool with headroom for the step?',
  seed: 'scale-up-lag',
  params: { rate: count(80, { min: 1, max: 300, doc: 'requests a second before the step; a replica can do 100' }) },
  duration: s(26),
  build: ({ world, params, duration }) =>
    scaledService({ world, duration, rate: params.rate, min: 4, target: 0.5, every: s(1), startUp: s(5) }),
  checks: scaledServiceChecks,
  expect: holds(),
  recovery: false,
  nemesis: scaledServiceNemesis,
});
