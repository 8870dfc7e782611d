import { defineScenario, holds, s } from '../sim/index.ts';
import { shardGroup, shardGroupChecks, shardGroupFaults, shardGroupNemesis } from './worlds/shard-group.ts';

/**
 * The same moves and the same split network as in stale-shard-map, with the same luck; every request names the epoch in which the shard
 * got its owner, and a server refuses what it does not own in that epoch. The router fetches the map and tries again, or refuses too.
 */
export default defineScenario({
  name: 'stale-shard-map-fenced',
  question: 'Do epochs in every request keep all acknowledged writes while shards move and split?',
  params: {},
  seed: 'stale-shard-map',
  duration: s(8),
  recovery: false,
  build: ({ world, duration }) => shardGroup({ world, duration, fencing: true }),
  faults: shardGroupFaults,
  checks: shardGroupChecks,
  expect: holds(),
  nemesis: shardGroupNemesis,
});
