import { defineScenario, s, violates } from '../sim/index.ts';
import { anotherLeader, leaderFaults, logCluster, logClusterChecks, logClusterNemesis } from './worlds/log-cluster.ts';

/**
 * acks = 1: a message is acknowledged when the leader has it. The leader is cut off with a producer, and goes on acknowledging; the
 * controller takes it for dead, a follower leads, and after the heal the old leader cuts off what only it has.
 */
export default defineScenario({
  name: 'leader-lost',
  question: 'Does a message that the leader of a partition has acknowledged survive the loss of that leader?',
  duration: s(18),
  recovery: s(3),
  build: ({ world, duration }) =>
    logCluster({
      world,
      duration,
      acks: 'leader',
      minInSync: 1,
      groups: { billing: { consumers: 2 }, audit: { consumers: 1, role: 'auditor' } },
    }),
  faults: leaderFaults,
  checks: (cluster) => [...logClusterChecks(cluster), anotherLeader(cluster)],
  expect: violates(['no acknowledged message is lost', 'the other subscriber sees every message too']),
  nemesis: logClusterNemesis,
});
