/** A primary-replica group with clients, as several scenarios ask about it; only the failover policy differs between them. */
import {
  linearizable,
  register,
  noAcknowledgedWriteLost,
  oneLeaderPerTerm,
  exponential,
  ms,
  raftInvariants,
  sometimes,
  s,
  type Check,
  type Micros,
  type NodeRef,
  type RaftView,
  type RunView,
  type Target,
  type WorldBuilder,
} from '../../sim/index.ts';
import {
  kvClient,
  primaryReplica,
  primaryStore,
  replicaLogView,
  type FailoverPolicy,
  type ReplicaProtocol,
  type ReplicaState,
} from '../../models/index.ts';
import { ALL_THAT_HEALS } from './claims.ts';

export interface ReplicatedGroup {
  readonly nodes: readonly NodeRef<ReplicaProtocol>[];
  readonly clients: readonly NodeRef[];
  readonly failover: FailoverPolicy;
}

export type Spread = 'zone' | 'zones' | 'regions';

export interface ReplicatedGroupOptions {
  readonly world: WorldBuilder;
  readonly failover: FailoverPolicy;
  readonly replication: 'sync' | 'async';
  readonly nodes: number;
  readonly clients: number;
  /** Mean time between two operations of a client. Default 80 ms. */
  readonly think?: Micros;
  /** Where the nodes are: in one zone, each in a zone of its own, each in a region of its own. Default `zone`. */
  readonly spread?: Spread;
  /** Mean time of a flush. Default 500 µs. */
  readonly fsync?: Micros;
  /** Length of the run; clients stop two seconds before it ends. */
  readonly duration: Micros;
}

/** Places nodes n1, n2, … and clients c1, c2, … that read and write three registers. */
export function replicatedGroup({
  world,
  failover,
  replication,
  nodes: size,
  clients: count,
  think = ms(80),
  spread = 'zone',
  fsync,
  duration,
}: ReplicatedGroupOptions): ReplicatedGroup {
  const nodes = world.refs<ReplicaProtocol>('n', size);
  const actor = primaryReplica({ nodes, failover, replication });
  const disk = fsync === undefined ? {} : { disk: { fsync: exponential({ mean: fsync }) } };
  nodes.forEach((node, i) => world.node(node, { actor, ...disk, ...placeOf(i, spread) }));
  const store = primaryStore({ nodes });
  const pause = exponential({ mean: think });
  const client = kvClient({ store, keys: ['x', 'y', 'z'], think: pause, from: s(1), until: duration - s(2) });
  const clients = world.refs<Record<never, never>>('c', count);
  clients.forEach((ref, i) => world.node(ref, { actor: client, ...placeOf(i % size, spread) }));
  return { nodes, clients, failover };
}

/** Clients stand beside the nodes. */
const placeOf = (i: number, spread: Spread): { zone?: string; region?: string } =>
  spread === 'zones' ? { zone: `zone-${i + 1}` } : spread === 'regions' ? { region: `region-${i + 1}` } : {};

/** The log of the latest term's primary: what the group holds. */
function survivingWrites(view: RunView, { nodes }: ReplicatedGroup): readonly unknown[] | undefined {
  let last: ReplicaState | undefined;
  for (const node of nodes) {
    const state = view.state<ReplicaState>(node);
    if (state?.role === 'primary' && (last === undefined || state.term > last.term)) last = state;
  }
  return last?.log.flatMap(({ command }) => (command?.f === 'write' ? [command.value] : []));
}

/** The updates in the order of the longest committed log, as operations of the history: the order that the group itself knows. */
function committedUpdates(view: RunView, { nodes }: ReplicatedGroup): readonly number[] {
  const states = nodes.flatMap((node) => view.state<ReplicaState>(node) ?? []);
  const last = states.reduce<ReplicaState | undefined>(
    (best, state) => (best === undefined || state.commit > best.commit ? state : best),
    undefined,
  );
  const byValue = new Map<unknown, number>();
  for (const { id, f, input, outcome } of view.operations)
    if (f === 'write' && outcome !== 'fail') byValue.set(input, id);
  const committed = (last?.log.slice(0, last.commit) ?? []).flatMap(({ command }) =>
    command?.f === 'write' ? (byValue.get(command.value) ?? []) : [],
  );
  return [...new Set(committed)];
}

/** What every such scenario promises, and what must have happened for the run to show anything. */
export function replicatedGroupChecks(group: ReplicatedGroup): readonly Check[] {
  const roles = ['replica'];
  return [
    noAcknowledgedWriteLost({ survivors: (view) => survivingWrites(view, group) }),
    linearizable(register(), group.failover === 'fenced' ? { order: (view) => committedUpdates(view, group) } : {}),
    ...(group.failover === 'fenced' ? raft(group, roles) : [oneLeader(roles)]),
    sometimes(
      'a write is acknowledged',
      (view) => view.operations.some((op) => op.f === 'write' && op.outcome === 'ok'),
      { roles: ['client'] },
    ),
    sometimes('a failover', (view) => primaryTerm(view, group) > 1, { roles }),
  ];
}

const oneLeader = (roles: readonly string[]): Check =>
  oneLeaderPerTerm<ReplicaState>({ leader: ({ role, term }) => (role === 'primary' ? term : undefined), roles });

/** Fenced failover is Raft, and is held to all that Raft promises; the other policies break some of it by design. */
function raft({ nodes }: ReplicatedGroup, roles: readonly string[]): readonly Check[] {
  const voters = [nodes.map(({ id }) => id)];
  return raftInvariants<ReplicaState>({ view: asRaftServer, voters: () => voters, roles });
}

const asRaftServer = (state: ReplicaState): RaftView => ({
  term: state.term,
  role:
    state.role === 'primary'
      ? 'leader'
      : state.role === 'replica'
        ? 'follower'
        : state.trial
          ? 'precandidate'
          : 'candidate',
  votedFor: state.votedFor === '' ? null : state.votedFor,
  log: replicaLogView(state),
  commitIndex: state.commit,
  appliedIndex: state.commit,
  snapshotIndex: 0,
  snapshotTerm: 0,
  durable: {
    term: state.synced.term,
    votedFor: state.synced.votedFor === '' ? null : state.synced.votedFor,
    lastIndex: state.synced.index,
  },
});

const primaryTerm = (view: RunView, { nodes }: ReplicatedGroup): number =>
  Math.max(
    0,
    ...nodes.map((node) => view.state<ReplicaState>(node)).map((state) => (state?.role === 'primary' ? state.term : 0)),
  );

/** n1 and n2 with the first two clients, and all the others. */
export const acrossTheSplit = (
  nodes: readonly NodeRef<ReplicaProtocol>[],
  clients: readonly NodeRef[],
): readonly (readonly Target[])[] => [
  [...nodes.slice(0, 2), ...clients.slice(0, 2)],
  [...nodes.slice(2), ...clients.slice(2)],
];

/** Fenced failover asks nothing of clocks and messages. It loses writes when a majority of the disks is lost or lies: not claimed. */
export const fencedNemesis = { profiles: ALL_THAT_HEALS };

/**
 * Failover by leases asks that clocks run alike and that no message is older than the margin between lease and election timeout,
 * 60 ms (primary-replica.ts). Cut off with a clock that stands still, the old primary believes in its lease for as long as that lasts and
 * answers reads; an append that comes late cuts off what a later primary has acknowledged. So no clocks, and nothing that holds messages up.
 */
export const leasedNemesis = {
  profiles: ['crashes', 'partitions', 'network', 'disks', 'zones', 'load', 'mixed'],
  limits: { families: ['crash', 'pause', 'partition', 'loss', 'duplicate', 'disk', 'zone', 'load'] },
} as const;
