/** A consumer group that loses a member for longer than its session, and then the other; when it commits differs between the scenarios. */
import {
  always,
  crash,
  exponential,
  ms,
  pause,
  s,
  sometimes,
  type Check,
  type Fault,
  type Micros,
  type NemesisLimits,
  type NodeRef,
  type WorldBuilder,
} from '../../sim/index.ts';
import {
  effectStore,
  type EffectStoreProtocol,
  type EffectStoreState,
  type GroupCoordinatorState,
  type LogConsumerOptions,
} from '../../models/index.ts';
import { ALL_THAT_HEALS, COMES_BACK } from './claims.ts';
import { logCluster, logClusterChecks, logClusterNemesis, type LogCluster } from './log-cluster.ts';

export interface RebalancedGroup extends LogCluster {
  readonly store: NodeRef<EffectStoreProtocol>;
}

export interface RebalancedGroupOptions extends Pick<LogConsumerOptions, 'commit' | 'idempotent'> {
  readonly world: WorldBuilder;
  readonly duration: Micros;
}

/** The sound log (log-cluster.ts) with consumers billing1 and billing2, who write to `store`. */
export function rebalancedGroup({ world, duration, ...consuming }: RebalancedGroupOptions): RebalancedGroup {
  const store: NodeRef<EffectStoreProtocol> = world.node('store', { actor: effectStore() });
  const work = exponential({ mean: ms(12) });
  const cluster = logCluster({ world, duration, groups: { billing: { consumers: 2, store, work, ...consuming } } });
  return { ...cluster, store };
}

/** billing1 stands still over its messages until they are billing2's, which crashes over what has piled up. */
export function rebalancedGroupFaults({ groups }: RebalancedGroup): Fault[] {
  const [first, second] = groups['billing'] ?? [];
  if (first === undefined || second === undefined) return [];
  return [pause({ node: first, at: s(4), for: ms(2_500) }), crash({ node: second, at: ms(5_500), for: s(1) })];
}

export const rebalancedGroupChecks = (group: RebalancedGroup): readonly Check[] => [
  ...logClusterChecks(group),
  always(
    'no effect happens twice',
    (view) => {
      const again = view.state<EffectStoreState>(group.store)?.again ?? [];
      return again.length === 0 || `${again[0]} has had its effect a second time`;
    },
    { roles: ['store'] },
  ),
  sometimes(
    'a rebalance',
    (view) => (view.state<GroupCoordinatorState>(group.coordinator)?.groups['billing']?.generation ?? 0) > 1,
    { roles: ['coordinator'] },
  ),
];

const limits: NemesisLimits = {
  ...logClusterNemesis.limits,
  // Kafka's clients talk to leaders, or read from a follower at its pace: one that clients alone cannot reach is not deposed.
  mustHeal: ['clog', 'flapping', 'partition', 'partition-one-way', 'partition-partial'],
  roles: { ...logClusterNemesis.limits.roles, store: COMES_BACK },
};

export const rebalancedGroupNemesis = { profiles: ALL_THAT_HEALS, limits };
