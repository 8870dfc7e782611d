import { choice, defineScenario, s, span, violates } from '../sim/index.ts';
import { ALL_THAT_HEALS } from './worlds/claims.ts';
import { cassandraGroup, cassandraGroupChecks, thirdApart } from './worlds/cassandra-group.ts';

/**
 * Written at ONE and read at ONE: always answered, by whichever node is asked. n3 has lost touch with the others, takes writes
 * that they do not see, and answers reads with what it had.
 */
export default defineScenario({
  name: 'stale-one',
  question: 'Does a read at level ONE miss a write that was acknowledged at level ONE before it?',
  params: {
    writeLevel: choice<'ONE' | 'QUORUM'>('ONE', ['ONE', 'QUORUM'], 'how many copies a write waits for'),
    faultFor: span('3s', 'how long n3 is apart'),
  },
  duration: s(10),
  recovery: s(2),
  build: ({ world, params: { writeLevel }, duration }) =>
    cassandraGroup({ world, duration, writeLevel, readLevel: 'ONE' }),
  faults: (group) => thirdApart(group, { at: s(3), for: group.params.faultFor }),
  checks: cassandraGroupChecks,
  expect: violates('linearizable register'),
  nemesis: { profiles: ALL_THAT_HEALS },
});
