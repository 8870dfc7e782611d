import { count, defineScenario, holds, ms, s } from '../sim/index.ts';
import { hashRing } from '../models/index.ts';
import { lostCache, shardedTier, shardedTierChecks, shardedTierNemesis } from './worlds/sharded-tier.ts';

/** The same loss as in lost-cache-node, with keys on a ring: the lost server's keys move, and no others. */
export default defineScenario({
  name: 'lost-cache-node-ring',
  question: 'One of eight cache servers is lost: does consistent hashing keep the others warm?',
  seed: 'lost-cache-node',
  params: { rate: count(400, { min: 1, max: 800, doc: 'reads a second; the database can do 200' }) },
  duration: s(9),
  recovery: ms(1_500),
  build: ({ world, params, duration }) =>
    shardedTier({ world, duration, rate: params.rate, placement: (members) => hashRing({ members }) }),
  faults: lostCache,
  checks: shardedTierChecks,
  expect: holds(),
  nemesis: shardedTierNemesis,
});
