import { count, defineScenario, holds, s, span } from '../sim/index.ts';
import { cacheCrash, writeBehindChecks, writeBehindNemesis, writeBehindOrders } from './worlds/write-behind-orders.ts';

/**
 * The same crash as in lost-write-behind. Orders are acknowledged when they are in a journal on the cache's own disk; after the crash
 * it reads there what it still has to flush.
 */
export default defineScenario({
  name: 'lost-write-behind-journal',
  question: 'A write-behind cache loses power: does a journal keep the orders that were acknowledged?',
  seed: 'lost-write-behind',
  params: {
    rate: count(100, { min: 1, max: 1_000, doc: 'operations a second' }),
    flush: span('500ms', 'time between two flushes'),
  },
  duration: s(12),
  recovery: s(3),
  build: ({ world, params, duration }) => writeBehindOrders({ world, duration, ...params, journal: true }),
  faults: cacheCrash,
  checks: writeBehindChecks,
  expect: holds(),
  nemesis: writeBehindNemesis,
});
