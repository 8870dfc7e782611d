import { count, defineScenario, goodputReturns, partition, s, span, violates } from '../sim/index.ts';
import { scripted } from '../models/index.ts';
import { centralService, limitChecks, limitNemesis } from './worlds/limited-service.ts';

/**
 * A tenant asks for nearly a third more than it may have. While the network keeps the store of counts away from them, gateways that
 * fail open let everything pass: the service stays available and nobody is limited.
 */
export default defineScenario({
  name: 'limiter-fail-open',
  question: 'Does the limit hold while gateways cannot reach the store of counts, and let everything pass?',
  params: {
    limit: count(100, { min: 1, max: 1_000, doc: 'requests that a tenant may make in a second' }),
    rate: count(130, { min: 1, max: 500, doc: 'requests a second that it makes' }),
    faultFor: span('3s', 'how long the store cannot be reached'),
  },
  duration: s(15),
  build: ({ world, params: { limit, rate }, duration }) =>
    centralService({ world, duration, limit, rate, counting: scripted, onStoreFailure: 'open' }),
  faults: ({ gateways, store, params }) => [
    partition({ groups: [gateways, store === undefined ? [] : [store]], at: s(4), for: params.faultFor }),
  ],
  // A gateway that stays slow goes on taking of the limit, for requests that it refuses: the store counts them too late.
  checks: (built) => [...limitChecks(built.params.limit, built), goodputReturns({ within: s(2), share: 0.25 })],
  expect: violates('the limit holds in any second'),
  recovery: s(2),
  nemesis: limitNemesis,
});
