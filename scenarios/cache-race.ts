import { count, defineScenario, s, violates } from '../sim/index.ts';
import { cachedStore, cachedStoreChecks, cachedStoreNemesis, delayedReads } from './worlds/cached-store.ts';

/**
 * The race of cache-aside. An application misses, reads the old value, and is held up; another one writes the new value and deletes
 * the key from the cache; then the first fills in the old value, which nobody deletes any more.
 */
export default defineScenario({
  name: 'cache-race',
  question: 'Does a read that is held up pin an old value in the cache after the write has deleted it?',
  params: { rate: count(80, { min: 1, max: 500, doc: 'operations a second' }) },
  duration: s(12),
  recovery: s(3),
  build: ({ world, params, duration }) => cachedStore({ world, duration, rate: params.rate, leases: false }),
  faults: delayedReads,
  checks: cachedStoreChecks,
  expect: violates('staleness within 100ms'),
  nemesis: cachedStoreNemesis,
});
