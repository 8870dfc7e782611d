import { defineScenario, ms, s, span, violates } from '../sim/index.ts';
import { cassandraGroup, deletionChecks, rowsStayDeleted, thirdDown } from './worlds/cassandra-group.ts';

/**
 * n3 is down for longer than hints are kept for it, and than gc_grace. Rows are deleted meanwhile, and the others purge the
 * tombstones. Then n3 is back with the rows, nobody knows that they were deleted, and read repair spreads them.
 */
export default defineScenario({
  name: 'zombie-row',
  question: 'Does a deleted row come back with a node that was away for longer than gc_grace?',
  params: {
    faultFor: span('4500ms', 'how long n3 is down'),
    gcGrace: span('1s', 'age at which tombstones are purged'),
  },
  duration: s(10),
  recovery: s(2),
  build: ({ world, params: { gcGrace }, duration }) =>
    cassandraGroup({
      world,
      duration,
      writeLevel: 'QUORUM',
      readLevel: 'QUORUM',
      deletes: true,
      gcGrace,
      hintWindow: ms(500),
    }),
  faults: (group) => thirdDown(group, { at: s(2), for: group.params.faultFor }),
  checks: deletionChecks,
  expect: violates('a deleted row stays deleted', { also: ['linearizable register'] }),
  nemesis: rowsStayDeleted,
});
