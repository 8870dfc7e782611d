import { count, defineScenario, holds, s, span, trafficSpike } from '../sim/index.ts';
import { scripted } from '../models/index.ts';
import { centralService, limitChecks, limitNemesis } from './worlds/limited-service.ts';

/**
 * The same gateways, requests and store as in limit-race. The decision is made by a script in the store, one at a time, so that
 * no two requests see the same count; it costs a round trip less.
 */
export default defineScenario({
  name: 'limit-race-script',
  question: 'Does a limit that gateways keep together hold when the store counts and decides in one step?',
  seed: 'limit-race',
  params: {
    limit: count(100, { min: 1, max: 1_000, doc: 'requests that a tenant may make in a second' }),
    rate: count(60, { min: 1, max: 500, doc: 'requests a second that it makes' }),
    spikeFor: span('2s', 'how long it makes ten times as many'),
  },
  duration: s(15),
  build: ({ world, params: { limit, rate }, duration }) =>
    centralService({ world, duration, limit, rate, counting: scripted }),
  faults: ({ clients, params }) => [trafficSpike({ nodes: clients, at: s(5), for: params.spikeFor, factor: 10 })],
  checks: (built) => limitChecks(built.params.limit, built),
  expect: holds(),
  recovery: s(2),
  nemesis: limitNemesis,
});
