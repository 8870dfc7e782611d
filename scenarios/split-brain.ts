import { defineScenario, partition, s, violates } from '../sim/index.ts';
import { groupParams } from './worlds/group-params.ts';
import { acrossTheSplit, fencedNemesis, replicatedGroup, replicatedGroupChecks } from './worlds/replicated-group.ts';

/**
 * Failover by silence alone. The network splits: n1, the primary, with n2 and two clients, from the rest. n3 makes itself primary,
 * both sides acknowledge writes, and after the heal n1 cuts off what it had promised. Synchronous replication does not help:
 * a primary that may go on alone stops waiting for the replicas that it believes dead.
 */
export default defineScenario({
  name: 'split-brain',
  question: 'Does an acknowledged write survive when the network splits and the old primary comes back?',
  params: groupParams,
  duration: s(18),
  recovery: s(2),
  build: ({ world, params, duration }) => replicatedGroup({ ...params, world, failover: 'naive', duration }),
  faults: ({ nodes, clients, params }) => [
    partition({ at: s(5), for: params.faultFor, groups: acrossTheSplit(nodes, clients) }),
  ],
  checks: replicatedGroupChecks,
  expect: violates(['no acknowledged write is lost', 'linearizable register']),
  nemesis: fencedNemesis,
});
