import { count, defineScenario, s, span, violates } from '../sim/index.ts';
import { cacheCrash, writeBehindChecks, writeBehindNemesis, writeBehindOrders } from './worlds/write-behind-orders.ts';

/**
 * A write-behind cache acknowledges what it has in memory and flushes it half a second later at the latest. When it loses power in between,
 * orders are gone that clients were told are placed.
 */
export default defineScenario({
  name: 'lost-write-behind',
  question: 'A write-behind cache loses power: are all orders there that were acknowledged?',
  params: {
    rate: count(100, { min: 1, max: 1_000, doc: 'operations a second' }),
    flush: span('500ms', 'time between two flushes'),
  },
  duration: s(12),
  recovery: s(3),
  build: ({ world, params, duration }) => writeBehindOrders({ world, duration, ...params, journal: false }),
  faults: cacheCrash,
  checks: writeBehindChecks,
  expect: violates('no acknowledged write is lost', { also: ['linearizable register'] }),
  nemesis: writeBehindNemesis,
});
