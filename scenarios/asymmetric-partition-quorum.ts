import { defineScenario, holds, partitionOneWay, s } from '../sim/index.ts';
import { groupParams } from './worlds/group-params.ts';
import { leasedNemesis, replicatedGroup, replicatedGroupChecks } from './worlds/replicated-group.ts';

/**
 * The same one-way cut as in asymmetric-partition, with the same luck. A primary that gets no answers from a majority steps down
 * within a lease, before its voters become free to elect another one.
 */
export default defineScenario({
  name: 'asymmetric-partition-quorum',
  question: 'Does a primary that needs the answers of a majority survive a cut in one direction?',
  params: groupParams,
  seed: 'asymmetric-partition',
  duration: s(18),
  recovery: s(2),
  build: ({ world, params, duration }) => replicatedGroup({ ...params, world, failover: 'quorum', duration }),
  faults: ({ nodes, params }) => [
    partitionOneWay({ at: s(5), for: params.faultFor, from: nodes.slice(0, 1), to: nodes.slice(1) }),
  ],
  checks: replicatedGroupChecks,
  expect: holds(),
  nemesis: leasedNemesis,
});
