import { count, defineScenario, s, slow, span, violates } from '../sim/index.ts';
import {
  ANSWERS_ARE_QUICK,
  replicatedService,
  replicatedServiceChecks,
  replicatedServiceNemesis,
} from './worlds/replicated-service.ts';

/** A gray failure: one replica of five answers, but thirty times as slowly, and a fifth of all requests waits in its queue. */
export default defineScenario({
  name: 'slow-replica',
  question: 'One replica of five is slow for five seconds: are answers still quick when requests go to each in turn?',
  params: {
    rate: count(120, { min: 1, max: 800, doc: 'requests a second' }),
    faultFor: span('5s', 'how long the replica is slow'),
  },
  duration: s(15),
  build: ({ world, params, duration }) => replicatedService({ world, duration, rate: params.rate, policies: [] }),
  faults: ({ replicas, params }) => [slow({ node: replicas[0] ?? 'r1', at: s(4), for: params.faultFor, factor: 30 })],
  checks: replicatedServiceChecks,
  expect: violates(ANSWERS_ARE_QUICK),
  nemesis: replicatedServiceNemesis,
});
