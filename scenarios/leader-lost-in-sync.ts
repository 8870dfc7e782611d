import { defineScenario, holds, s } from '../sim/index.ts';
import { anotherLeader, leaderFaults, logCluster, logClusterChecks, logClusterNemesis } from './worlds/log-cluster.ts';

/**
 * The same faults as in leader-lost, with the same luck. A message is acknowledged when all in-sync replicas have it, of which there must be
 * two, and only these are elected: a cut-off leader refuses its producers, and a partition without a replica in sync waits for one.
 */
export default defineScenario({
  name: 'leader-lost-in-sync',
  question: 'Do two in-sync replicas and clean elections keep every acknowledged message when leaders are lost?',
  seed: 'leader-lost',
  duration: s(18),
  recovery: s(3),
  build: ({ world, duration }) =>
    logCluster({
      world,
      duration,
      groups: { billing: { consumers: 2 }, audit: { consumers: 1, role: 'auditor' } },
    }),
  faults: leaderFaults,
  checks: (cluster) => [...logClusterChecks(cluster), anotherLeader(cluster)],
  expect: holds(),
  nemesis: logClusterNemesis,
});
