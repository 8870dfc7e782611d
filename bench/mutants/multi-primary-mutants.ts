/** Mistakes in multi-primary replication with conflict-free types. */
import type { Mutant } from './mutant.ts';

const NODE = 'models/multi-primary/multi-primary.ts';
const CELLS = 'models/multi-primary/cells.ts';
const OR_SET = 'models/crdt/or-set.ts';
const MERGED = { scenario: 'concurrent-edits-merged' } as const;
const BASKETS = 'every acknowledged edit of a basket is in it';
const VISITORS = 'every acknowledged visitor is counted';

export const MULTI_PRIMARY_MUTANTS: readonly Mutant[] = [
  {
    ...MERGED,
    name: 'edit-acks-before-fsync',
    bug: 'A node acknowledges an edit before it is on its disk.',
    file: NODE,
    find: '  if (settings.flushEvery === undefined) yield* flushed(ctx);\n  return { applied: true };',
    replace: '  return { applied: true };',
    property: VISITORS,
    profile: 'disks',
  },
  {
    ...MERGED,
    name: 'copies-applied-twice',
    bug: 'A node forgets which edits of a session it has accepted, and accepts the network’s copy of one again.',
    file: CELLS,
    find: '  if ((state.sessions[session] ?? 0) >= seq) return false;\n',
    replace: '',
    property: VISITORS,
    profile: 'network',
  },
  {
    ...MERGED,
    name: 'other-state-taken-over',
    bug: 'A node takes over what another one has, instead of merging it with its own.',
    file: CELLS,
    find: 'own === undefined ? copyOf(cell) : mergedCell(policyOf(key), own, cell)',
    replace: 'copyOf(cell)',
    property: BASKETS,
    profile: 'partitions',
  },
  {
    ...MERGED,
    name: 'state-taken-over-vector-joined',
    bug: 'A node keeps its own state of a key when another one’s is news as well, and joins the version vectors.',
    file: CELLS,
    find: ': mergedCell(policyOf(key), own, cell)',
    replace: ': { state: own.state, delivered: joined(own.delivered, cell.delivered) }',
    property: 'the replicas converge',
    profile: 'network',
  },
  {
    ...MERGED,
    name: 'removals-not-remembered',
    bug: 'A merge of sets is their union: what one has removed comes back from the other.',
    file: OR_SET,
    find: 'if (yours[replica] === dot || !knows(b, replica, dot)) kept',
    replace: 'kept',
    property: BASKETS,
    profile: 'network',
  },
  {
    ...MERGED,
    name: 'seen-off-by-one',
    bug: 'A merge takes an addition that the other has just missed for one that it has removed.',
    file: OR_SET,
    find: 'if (yours[replica] === dot || !knows(b, replica, dot)) kept',
    replace: 'if (yours[replica] === dot || !knows(b, replica, dot - 1)) kept',
    property: BASKETS,
    profile: 'network',
  },
  {
    ...MERGED,
    name: 'wanted-not-asked-for',
    bug: 'A node that learns in a comparison that it lacks something does not ask for it, nor does it send what the other lacks.',
    file: NODE,
    find: 'if (newer.length > 0 || wanted.length > 0) sendRepair',
    replace: 'if (newer.length > 0 && wanted.length > 0) sendRepair',
    property: 'the replicas converge',
    profile: 'partitions',
  },
  {
    ...MERGED,
    name: 'ring-without-origin',
    bug: 'A node of a ring passes a change on to the node that made it.',
    file: NODE,
    find: 'if (next !== undefined && next.id !== message.origin) ctx.send',
    replace: 'if (next !== undefined && (next.id !== message.origin || next.id < ctx.self.id)) ctx.send',
    params: { topology: 'ring' },
    property: 'no change comes round to its origin',
    profile: 'network',
  },
];
