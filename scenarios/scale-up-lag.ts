import { count, defineScenario, s, violates } from '../sim/index.ts';
import {
  KEPT_THROUGH_THE_STEP,
  scaledService,
  scaledServiceChecks,
  scaledServiceNemesis,
} from './worlds/scaled-service.ts';

/**
 * An autoscaler that keeps its replicas nearly full. The step finds no room: for up to five seconds nobody looks, for five more the new
 * replicas start, and all the while the old ones are asked for twice what they can do.
 */
export default defineScenario({
  name: 'scale-up-lag',
  question: 'Load steps up to 2.5 times what it was: is the objective kept while an autoscaler adds replicas?',
  params: { rate: count(80, { min: 1, max: 300, doc: 'requests a second before the step; a replica can do 100' }) },
  duration: s(26),
  build: ({ world, params, duration }) =>
    scaledService({ world, duration, rate: params.rate, min: 1, target: 4, every: s(5), startUp: s(5) }),
  checks: scaledServiceChecks,
  expect: violates(KEPT_THROUGH_THE_STEP),
  recovery: false,
  nemesis: scaledServiceNemesis,
});
