import { choice, defineScenario, holds, s, span } from '../sim/index.ts';
import { ALL_THAT_HEALS } from './worlds/claims.ts';
import { cassandraGroup, cassandraGroupChecks, thirdApart } from './worlds/cassandra-group.ts';

/**
 * The same node apart as in stale-one, with the same luck. Two copies of three meet any other two, and a read has brought two up
 * to date before it is answered. n3 alone refuses. Each row has one writer, whose timestamps rise.
 */
export default defineScenario({
  name: 'stale-one-quorum',
  question: 'Does every read at QUORUM see the last write at QUORUM?',
  params: {
    level: choice<'QUORUM' | 'LOCAL_QUORUM'>(
      'QUORUM',
      ['QUORUM', 'LOCAL_QUORUM'],
      'level of reads and writes; the same where there is one data centre',
    ),
    faultFor: span('3s', 'how long n3 is apart'),
  },
  seed: 'stale-one',
  duration: s(10),
  recovery: s(2),
  build: ({ world, params: { level }, duration }) =>
    cassandraGroup({ world, duration, writeLevel: level, readLevel: level }),
  faults: (group) => thirdApart(group, { at: s(3), for: group.params.faultFor }),
  checks: cassandraGroupChecks,
  expect: holds(),
  nemesis: { profiles: ALL_THAT_HEALS },
});
