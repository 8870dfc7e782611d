/** A primary-replica group with clients, as several scenarios ask about it; only the failover policy differs between them. */
import {
  linearizable,
  register,
  noAcknowledgedWriteLost,
  oneLeaderPerTerm,
  sometimes,
  s,
  type Check,
  type Micros,
  type NodeRef,
  type RunView,
  type Target,
  type WorldBuilder,
} from '../../sim/index.ts';
import {
  kvClient,
  primaryReplica,
  primaryStore,
  type FailoverPolicy,
  type ReplicaProtocol,
  type ReplicaState,
} from '../../models/index.ts';
import { ALL_THAT_HEALS } from './claims.ts';

export interface ReplicatedGroup {
  readonly nodes: readonly NodeRef<ReplicaProtocol>[];
  readonly clients: readonly NodeRef[];
}

export interface ReplicatedGroupOptions {
  readonly world: WorldBuilder;
  readonly failover: FailoverPolicy;
  readonly replication: 'sync' | 'async';
  readonly nodes: number;
  readonly clients: number;
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
  duration,
}: ReplicatedGroupOptions): ReplicatedGroup {
  const nodes = world.refs<ReplicaProtocol>('n', size);
  const replica = primaryReplica({ nodes, failover, replication });
  for (const node of nodes) world.node(node, { actor: replica });
  const store = primaryStore({ nodes });
  const client = kvClient({ store, keys: ['x', 'y', 'z'], from: s(1), until: duration - s(2) });
  const clients = world.refs<Record<never, never>>('c', count);
  for (const ref of clients) world.node(ref, { actor: client });
  return { nodes, clients };
}

/** The log of the latest term's primary: what the group holds. */
function survivingWrites(view: RunView, { nodes }: ReplicatedGroup): readonly unknown[] | undefined {
  let last: ReplicaState | undefined;
  for (const node of nodes) {
    const state = view.state<ReplicaState>(node);
    if (state?.role === 'primary' && (last === undefined || state.term > last.term)) last = state;
  }
  return last?.log.flatMap(({ command }) => (command?.f === 'write' ? [command.value] : []));
}

/** What every such scenario promises, and what must have happened for the run to show anything. */
export function replicatedGroupChecks(group: ReplicatedGroup): readonly Check[] {
  const roles = ['replica'];
  return [
    noAcknowledgedWriteLost({ survivors: (view) => survivingWrites(view, group) }),
    linearizable(register()),
    oneLeaderPerTerm<ReplicaState>({ leader: ({ role, term }) => (role === 'primary' ? term : undefined), roles }),
    sometimes(
      'a write is acknowledged',
      (view) => view.operations.some((op) => op.f === 'write' && op.outcome === 'ok'),
      { roles: ['client'] },
    ),
    sometimes('a failover', (view) => primaryTerm(view, group) > 1, { roles }),
  ];
}

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
