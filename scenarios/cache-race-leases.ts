import { count, defineScenario, holds, linearizable, register, s } from '../sim/index.ts';
import { cachedStore, cachedStoreChecks, cachedStoreNemesis, delayedReads } from './worlds/cached-store.ts';

/**
 * The same delay as in cache-race. Whoever misses gets a lease, a delete takes it back, and the late fill is refused: its reader starts
 * over. A write is acknowledged when the key is gone from the cache, and nobody reads past it: together they are linearizable.
 */
export default defineScenario({
  name: 'cache-race-leases',
  question: 'A read is held up while another application writes: do leases keep the old value out of the cache?',
  seed: 'cache-race',
  params: { rate: count(80, { min: 1, max: 500, doc: 'operations a second' }) },
  duration: s(12),
  recovery: s(3),
  build: ({ world, params, duration }) => cachedStore({ world, duration, rate: params.rate, leases: true }),
  faults: delayedReads,
  checks: (built) => [...cachedStoreChecks(built), linearizable(register())],
  expect: holds(),
  nemesis: cachedStoreNemesis,
});
