import { count, defineScenario, holds, ms, s, slow, sometimes, span } from '../sim/index.ts';
import { bulkhead, circuitBreaker, errorRate, fallback, timeLimit } from '../models/index.ts';
import { shopChecks, shopGraph, shopNemesis } from './worlds/shop-graph.ts';

/** What stands around a call for reviews, the first outermost. */
const contained = () => [
  // A page without reviews is a page.
  fallback({ answer: () => ({ by: 'nobody' }) }),
  // Once most of the last twenty calls failed nobody waits for them any more; five probes a second find out when that is over.
  circuitBreaker({ trip: errorRate({ size: 20, minimumCalls: 10 }), openFor: s(1), probes: 5 }),
  // However slow they are, they hold six threads at most.
  bulkhead({ limit: 6 }),
  timeLimit({ after: ms(250) }),
];

/**
 * The same slowness, contained where it would spread: the shop waits for reviews for a quarter of a second, in six of its twenty threads, stops
 * asking while they fail, and serves pages without them.
 */
export default defineScenario({
  name: 'cascading-failure-contained',
  question:
    'Ratings are slow for five seconds: do pages of the shop still come, with a breaker, a bulkhead and a fallback?',
  seed: 'cascading-failure',
  params: {
    rate: count(80, { min: 1, max: 300, doc: 'pages a second' }),
    faultFor: span('5s', 'how long ratings are slow'),
  },
  duration: s(14),
  recovery: s(2),
  build: ({ world, params, duration }) =>
    shopGraph({ world, duration, rate: params.rate, reviews: { policies: contained(), propagates: 'always' } }),
  faults: ({ ratings, params }) => [slow({ node: ratings, at: s(3), for: params.faultFor, factor: 40 })],
  // The breaker can open before every thread of ratings is taken: what shows that they were slow is a page without them.
  checks: (built) => [
    ...shopChecks(built).filter(({ kind }) => kind !== 'sometimes'),
    sometimes(
      'a page comes without its reviews',
      ({ metrics }) => metrics.counter(built.shop.id, 'reviews fallback').value > 0,
      { roles: ['client'] },
    ),
  ],
  expect: holds(),
  nemesis: shopNemesis,
});
