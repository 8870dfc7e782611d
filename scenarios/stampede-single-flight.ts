import { count, defineScenario, holds, s } from '../sim/index.ts';
import { singleFlight } from '../models/index.ts';
import { hotKeyChecks, hotKeyNemesis, hotKeys, slowDatabase } from './worlds/hot-keys.ts';

/** The same expiry as in stampede. Whoever misses waits for the load that is under way: the database is asked once for each key. */
export default defineScenario({
  name: 'stampede-single-flight',
  question: 'Hot keys expire while the database is slow: does single flight keep the readers from it?',
  seed: 'stampede',
  params: { rate: count(240, { min: 1, max: 2_000, doc: 'reads a second; the database can do 100' }) },
  duration: s(12),
  build: ({ world, params, duration }) => hotKeys({ world, duration, rate: params.rate, refresh: singleFlight() }),
  faults: slowDatabase,
  checks: hotKeyChecks,
  expect: holds(),
  nemesis: hotKeyNemesis,
});
