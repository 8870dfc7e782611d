import { count, defineScenario, ms, s, violates } from '../sim/index.ts';
import { modulo } from '../models/index.ts';
import {
  DATABASE_READS,
  lostCache,
  shardedTier,
  shardedTierChecks,
  shardedTierNemesis,
} from './worlds/sharded-tier.ts';

/**
 * Keys are placed by their hash modulo the number of cache servers. When one of eight is away, seven keys of eight have another home,
 * where nobody has put them: the database is asked for nearly everything.
 */
export default defineScenario({
  name: 'lost-cache-node',
  question:
    'One of eight cache servers is lost: how much of the load reaches the database when keys are placed by modulo?',
  params: { rate: count(400, { min: 1, max: 800, doc: 'reads a second; the database can do 200' }) },
  duration: s(9),
  recovery: ms(1_500),
  build: ({ world, params, duration }) =>
    shardedTier({ world, duration, rate: params.rate, placement: (members) => modulo({ members }) }),
  faults: lostCache,
  checks: shardedTierChecks,
  expect: violates(DATABASE_READS),
  nemesis: shardedTierNemesis,
});
