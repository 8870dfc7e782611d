import { count, defineScenario, s, violates } from '../sim/index.ts';
import { lostInvalidations, nearCacheChecks, nearCacheNemesis, nearCaches } from './worlds/near-caches.ts';

/**
 * Two tiers: near caches drop what the shared cache tells them to. A message that is lost is not sent again, and the near cache serves the
 * old value to whoever asks, until somebody happens to write the key once more.
 */
export default defineScenario({
  name: 'lost-invalidation',
  question: 'Invalidation messages to a near cache are lost for two seconds: for how long is what it serves stale?',
  params: { rate: count(100, { min: 1, max: 1_000, doc: 'operations a second' }) },
  duration: s(12),
  recovery: s(3),
  build: ({ world, params, duration }) => nearCaches({ world, duration, ...params, coherence: 'messages' }),
  faults: lostInvalidations,
  checks: nearCacheChecks,
  expect: violates('staleness within 1s'),
  nemesis: nearCacheNemesis,
});
