import { count, defineScenario, s, slow, span, violates } from '../sim/index.ts';
import { PAGES_COME, shopChecks, shopGraph, shopNemesis } from './worlds/shop-graph.ts';

/**
 * A cascading failure. The slowest and least essential service becomes forty times as slow. Its callers wait, each holding a thread, then
 * their callers; soon every thread of the shop waits for reviews, and pages that never needed any do not come either.
 */
export default defineScenario({
  name: 'cascading-failure',
  question: 'Ratings are slow for five seconds: do pages of the shop still come, when every call waits for its answer?',
  params: {
    rate: count(80, { min: 1, max: 300, doc: 'pages a second' }),
    faultFor: span('5s', 'how long ratings are slow'),
  },
  duration: s(14),
  recovery: s(2),
  build: ({ world, params, duration }) =>
    shopGraph({ world, duration, rate: params.rate, reviews: { deadline: s(10) } }),
  faults: ({ ratings, params }) => [slow({ node: ratings, at: s(3), for: params.faultFor, factor: 40 })],
  checks: shopChecks,
  expect: violates(PAGES_COME),
  nemesis: shopNemesis,
});
