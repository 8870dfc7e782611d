/**
 * A primary with two replicas, of which the first in line is behind, and an operator who promotes one of them when the primary is
 * silent. When an update is acknowledged, and who is promoted, differ between the scenarios.
 */
import {
  crash,
  eventually,
  exponential,
  ms,
  noAcknowledgedWriteLost,
  partitionOneWay,
  primaryBackupInvariants,
  s,
  sometimes,
  type Check,
  type Fault,
  type Micros,
  type NodeRef,
  type PrimaryBackupView,
  type RunView,
  type WorldBuilder,
} from '../../sim/index.ts';
import {
  failoverOperator,
  kvClient,
  primaryReplica,
  primaryStore,
  replicaLogView,
  type FailoverOperatorOptions,
  type FailoverOperatorState,
  type KvClientState,
  type ReplicaProtocol,
  type ReplicaState,
  type ReplicationMode,
} from '../../models/index.ts';
import { ALL_THAT_HEALS, OVER_CONNECTIONS } from './claims.ts';

export interface PromotedGroup {
  readonly nodes: readonly NodeRef<ReplicaProtocol>[];
  readonly clients: readonly NodeRef[];
  readonly operator: NodeRef;
}

export interface PromotedGroupOptions extends Pick<FailoverOperatorOptions, 'choose' | 'answers'> {
  readonly world: WorldBuilder;
  readonly replication: ReplicationMode;
  /** Length of the run; clients stop two seconds before it ends. */
  readonly duration: Micros;
}

/** Nodes n1 … n3, clients c1 … c3, the operator o1. */
export function promotedGroup({ world, replication, duration, ...choice }: PromotedGroupOptions): PromotedGroup {
  const nodes = world.refs<ReplicaProtocol>('n', 3);
  const actor = primaryReplica({ nodes, failover: 'operator', replication });
  for (const node of nodes) world.node(node, { actor });
  const operator = world.node<FailoverOperatorState, Record<never, never>>('o1', {
    actor: failoverOperator({ nodes, ...choice }),
  });
  const store = primaryStore({ nodes });
  const think = exponential({ mean: ms(110) });
  const client = kvClient({ store, keys: ['x', 'y'], reads: 0.2, think, from: s(1), until: duration - s(2) });
  const clients = world.refs<Record<never, never>>('c', 3);
  for (const ref of clients) world.node<KvClientState, Record<never, never>>(ref, { actor: client });
  return { nodes, clients, operator: operator as NodeRef };
}

/** For a second n2 hears nothing from the primary, and then that one crashes. */
export function cutThenCrash(
  { nodes: [n1, n2] }: PromotedGroup,
  { at, for: length }: { readonly at: Micros; readonly for: Micros },
): readonly Fault[] {
  if (n1 === undefined || n2 === undefined) return [];
  return [partitionOneWay({ at: at - s(1), for: s(1), from: [n1], to: [n2] }), crash({ at, for: length, node: n1 })];
}

/**
 * The operator stands alone: it comes to no harm of its own, but its links do. It sees whether somebody serves and not how well: a primary
 * behind links that stay narrow stays primary, and so does one that some client can never reach; that this client is served is not claimed.
 */
export const promotedNemesis = {
  profiles: ALL_THAT_HEALS,
  limits: {
    families: OVER_CONNECTIONS,
    roles: { operator: ['partition', 'loss', 'duplicate', 'reorder', 'delay', 'clog'] },
  },
} as const;

/** The log of the latest term's primary; while there is none, the one that would be promoted. */
function survivingWrites(view: RunView, { nodes }: PromotedGroup): readonly unknown[] | undefined {
  const states = nodes.flatMap((node) => view.state<ReplicaState>(node) ?? []);
  const primaries = states.filter(({ role }) => role === 'primary');
  const candidates = primaries.length > 0 ? primaries : states;
  const rank = ({ role, term, log }: ReplicaState): number => (role === 'primary' ? term : (log.at(-1)?.term ?? 0));
  const last = candidates.reduce<ReplicaState | undefined>((best, one) => {
    if (best === undefined || rank(one) > rank(best)) return one;
    return rank(one) === rank(best) && one.log.length > best.log.length ? one : best;
  }, undefined);
  return last?.log.flatMap(({ command }) => (command?.f === 'write' ? [command.value] : []));
}

const asPrimaryBackup = ({ synced, term, role, log, commit }: ReplicaState): PrimaryBackupView => ({
  epoch: synced.term,
  isPrimary: role === 'primary' && synced.term === term,
  log: replicaLogView({ log }),
  acknowledged: role === 'primary' ? commit : 0,
  inSync: [],
  durableIndex: synced.index,
});

export function promotedGroupChecks(group: PromotedGroup): readonly Check[] {
  const promoted = (view: RunView): number => view.state<FailoverOperatorState>(group.operator)?.promoted ?? 0;
  const heard = (view: RunView): string => view.state<FailoverOperatorState>(group.operator)?.primary ?? '';
  return [
    noAcknowledgedWriteLost({ survivors: (view) => survivingWrites(view, group) }),
    ...primaryBackupInvariants<ReplicaState>({ view: asPrimaryBackup, roles: ['replica'] }),
    eventually('the operator hears a primary that serves', (view) => heard(view) !== '', { within: s(2) }),
    sometimes(
      'a write is acknowledged',
      (view) => view.operations.some(({ f, outcome }) => f === 'write' && outcome === 'ok'),
      { roles: ['client'] },
    ),
    sometimes('a replica is promoted', (view) => promoted(view) > 0, { roles: ['operator'] }),
  ];
}
