import { count, defineScenario, goodputReturns, holds, partition, s, span } from '../sim/index.ts';
import { scripted } from '../models/index.ts';
import { centralService, limitChecks, limitNemesis } from './worlds/limited-service.ts';

/**
 * The same partition as in limiter-fail-open. Gateways that fail closed refuse what they cannot count: the limit holds,
 * nobody is served for as long, and service is back as soon as the store is.
 */
export default defineScenario({
  name: 'limiter-fail-closed',
  question: 'Does the limit hold while gateways cannot reach the store of counts, and refuse everything?',
  seed: 'limiter-fail-open',
  params: {
    limit: count(100, { min: 1, max: 1_000, doc: 'requests that a tenant may make in a second' }),
    rate: count(130, { min: 1, max: 500, doc: 'requests a second that it makes' }),
    faultFor: span('3s', 'how long the store cannot be reached'),
  },
  duration: s(15),
  build: ({ world, params: { limit, rate }, duration }) =>
    centralService({ world, duration, limit, rate, counting: scripted, onStoreFailure: 'closed' }),
  faults: ({ gateways, store, params }) => [
    partition({ groups: [gateways, store === undefined ? [] : [store]], at: s(4), for: params.faultFor }),
  ],
  // A gateway that stays slow goes on taking of the limit, for requests that it refuses: the store counts them too late.
  checks: (built) => [...limitChecks(built.params.limit, built), goodputReturns({ within: s(2), share: 0.25 })],
  expect: holds(),
  recovery: s(2),
  nemesis: limitNemesis,
});
