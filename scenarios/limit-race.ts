import { count, defineScenario, s, span, trafficSpike, violates } from '../sim/index.ts';
import { readThenWrite } from '../models/index.ts';
import { centralService, limitChecks, limitNemesis } from './worlds/limited-service.ts';

/**
 * Gateways share their counts in a store, and each reads, decides and writes. What two of them have read before either writes
 * is let through twice and counted once: the more requests, the more of them race, and the limit gives way just when it is
 * needed.
 */
export default defineScenario({
  name: 'limit-race',
  question: 'Does a limit that gateways keep together hold when each reads the count and writes it back?',
  params: {
    limit: count(100, { min: 1, max: 1_000, doc: 'requests that a tenant may make in a second' }),
    rate: count(60, { min: 1, max: 500, doc: 'requests a second that it makes' }),
    spikeFor: span('2s', 'how long it makes ten times as many'),
  },
  duration: s(15),
  build: ({ world, params: { limit, rate }, duration }) =>
    centralService({ world, duration, limit, rate, counting: readThenWrite }),
  faults: ({ clients, params }) => [trafficSpike({ nodes: clients, at: s(5), for: params.spikeFor, factor: 10 })],
  checks: (built) => limitChecks(built.params.limit, built),
  expect: violates('the limit holds in any second'),
  recovery: s(2),
  nemesis: limitNemesis,
});
