import { defineScenario, holds, s, span } from '../sim/index.ts';
import { ALL_THAT_HEALS } from './worlds/claims.ts';
import { cassandraGroup, cassandraGroupChecks, firstAhead } from './worlds/cassandra-group.ts';

/**
 * The same clock ahead as in skewed-clock-update, with the same luck. The one writer of a row gives its writes their timestamps,
 * which rise whatever its clock does. (Two writers of one row would need clocks that agree.)
 */
export default defineScenario({
  name: 'skewed-clock-update-client',
  question: 'Is no update lost when the only writer of a row gives its writes timestamps that rise?',
  params: { ahead: span('400ms', "how far n1's clock is ahead"), faultFor: span('3s', 'for how long') },
  seed: 'skewed-clock-update',
  duration: s(10),
  recovery: s(2),
  build: ({ world, duration }) =>
    cassandraGroup({ world, duration, writeLevel: 'QUORUM', readLevel: 'QUORUM', timestamps: 'client' }),
  faults: (group) => firstAhead(group, { at: s(3), for: group.params.faultFor, by: group.params.ahead }),
  checks: cassandraGroupChecks,
  expect: holds(),
  nemesis: { profiles: ALL_THAT_HEALS },
});
