import { defineScenario, s, span, violates } from '../sim/index.ts';
import { ALL_THAT_HEALS } from './worlds/claims.ts';
import { cassandraGroup, cassandraGroupChecks, firstAhead } from './worlds/cassandra-group.ts';

/**
 * Coordinators give writes their timestamps. n1's clock is ahead: what is written by way of it wins over what is written by way
 * of the others for as long as it is ahead, although that comes later and is acknowledged by a quorum.
 */
export default defineScenario({
  name: 'skewed-clock-update',
  question: 'Does a clock that is ahead lose later updates, where the last write wins?',
  params: { ahead: span('400ms', "how far n1's clock is ahead"), faultFor: span('3s', 'for how long') },
  duration: s(10),
  recovery: s(2),
  build: ({ world, duration }) =>
    cassandraGroup({ world, duration, writeLevel: 'QUORUM', readLevel: 'QUORUM', timestamps: 'coordinator' }),
  faults: (group) => firstAhead(group, { at: s(3), for: group.params.faultFor, by: group.params.ahead }),
  checks: cassandraGroupChecks,
  expect: violates('linearizable register'),
  nemesis: { profiles: ALL_THAT_HEALS },
});
