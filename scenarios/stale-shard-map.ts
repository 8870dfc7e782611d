import { defineScenario, s, violates } from '../sim/index.ts';
import { ONE_OWNER, shardGroup, shardGroupChecks, shardGroupFaults, shardGroupNemesis } from './worlds/shard-group.ts';

/**
 * Sharding that is left to the clients. Ranges are moved properly, with a write stop and half a second for routers to hear of it; but a
 * router that cannot reach the map service goes on sending writes to the old owner, and that one accepts them: nobody reads them there.
 */
export default defineScenario({
  name: 'stale-shard-map',
  question: 'Are writes lost when a router with an old shard map goes on writing to the old owner?',
  params: {},
  duration: s(8),
  recovery: false,
  build: ({ world, duration }) => shardGroup({ world, duration, fencing: false }),
  faults: shardGroupFaults,
  checks: shardGroupChecks,
  expect: violates(['no acknowledged write is lost', ONE_OWNER], {
    also: ['linearizable grow-only set', 'one owner a shard and epoch'],
  }),
  nemesis: shardGroupNemesis,
});
