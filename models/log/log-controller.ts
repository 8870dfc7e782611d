/**
 * The controller of a replicated log: it hears from the brokers, and elects a leader for each partition (Kafka's KRaft controller).
 *
 * Promises that nobody acts on a decision that a crash of the controller could take back: decisions are told when they are on disk.
 * Leader epochs and partition epochs only grow. A broker that has not been heard of for the session timeout is fenced; it comes
 * back with its next heartbeat, and with a new broker epoch after a restart, in sync with nothing until it has caught up (election.ts).
 *
 * Simplified: one controller instead of a Raft quorum of them. While it is down leaders go on leading, with the in-sync replicas that
 * they have; nobody is elected. Metadata is sent as a whole with each answer instead of being fetched as a log.
 */
import {
  CallError,
  ConfigError,
  copyOf,
  defineActor,
  parseDuration,
  reject,
  type Actor,
  type Duration,
  type Flow,
  type Micros,
  type NodeRef,
} from '../../sim/index.ts';
import { syncOrStop } from '../durability/sync-or-stop.ts';
import { unlessDiskFull } from '../durability/unless-disk-full.ts';
import type {
  AlterPartition,
  ClusterMetadata,
  Heartbeat,
  LogControllerProtocol,
  MetadataListener,
  PartitionMetadata,
  Registration,
} from './cluster-metadata.ts';
import {
  admit,
  decide,
  distrust,
  electAll,
  fence,
  initialState,
  recoveredController,
  toldMetadata,
  type ControllerContext,
  type LogControllerState,
  type RegisteredBroker,
} from './controller-state.ts';
import { withInSync } from './election.ts';

export interface LogControllerOptions {
  readonly brokers: readonly NodeRef<MetadataListener>[];
  /** Names of the partitions (`partitionsOf`). */
  readonly partitions: readonly string[];
  /** Copies of each partition, at most as many as there are brokers. Default 3, or the number of brokers if that is less. */
  readonly replicationFactor?: number;
  /** `min.insync.replicas`, from 1 to `replicationFactor`: what acks = all waits for at least. Default 1, as Kafka's. */
  readonly minInSync?: number;
  /** A broker that is silent for longer is fenced. Default 1 s (Kafka: 9 s); above the brokers' heartbeat interval. */
  readonly sessionTimeout?: Duration;
  /** When no in-sync replica is alive, elect any that is: what it has not fetched is lost. Default false, as Kafka's. */
  readonly uncleanElection?: boolean;
}

interface Settings {
  readonly brokers: readonly NodeRef<MetadataListener>[];
  readonly unclean: boolean;
  readonly sessionTimeout: Micros;
}

/** Throws ConfigError naming the option. */
export function logController(options: LogControllerOptions): Actor<LogControllerState, LogControllerProtocol> {
  const { brokers, uncleanElection: unclean = false } = options;
  const sessionTimeout = parseDuration(options.sessionTimeout ?? '1s', 'logController.sessionTimeout');
  if (sessionTimeout < 4) throw new ConfigError('logController.sessionTimeout', sessionTimeout, 'at least 4 µs');
  const settings: Settings = { brokers, unclean, sessionTimeout };
  const placed = placement(options);
  const fresh = (): LogControllerState =>
    initialState(
      brokers.map(({ id }) => id),
      placed,
    );

  return defineActor<LogControllerState, LogControllerProtocol>({
    role: 'controller',
    init: fresh,
    recover: (disk, ctx) => recoveredController(fresh(), disk, ctx),
    start: (_state, ctx) => ctx.setTimer('sessions', Math.ceil(sessionTimeout / 4)),
    flows: {
      register: (request, ctx) => register(request, settings, ctx),
      heartbeat: (request, ctx) => heartbeat(request, settings, ctx),
      alterPartition: (request, ctx) => alterPartition(request, settings, ctx),
    },
    timers: {
      sessions(state, ctx) {
        ctx.setTimer('sessions', Math.ceil(sessionTimeout / 4));
        if (state.broken) return;
        for (const [id, { alive, heardAt }] of Object.entries(state.brokers)) {
          if (!alive || ctx.clock.monotonic - heardAt <= sessionTimeout) continue;
          unlessDiskFull(() => fence(state, id, unclean, ctx));
        }
        if (ctx.disk.unsynced > 0) ctx.spawn(settleUnlessFailed(settings, ctx));
      },
    },
    phase: (state) => (state.broken ? 'broken' : 'controller'),
  });
}

/** The leaders are spread over the brokers, and each partition's replicas follow its leader. */
function placement({
  brokers,
  partitions,
  replicationFactor,
  minInSync = 1,
}: LogControllerOptions): PartitionMetadata[] {
  const copies = replicationFactor ?? Math.min(3, brokers.length);
  if (!Number.isSafeInteger(copies) || copies < 1 || copies > brokers.length) {
    throw new ConfigError('logController.replicationFactor', copies, `a whole number from 1 to ${brokers.length}`);
  }
  if (!Number.isSafeInteger(minInSync) || minInSync < 1 || minInSync > copies)
    throw new ConfigError('logController.minInSync', minInSync, `a whole number from 1 to ${copies}`);
  if (!Array.isArray(partitions) || partitions.length === 0)
    throw new ConfigError('logController.partitions', partitions, 'at least one name');
  return partitions.map((partition: string, p) => {
    const replicas = Array.from({ length: copies }, (_, i) => (brokers[(p + i) % brokers.length] as NodeRef).id);
    const leader = replicas[0] as string;
    return { partition, replicas, leader, leaderEpoch: 1, isr: replicas, elr: [], minInSync, partitionEpoch: 0 };
  });
}

function brokerIn(state: LogControllerState, id: string): RegisteredBroker {
  if (state.broken) throw reject('disk-failed');
  const known = state.brokers[id];
  if (known === undefined) throw reject('unknown-broker', `${id} is not of this cluster`);
  return known;
}

/** The comparison with the partition epoch comes first: a request that has been overtaken never takes effect, however late it comes. */
function alter(state: LogControllerState, request: AlterPartition, ctx: ControllerContext): void {
  const { broker, brokerEpoch, partition, leaderEpoch, partitionEpoch, isr } = request;
  const known = brokerIn(state, broker);
  const current = state.partitions[partition];
  if (current === undefined) throw reject('unknown-partition', partition);
  if (!known.alive || known.epoch !== brokerEpoch || current.leader !== broker || current.leaderEpoch !== leaderEpoch)
    throw reject('fenced-leader-epoch', `${broker} does not lead ${partition} any more`);
  if (current.partitionEpoch !== partitionEpoch) return;
  for (const [id, epoch] of Object.entries(isr)) {
    const member = state.brokers[id];
    if (member?.alive !== true || member.epoch !== epoch)
      throw reject('ineligible-replica', `${id} is not alive in broker epoch ${epoch}`);
  }
  const inSync = current.replicas.filter((id) => isr[id] !== undefined);
  ctx.note(`${partition}: in sync ${inSync.join(' ')}`);
  decide(state, withInSync(copyOf(current), inSync), ctx);
}

/** Makes everything decided so far durable, and tells the brokers. */
function* settle(settings: Settings, ctx: ControllerContext): Flow<ClusterMetadata> {
  const { partitions } = ctx.state;
  const decided = Object.fromEntries(
    Object.entries(partitions).map(([name, { partitionEpoch }]) => [name, partitionEpoch]),
  );
  yield* syncOrStop(ctx, (state) => void (state.broken = true));
  if (ctx.state.broken) throw reject('disk-failed', 'the disk of the controller has failed', undefined, false);
  const news = ctx.update((state) => {
    let changed = false;
    for (const [name, current] of Object.entries(state.partitions)) {
      if (current.partitionEpoch !== decided[name]) continue;
      changed ||= state.durable[name]?.partitionEpoch !== current.partitionEpoch;
      state.durable[name] = current;
    }
    return changed ? toldMetadata(state) : undefined;
  });
  if (news !== undefined) announce(news, settings, ctx);
  return news ?? toldMetadata(ctx.state);
}

function* settleUnlessFailed(settings: Settings, ctx: ControllerContext): Flow {
  try {
    yield* settle(settings, ctx);
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
  }
}

function announce(news: ClusterMetadata, { brokers }: Settings, ctx: ControllerContext): void {
  for (const ref of brokers) {
    const brokerEpoch = news.live[ref.id];
    if (brokerEpoch !== undefined) ctx.send(ref, 'metadataChanged', { ...news, brokerEpoch });
  }
}

function* register(
  { broker, incarnation, intact }: Registration,
  settings: Settings,
  ctx: ControllerContext,
): Flow<ClusterMetadata & { brokerEpoch: number }> {
  const { unclean } = settings;
  ctx.update((state) => {
    const known = brokerIn(state, broker);
    if (known.incarnation === incarnation) return;
    if (known.epoch > 0) fence(state, broker, unclean, ctx);
    if (!intact) distrust(state, broker, ctx);
    admit(state, broker, incarnation, ctx);
    electAll(state, (id) => state.brokers[id]?.alive ?? false, unclean, ctx);
  });
  const metadata = yield* settle(settings, ctx);
  const known = brokerIn(ctx.state, broker);
  if (known.incarnation !== incarnation) throw reject('stale-broker-epoch', `${broker} has registered again since`);
  return { ...metadata, brokerEpoch: known.epoch };
}

function* heartbeat(
  { broker, brokerEpoch, answered }: Heartbeat,
  settings: Settings,
  ctx: ControllerContext,
): Flow<ClusterMetadata> {
  const { unclean } = settings;
  const changed = ctx.update((state) => {
    const known = brokerIn(state, broker);
    if (known.epoch !== brokerEpoch) throw reject('stale-broker-epoch', `${broker} is in broker epoch ${known.epoch}`);
    if (!answered) return false;
    known.heardAt = ctx.clock.monotonic;
    // After a restart of the controller nobody comes back, and a partition may have had no leader before.
    const wanted = !known.alive || Object.values(state.partitions).some(({ leader }) => leader === '');
    known.alive = true;
    return (
      wanted && unlessDiskFull(() => void electAll(state, (id) => state.brokers[id]?.alive ?? false, unclean, ctx))
    );
  });
  return changed ? yield* settle(settings, ctx) : toldMetadata(ctx.state);
}

function* alterPartition(request: AlterPartition, settings: Settings, ctx: ControllerContext): Flow<PartitionMetadata> {
  ctx.update((state) => alter(state, request, ctx));
  const { partitions } = yield* settle(settings, ctx);
  return partitions.find(({ partition }) => partition === request.partition) as PartitionMetadata;
}
