import { defineScenario, partitionOneWay, s, violates } from '../sim/index.ts';
import { groupParams } from './worlds/group-params.ts';
import { leasedNemesis, replicatedGroup, replicatedGroupChecks } from './worlds/replicated-group.ts';

/**
 * The primary hears everybody, its replicas hear nothing of it: a firewall rule, a half-dead link. To the replicas it is dead, so
 * n2 takes over; to its clients it is alive, and it goes on acknowledging. A failure detector that looks one way only sees half.
 */
export default defineScenario({
  name: 'asymmetric-partition',
  question: 'What becomes of acknowledged writes when the primary still hears the others but they no longer hear it?',
  params: groupParams,
  duration: s(18),
  recovery: s(2),
  build: ({ world, params, duration }) => replicatedGroup({ ...params, world, failover: 'naive', duration }),
  faults: ({ nodes, params }) => [
    partitionOneWay({ at: s(5), for: params.faultFor, from: nodes.slice(0, 1), to: nodes.slice(1) }),
  ],
  checks: replicatedGroupChecks,
  expect: violates('no acknowledged write is lost', { also: ['linearizable register'] }),
  nemesis: leasedNemesis,
});
