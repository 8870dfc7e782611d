/** Mistakes in the primary-replica group: fenced failover (Raft), and failover by leases. */
import type { Mutant } from './mutant.ts';

const FENCED = {
  scenario: 'split-brain-fenced',
  params: { nodes: 3, clients: 3, spread: 'regions', fsync: '10ms' },
} as const;
/** Many writes on slow disks: a crash finds several that are not synced. */
const BUSY = { nodes: 3, clients: 12, fsync: '20ms' } as const;
const ELECTION = 'models/replication/election.ts';
const SHIPPING = 'models/replication/log-shipping.ts';
const LOG = 'models/replication/replicated-log.ts';
const STATE = 'models/replication/replica-state.ts';
const PRIMARY = 'models/replication/primary-replica.ts';
const PROTOCOL = 'models/replication/replica-protocol.ts';

export const REPLICATION_MUTANTS: readonly Mutant[] = [
  {
    ...FENCED,
    name: 'replica-acks-before-fsync',
    bug: 'A replica confirms entries before they are on its disk.',
    file: SHIPPING,
    find: `Flow {
  yield* onDisk(settings, ctx);
  const state = ctx.state;
  if (state.term === message.term`,
    replace: `Flow {
  yield* [] as never[];
  const state = ctx.state;
  if (state.term === message.term`,
    profile: 'crashes',
    property: 'committed entries are durable on a majority',
  },
  {
    ...FENCED,
    name: 'primary-counts-itself-before-fsync',
    bug: 'A primary counts its own copy of an entry before it is on its disk.',
    file: ELECTION,
    find: `Flow {
  yield* onDisk(settings, ctx);
  ctx.update((state) => {
    if (state.role !== 'primary' || state.term !== term) return;`,
    replace: `Flow {
  yield* [] as never[];
  ctx.update((state) => {
    if (state.role !== 'primary' || state.term !== term) return;`,
    profile: 'crashes',
    property: 'committed entries are durable on a majority',
  },
  {
    ...FENCED,
    name: 'majority-off-by-one',
    bug: 'Half of the nodes, rounded down, count as a majority.',
    file: PROTOCOL,
    find: 'majority: Math.floor(nodes.length / 2) + 1,',
    replace: 'majority: Math.floor(nodes.length / 2),',
    profile: 'partitions',
    property: 'linearizable register',
  },
  {
    ...FENCED,
    name: 'commits-on-a-minority',
    bug: 'The commit index follows the second furthest replica instead of the middle one.',
    file: SHIPPING,
    find: 'reachedBy(settings.majority, reached)',
    replace: 'reachedBy(settings.majority - 1, reached)',
    profile: 'partitions',
    property: 'committed entries are durable on a majority',
  },
  {
    ...FENCED,
    name: 'acks-before-replication',
    bug: 'An update is answered when it is on the disk of the primary alone.',
    file: PRIMARY,
    find: '    yield* until(ctx, settings, entry.term, true, (state) => state.commit >= entry.index);\n',
    replace: '',
    profile: 'partitions',
    property: 'no acknowledged write is lost',
  },
  {
    ...FENCED,
    name: 'vote-not-persisted',
    bug: 'Term and vote are kept in memory only.',
    file: STATE,
    find: '  ctx.disk.append(VOTES_FILE, { term, votedFor } satisfies VoteRecord);\n',
    replace: '',
    profile: 'crashes',
    property: 'one vote a term',
  },
  {
    ...FENCED,
    name: 'log-recency-not-compared',
    bug: 'A vote goes to whoever asks first, however old its log is.',
    file: ELECTION,
    find: '!loyal && atLeastAsRecent(last, state.log)',
    replace: '!loyal',
    profile: 'mixed',
    property: 'leader completeness',
  },
  {
    ...FENCED,
    name: 'reads-served-locally',
    bug: 'A primary answers reads without asking whether it still is the primary.',
    file: PRIMARY,
    find: "  if (settings.failover === 'fenced') yield* confirmed(settings, ctx);\n  else trusted(",
    replace:
      "  yield* [] as never[];\n  mustBePrimary(ctx.state, settings, ctx);\n  if (settings.failover !== 'fenced') trusted(",
    profile: 'partitions',
    property: 'linearizable register',
  },
  {
    ...FENCED,
    params: BUSY,
    name: 'stale-append-accepted',
    bug: 'A replica takes entries without comparing the term of their primary with its own.',
    file: SHIPPING,
    find: "if (stale && (settings.failover !== 'quorum' || state.role === 'primary')) {",
    replace: "if (stale && state.role === 'primary') {",
    profile: 'crashes',
    property: 'state-machine safety',
  },
  {
    ...FENCED,
    name: 'conflict-not-cut-off',
    bug: 'A replica keeps entries that contradict those of its primary.',
    file: LOG,
    find: `      if (termAt(state.log, entry.index) === entry.term) continue;
      cut(state, entry.index - 1, ctx);`,
    replace: '      continue;',
    profile: 'mixed',
    property: 'log matching',
  },
  {
    ...FENCED,
    name: 'late-append-cuts-the-log',
    bug: 'A replica cuts off whatever stands behind the entries that it is sent.',
    file: LOG,
    find: `      if (termAt(state.log, entry.index) === entry.term) continue;
`,
    replace: '',
    profile: 'network',
    property: 'committed entries are durable on a majority',
  },
  {
    ...FENCED,
    name: 'retry-applied-twice',
    bug: 'The state machine does not remember which updates it has applied, so that a retry is applied again.',
    file: LOG,
    find: 'store.sessions[command.session] = { seq: command.seq, applied: change(store, command) };',
    replace: 'change(store, command);',
    profile: 'network',
    property: 'linearizable register',
  },
  {
    ...FENCED,
    params: BUSY,
    name: 'torn-log-not-cut',
    bug: 'Recovery takes every record of the log that can be read, whether it follows from the one before it or not.',
    file: STATE,
    find: '    if (entry.index !== state.log.length + 1 || entry.before !== (before?.term ?? 0)) break;\n',
    replace: '    void before;\n',
    profile: 'crashes',
    property: 'log matching',
  },
  {
    name: 'stale-primary-does-not-step-down',
    bug: 'A primary that has heard from no majority for a lease goes on serving.',
    file: 'models/replication/replica-role.ts',
    find: 'const since = ctx.clock.monotonic - settings.lease;',
    replace: 'const since = 0;',
    scenario: 'asymmetric-partition-quorum',
    profile: 'partitions',
    property: 'linearizable register',
  },
];
