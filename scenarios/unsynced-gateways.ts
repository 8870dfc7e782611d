import { count, defineScenario, s, span, trafficSpike, violates } from '../sim/index.ts';
import { limiter, slidingWindowLog } from '../models/index.ts';
import { limitChecks, limitedService, limitNemesis, tenantOf } from './worlds/limited-service.ts';

/**
 * Four gateways, each with the whole limit and counts of its own, none of which sees more than a quarter of the requests:
 * together they let four times the limit through.
 */
export default defineScenario({
  name: 'unsynced-gateways',
  question: 'Does a limit for each tenant hold when every gateway counts what passes through itself?',
  params: {
    limit: count(50, { min: 1, max: 1_000, doc: 'requests that a tenant may make in a second' }),
    rate: count(20, { min: 1, max: 500, doc: 'requests a second that each of four makes' }),
    spikeFor: span('2s', 'how long they make ten times as many'),
  },
  duration: s(15),
  build: ({ world, params: { limit, rate }, duration }) =>
    limitedService({
      world,
      duration,
      rate,
      tenants: 4,
      gateways: 4,
      gateway: (target) =>
        limiter({ target, policy: slidingWindowLog({ limit }), keyOf: tenantOf, afterCrash: 'wait' }),
    }),
  faults: ({ clients, params }) => [trafficSpike({ nodes: clients, at: s(5), for: params.spikeFor, factor: 10 })],
  checks: (built) => limitChecks(built.params.limit, built),
  expect: violates('the limit holds in any second'),
  recovery: s(2),
  nemesis: limitNemesis,
});
