import { defineScenario, holds, ms, s, span } from '../sim/index.ts';
import { cassandraGroup, deletionChecks, rowsStayDeleted, thirdDown } from './worlds/cassandra-group.ts';

/**
 * The same node down as in zombie-row, with the same luck. Repairs go on all the time, and a tombstone that is old enough is
 * purged only when one of them has seen it on the disks of all copies. So n3 learns what was deleted, however long it was away.
 */
export default defineScenario({
  name: 'zombie-row-repaired',
  question: 'Do deleted rows stay deleted when only repaired tombstones are purged?',
  params: {
    faultFor: span('4500ms', 'how long n3 is down'),
    gcGrace: span('1s', 'age at which tombstones are purged'),
    repairEvery: span('600ms', 'time between two repairs by a node'),
  },
  seed: 'zombie-row',
  duration: s(10),
  recovery: s(2),
  build: ({ world, params: { gcGrace, repairEvery }, duration }) =>
    cassandraGroup({
      world,
      duration,
      writeLevel: 'QUORUM',
      readLevel: 'QUORUM',
      deletes: true,
      gcGrace,
      hintWindow: ms(500),
      purge: 'repaired',
      repairEvery,
    }),
  faults: (group) => thirdDown(group, { at: s(2), for: group.params.faultFor }),
  checks: deletionChecks,
  expect: holds(),
  nemesis: rowsStayDeleted,
});
