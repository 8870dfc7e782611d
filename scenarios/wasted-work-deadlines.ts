import { count, defineScenario, holds, s, slow, span } from '../sim/index.ts';
import { orderChain, orderChainChecks, orderChainNemesis } from './worlds/order-chain.ts';

/**
 * The same database, but the time that a client still has travels with its order through every hop. What has expired leaves the queue, and the
 * newest is done first: in order of arrival each would be begun just before it expires.
 */
export default defineScenario({
  name: 'wasted-work-deadlines',
  question:
    'A database is slow for five seconds: does it work for clients who still wait, when deadlines travel along?',
  seed: 'wasted-work',
  params: {
    rate: count(100, { min: 1, max: 190, doc: 'orders a second; the database can do 200' }),
    faultFor: span('5s', 'how long the database is slow'),
  },
  duration: s(14),
  recovery: s(2),
  build: ({ world, params, duration }) => orderChain({ world, duration, rate: params.rate, deadlines: true }),
  faults: ({ database, params }) => [slow({ node: database, at: s(3), for: params.faultFor, factor: 4 })],
  checks: orderChainChecks,
  expect: holds(),
  nemesis: orderChainNemesis,
});
