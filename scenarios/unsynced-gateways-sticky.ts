import { count, defineScenario, holds, s, span, trafficSpike } from '../sim/index.ts';
import { limiter, slidingWindowLog } from '../models/index.ts';
import { limitChecks, limitedService, limitNemesis, tenantOf } from './worlds/limited-service.ts';

/**
 * The same gateways as in unsynced-gateways, but each tenant keeps to one of them, which therefore sees all of its requests.
 * Nothing is shared and nothing waits for a store. A tenant whose gateway is down is not served: were it sent to another, it
 * would begin there anew.
 */
export default defineScenario({
  name: 'unsynced-gateways-sticky',
  question: 'Does a limit for each tenant hold when each of them keeps to one gateway, which counts for itself?',
  seed: 'unsynced-gateways',
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
      sticky: true,
      gateway: (target) =>
        limiter({ target, policy: slidingWindowLog({ limit }), keyOf: tenantOf, afterCrash: 'wait' }),
    }),
  faults: ({ clients, params }) => [trafficSpike({ nodes: clients, at: s(5), for: params.spikeFor, factor: 10 })],
  checks: (built) => limitChecks(built.params.limit, built),
  expect: holds(),
  recovery: s(2),
  nemesis: limitNemesis,
});
