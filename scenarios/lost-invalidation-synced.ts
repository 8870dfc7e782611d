import { count, defineScenario, holds, s, span } from '../sim/index.ts';
import { lostInvalidations, nearCacheChecks, nearCacheNemesis, nearCaches } from './worlds/near-caches.ts';

/**
 * The same loss as in lost-invalidation. Invalidations are numbered; near caches ask what they have missed, and trust what they hold for at
 * most 900 ms after they have sent a question that was answered. Cut off, they stop serving instead of serving what is old.
 */
export default defineScenario({
  name: 'lost-invalidation-synced',
  question:
    'Invalidation messages are lost: does a near cache that asks what it has missed bound how stale its values are?',
  seed: 'lost-invalidation',
  params: {
    rate: count(100, { min: 1, max: 1_000, doc: 'operations a second' }),
    trust: span('900ms', 'for how long a near cache trusts what it holds'),
  },
  duration: s(12),
  recovery: s(3),
  build: ({ world, params, duration }) => nearCaches({ world, duration, ...params, coherence: 'synced' }),
  faults: lostInvalidations,
  checks: nearCacheChecks,
  expect: holds(),
  nemesis: nearCacheNemesis,
});
