import { choice, count, defineScenario, holds, ms, s, span, trafficSpike } from '../sim/index.ts';
import { burstAndRate, limiter, slidingWindowCounter, slidingWindowLog, type LimiterPolicy } from '../models/index.ts';
import {
  gateKeeps,
  limitChecks,
  limitedService,
  limitHolds,
  limitNemesis,
  tenantOf,
} from './worlds/limited-service.ts';

const POLICIES = {
  'sliding-window-log': (limit: number) => slidingWindowLog({ limit }) as LimiterPolicy<unknown>,
  'sliding-window-counter': (limit: number) => slidingWindowCounter({ limit }) as LimiterPolicy<unknown>,
};

/**
 * The same burst as in edge-burst at a window that slides. The log keeps the limit in every second; the counter, with two
 * numbers instead of a hundred instants, promises what a token bucket does: the limit at once, and the rest no faster than
 * the limit's rate.
 */
export default defineScenario({
  name: 'edge-burst-sliding',
  question: 'Does a limit of so many requests a second hold under the same burst when the window slides?',
  seed: 'edge-burst',
  params: {
    policy: choice<keyof typeof POLICIES>(
      'sliding-window-log',
      ['sliding-window-log', 'sliding-window-counter'],
      'how requests are counted',
    ),
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
      gateway: (target) =>
        limiter({ target, policy: POLICIES[params.policy](params.limit), keyOf: tenantOf, afterCrash: 'wait' }),
    }),
  faults: ({ clients, params }) => [
    trafficSpike({ nodes: clients, at: s(5) - ms(300), for: params.spikeFor, factor: 20 }),
  ],
  checks: (built) => {
    const { limit, policy } = built.params;
    const [inAnySecond, ...others] = limitChecks(limit, built);
    const bursts = limitHolds(burstAndRate(limit, limit, s(1)), 'bursts and rate stay within the limit');
    return policy === 'sliding-window-log' && inAnySecond !== undefined
      ? [inAnySecond, ...gateKeeps({ limit, window: s(1) }), bursts, ...others]
      : [bursts, ...gateKeeps({ rate: limit, burst: limit }), ...others];
  },
  expect: holds(),
  recovery: s(2),
  nemesis: limitNemesis,
});
