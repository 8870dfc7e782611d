import { defineScenario, s, violates } from '../sim/index.ts';
import { anotherLeader, leaderFaults, logCluster, logClusterChecks, logClusterNemesis } from './worlds/log-cluster.ts';

/**
 * acks = all, but of as few in-sync replicas as there are, and unclean election. Cut off from its followers the leader is soon the only
 * one in sync, acknowledges by itself, and crashes; rather than wait for it the controller elects a follower that has nothing of that.
 */
export default defineScenario({
  name: 'leader-lost-unclean',
  question: 'Does an acknowledged message survive the election of a leader that was not in sync?',
  seed: 'leader-lost',
  duration: s(18),
  recovery: s(3),
  build: ({ world, duration }) =>
    logCluster({
      world,
      duration,
      minInSync: 1,
      uncleanElection: true,
      groups: { billing: { consumers: 2 }, audit: { consumers: 1, role: 'auditor' } },
    }),
  faults: leaderFaults,
  checks: (cluster) => [...logClusterChecks(cluster), anotherLeader(cluster)],
  expect: violates(['the other subscriber sees every message too'], {
    also: [
      'no acknowledged message is lost',
      'a new primary has all that was acknowledged (orders-0)',
      'a new primary has all that was acknowledged (orders-1)',
    ],
  }),
  nemesis: logClusterNemesis,
});
