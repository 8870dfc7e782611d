/** A partitioned, replicated log with two subscribing groups; what a message needs to be acknowledged differs between the scenarios. */
import {
  consumerGroupInvariants,
  crash,
  ListedLog,
  messageOrder,
  messageQueueDelivery,
  ms,
  partition,
  pause,
  primaryBackupInvariants,
  s,
  sometimes,
  type Check,
  type ConsumerView,
  type Fault,
  type Micros,
  type NemesisLimits,
  type NodeRef,
  type PrimaryBackupView,
  type QueueContents,
  type RunView,
  type WorldBuilder,
} from '../../sim/index.ts';
import {
  groupCoordinator,
  logBroker,
  logConsumer,
  logController,
  logProducer,
  partitionsOf,
  type Acks,
  type GroupCoordinatorProtocol,
  type GroupCoordinatorState,
  type LogBrokerProtocol,
  type LogBrokerState,
  type LogConsumerOptions,
  type LogConsumerState,
  type LogControllerProtocol,
  type LogProducerState,
} from '../../models/index.ts';
import { ALL_THAT_HEALS, COMES_BACK } from './claims.ts';

type Nothing = Record<never, never>;

export interface LogCluster {
  readonly brokers: readonly NodeRef<LogBrokerProtocol>[];
  readonly coordinator: NodeRef<GroupCoordinatorProtocol>;
  readonly partitions: readonly string[];
  readonly producers: readonly NodeRef[];
  /** Consumers by group. */
  readonly groups: Readonly<Record<string, readonly NodeRef[]>>;
}

export interface LogClusterOptions {
  readonly world: WorldBuilder;
  /** Default `all`. */
  readonly acks?: Acks;
  /** Default 2 of the three copies. */
  readonly minInSync?: number;
  /** Default false. */
  readonly uncleanElection?: boolean;
  readonly duration: Micros;
  /** Consumers by group, and how they consume. */
  readonly groups: Readonly<Record<string, { readonly consumers: number } & Partial<LogConsumerOptions>>>;
}

const TOPIC = 'orders';
const PARTITIONS = 2;

/**
 * Places `controller`, brokers b1, b2, b3, `coordinator`, producers p1 and p2, and the consumers of each group, named after it: billing1, …
 * Producers stop five seconds before the end.
 */
export function logCluster({
  world,
  acks = 'all',
  minInSync = 2,
  uncleanElection = false,
  duration,
  groups,
}: LogClusterOptions): LogCluster {
  const partitions = partitionsOf(TOPIC, PARTITIONS);
  const brokers = world.refs<LogBrokerProtocol>('b', 3);
  const controller: NodeRef<LogControllerProtocol> = world.node('controller', {
    actor: logController({ brokers, partitions, minInSync, uncleanElection }),
  });
  for (const ref of brokers)
    world.node(ref, { actor: logBroker({ controller, brokers, partitions, requestTimeout: '800ms' }) });
  const coordinator: NodeRef<GroupCoordinatorProtocol> = world.node('coordinator', {
    actor: groupCoordinator({ topics: { [TOPIC]: PARTITIONS } }),
  });
  const producer = logProducer({
    brokers,
    partitions,
    acks,
    until: duration - s(5),
    deadline: '1s',
    // With the last try it is over a second before the end.
    deliveryTimeout: '3s',
  });
  const producers = world.refs<Nothing>('p', 2);
  for (const ref of producers) world.node<LogProducerState, Nothing>(ref, { actor: producer });
  const members = Object.entries(groups).map(([group, { consumers, ...rest }]) => {
    const actor = logConsumer({ brokers, coordinator, group, topics: [TOPIC], ...rest });
    const refs = world.refs<Nothing>(group, consumers);
    for (const ref of refs) world.node<LogConsumerState, Nothing>(ref, { actor });
    return [group, refs] as const;
  });
  return { brokers, coordinator, partitions, producers, groups: Object.fromEntries(members) };
}

/**
 * First b1, with a producer, is cut off from everybody; then b2, by now the leader, from the other brokers only, and crashes before it
 * can give them what it has. One subscriber is away meanwhile.
 */
export function leaderFaults({ brokers, producers, groups }: LogCluster): Fault[] {
  const [b1, b2, b3] = brokers;
  const [p1] = producers;
  const [away] = groups[AUDIT] ?? [];
  if (b1 === undefined || b2 === undefined || b3 === undefined || p1 === undefined || away === undefined) return [];
  return [
    partition({ at: s(3), for: s(2), groups: [[b1, p1], ['*']] }),
    partition({ at: s(6), for: s(3), groups: [[b2], [b1, b3]] }),
    pause({ node: away, at: s(7), for: s(2) }),
    crash({ node: b2, at: ms(7_500), for: s(2) }),
  ];
}

/** What the log still holds for a group: the leader's records from the group's committed offsets on. */
function heldFor(view: RunView, cluster: LogCluster, group: string): QueueContents | undefined {
  const coordinator = view.state<GroupCoordinatorState>(cluster.coordinator);
  if (coordinator === undefined) return undefined;
  const queued: string[] = [];
  for (const partition of cluster.partitions) {
    const leader = leaderAtLast(view, cluster, partition);
    if (leader === undefined) return undefined;
    const from = coordinator.groups[group]?.committed[partition] ?? 0;
    for (const { message } of leader.log.slice(from)) queued.push(message.id);
  }
  return { queued, dead: [] };
}

function leaderAtLast(
  view: RunView,
  { brokers }: LogCluster,
  partition: string,
): LogBrokerState['replicas'][string] | undefined {
  let last: LogBrokerState['replicas'][string] | undefined;
  for (const ref of brokers) {
    const replica = view.state<LogBrokerState>(ref)?.replicas[partition];
    if (replica?.role !== 'leader') continue;
    if (last === undefined || (replica.metadata?.leaderEpoch ?? 0) > (last.metadata?.leaderEpoch ?? 0)) last = replica;
  }
  return last;
}

const [BILLING, AUDIT] = ['billing', 'audit'] as const;
const LOST = 'no acknowledged message is lost';
const EVERY = 'the other subscriber sees every message too';

/** What every such scenario promises, and what must have happened for the run to show anything. */
export function logClusterChecks(cluster: LogCluster): readonly Check[] {
  const { groups } = cluster;
  return [
    messageQueueDelivery({ subscriber: BILLING, contents: (view) => heldFor(view, cluster, BILLING), name: LOST }),
    ...(groups[AUDIT] === undefined
      ? []
      : [messageQueueDelivery({ subscriber: AUDIT, contents: (view) => heldFor(view, cluster, AUDIT), name: EVERY })]),
    messageOrder({
      subscriber: BILLING,
      lane: ({ client, key }) => `${client} ${key}`,
      name: 'a partition keeps the order',
    }),
    ...cluster.partitions.flatMap((partition) => replicaChecks(cluster, partition)),
    ...Object.entries(groups).flatMap(([group, nodes]) =>
      consumerGroupInvariants<LogConsumerState>({ view: asMember, nodes, group, lateNews: true }),
    ),
    sometimes(
      'a message is processed',
      (view) => view.operations.some(({ f, outcome }) => f === 'process' && outcome === 'ok'),
      {
        roles: ['consumer'],
      },
    ),
  ];
}

/** For those that are about leaders. */
export const anotherLeader = (cluster: LogCluster): Check =>
  sometimes(
    'another leader',
    (view) => cluster.partitions.some((one) => (leaderAtLast(view, cluster, one)?.metadata?.leaderEpoch ?? 0) > 1),
    {
      roles: ['broker'],
    },
  );

function replicaChecks({ brokers }: LogCluster, partition: string): readonly Check[] {
  return primaryBackupInvariants<LogBrokerState>({
    view: (state) => asReplica(state, partition),
    nodes: brokers,
    group: partition,
  });
}

/** A restarted broker has no part in the partition until the controller has told it of one. */
function asReplica({ replicas }: LogBrokerState, partition: string): PrimaryBackupView | undefined {
  const replica = replicas[partition];
  if (replica === undefined || replica.metadata === null) return undefined;
  const { log, metadata, role, highWatermark, synced } = replica;
  return {
    epoch: metadata.leaderEpoch,
    isPrimary: role === 'leader',
    log: new ListedLog(
      log,
      ({ epoch }) => epoch,
      ({ message }) => message.id,
    ),
    acknowledged: role === 'leader' ? highWatermark : 0,
    inSync: metadata.isr.filter((id) => id !== metadata.leader),
    durableIndex: synced,
  };
}

const asMember = ({ generation, partitions }: LogConsumerState): ConsumerView => ({
  generation,
  partitions: Object.entries(partitions),
});

const limits: NemesisLimits = {
  roles: {
    controller: COMES_BACK,
    coordinator: COMES_BACK,
    // A leader that answers one request in ten is alive as long as its heartbeats get through: a gray failure that the log does not see.
    broker: COMES_BACK.filter((family) => family !== 'load'),
    consumer: COMES_BACK,
    auditor: COMES_BACK,
    // Producers stop by their own clocks. One whose clock stands still publishes to the end, when messages are always on their way.
    producer: COMES_BACK.filter((family) => family !== 'clock'),
  },
  // Goodput is judged from three seconds later on, for the two that producers still have.
  quietAfter: s(10),
};

export const logClusterNemesis = { profiles: ALL_THAT_HEALS, limits };
