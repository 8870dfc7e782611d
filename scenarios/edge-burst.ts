import { count, defineScenario, ms, s, span, trafficSpike, violates } from '../sim/index.ts';
import { fixedWindow, limiter } from '../models/index.ts';
import {
  GATE_KEEPS,
  gateKeeps,
  limitChecks,
  limitedService,
  limitNemesis,
  tenantOf,
} from './worlds/limited-service.ts';

/**
 * A fixed window counter lets its limit through at the end of one window and again at the beginning of the next: a burst across
 * the edge gets nearly twice the limit within half a second.
 */
export default defineScenario({
  name: 'edge-burst',
  question: 'Does a limit of so many requests a second hold when a burst falls on the edge between two windows?',
  params: {
    limit: count(100, { min: 1, max: 1_000, doc: 'requests that a tenant may make in a second' }),
    rate: count(60, { min: 1, max: 500, doc: 'requests a second that it makes' }),
    spikeFor: span('800ms', 'how long it makes twenty times as many'),
  },
  duration: s(15),
  build: ({ world, params, duration }) =>
    limitedService({
      world,
      duration,
      rate: params.rate,
      gateway: (target) => limiter({ target, policy: fixedWindow({ limit: params.limit }), keyOf: tenantOf }),
    }),
  faults: ({ clients, params }) => [
    trafficSpike({ nodes: clients, at: s(5) - ms(300), for: params.spikeFor, factor: 20 }),
  ],
  checks: (built) => {
    const { limit } = built.params;
    return [...limitChecks(limit, built), ...gateKeeps({ limit, window: s(1) })];
  },
  expect: violates(['the limit holds in any second', GATE_KEEPS]),
  recovery: s(2),
  nemesis: limitNemesis,
});
