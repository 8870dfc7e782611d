import { count, defineScenario, s, slow, span, violates } from '../sim/index.ts';
import { orderChain, orderChainChecks, orderChainNemesis, WORK_IS_WANTED } from './worlds/order-chain.ts';

/**
 * Every hop has a timeout of its own, and the clients' is the shortest. When the database falls behind, its queue holds orders whose clients have
 * given up; it does them in turn, and those behind them are too late when it comes to them.
 */
export default defineScenario({
  name: 'wasted-work',
  question:
    'A database is slow for five seconds: does it work for clients who still wait, if only they know for how long?',
  params: {
    rate: count(100, { min: 1, max: 190, doc: 'orders a second; the database can do 200' }),
    faultFor: span('5s', 'how long the database is slow'),
  },
  duration: s(14),
  recovery: s(2),
  build: ({ world, params, duration }) => orderChain({ world, duration, rate: params.rate, deadlines: false }),
  faults: ({ database, params }) => [slow({ node: database, at: s(3), for: params.faultFor, factor: 4 })],
  checks: orderChainChecks,
  expect: violates(WORK_IS_WANTED),
  nemesis: orderChainNemesis,
});
