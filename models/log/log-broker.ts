/**
 * A broker of a partitioned, replicated log, after Apache Kafka (Kreps, Narkhede and Rao, "Kafka: a distributed messaging system
 * for log processing", NetDB 2011; replication as of KIP-101, KIP-497, KIP-903 and KIP-966,
 * reading as of KIP-320 and KIP-392).
 *
 * Each partition has a leader and followers that fetch from it. A record is committed when all in-sync replicas have it; consumers see no
 * others. With acks = all, `min.insync.replicas` of at least two and no unclean election, an acknowledged message survives any
 * crash, pause, partition and loss that leaves one in-sync replica's disk: the controller chooses leaders from the in-sync replicas
 * only. With acks = 1 the leader's own copy is enough, and goes with it. Within a partition there is one order, that of the offsets.
 *
 * A broker that stops (`fsync: always`: Kafka's flush.messages = 1) keeps what it had confirmed. With `fsync: background`, Kafka's
 * default, safety is in the copies alone, and a power failure of all in-sync replicas loses messages.
 *
 * Simplified: one record a request; logs are kept whole (no segments, retention, compaction); high watermarks are not checkpointed: a
 * restarted broker learns them from its leader. Clients' metadata comes from any broker, as in Kafka.
 */
import {
  CallError,
  ConfigError,
  copyOf,
  defineActor,
  oneOf,
  parsePeriod,
  type Actor,
  type Duration,
  type Flow,
} from '../../sim/index.ts';
import { syncOrStop } from '../durability/sync-or-stop.ts';
import type { ClusterMetadata, PartitionMetadata } from './cluster-metadata.ts';
import { adopt, shrunk } from './in-sync-replicas.ts';
import { following } from './log-follower.ts';
import { confirm, endOfEpoch, fetch, fetchReplica, produce, propose } from './log-leader.ts';
import type { LogBrokerProtocol } from './log-protocol.ts';
import { readLog } from './log-storage.ts';
import { sequencesOf } from './producer-sequences.ts';
import {
  appendedTo,
  emptyReplica,
  watermarkOf,
  type BrokerContext,
  type BrokerSettings,
  type FollowerProgress,
  type LogBrokerState,
  type Replica,
} from './replica-state.ts';

export interface LogBrokerOptions extends Pick<BrokerSettings, 'controller' | 'brokers' | 'partitions'> {
  /**
   * When the broker counts a record as its own. `always`: when it is on disk. `background`: at once; the disk is synced every
   * `flushEvery`. Default `always`.
   */
  readonly fsync?: 'always' | 'background';
  /** Default 1 s. */
  readonly flushEvery?: Duration;
  /** `replica.lag.time.max`: a follower that has not caught up for longer leaves the in-sync replicas. Default 500 ms (Kafka: 30 s). */
  readonly replicaLagMax?: Duration;
  /** Default 200 ms; well below the controller's session timeout. */
  readonly heartbeatEvery?: Duration;
  /** `replica.fetch.wait.max`: how long a follower waits at its leader for records. Default 200 ms; below `replicaLagMax`. */
  readonly fetchWait?: Duration;
  /** How long acks = all waits for the in-sync replicas, and a broker for the controller's answers. Default 1 s. */
  readonly requestTimeout?: Duration;
  /** Records in one answer, at most. Default 50. */
  readonly maxRecords?: number;
}

/** Throws ConfigError naming the option. */
export function logBroker(options: LogBrokerOptions): Actor<LogBrokerState, LogBrokerProtocol> {
  const settings = settingsOf(options);
  return defineActor<LogBrokerState, LogBrokerProtocol>({
    role: 'broker',
    init: () => stateWith(settings, emptyReplica),
    recover: (disk, ctx) =>
      stateWith(settings, (partition) => {
        const log = readLog(partition, disk, ctx);
        return { ...emptyReplica(partition), log, synced: log.length };
      }),
    start(_state, ctx) {
      ctx.spawn(session(settings, ctx));
      ctx.setTimer('lag', Math.ceil(settings.replicaLagMax / 2));
      if (settings.fsync === 'background') ctx.setTimer('flush', settings.flushEvery);
    },
    on: {
      metadataChanged(state, { brokerEpoch, ...metadata }, ctx) {
        // What was said to an earlier life must not make a leader of this one.
        if (brokerEpoch === state.brokerEpoch) learn(state, metadata, settings, ctx);
      },
      offsetForLeaderEpoch: (state, request) => endOfEpoch(state, request),
      metadata: (state) =>
        Object.values(state.replicas).flatMap(({ metadata }) => (metadata === null ? [] : [copyOf(metadata)])),
    },
    flows: {
      *produce(request, ctx) {
        try {
          return yield* produce(request, settings, ctx);
        } catch (error) {
          if (error instanceof CallError && error.code === 'disk-full') ctx.update((state) => void (state.full = true));
          // With acks = 0 nobody is told.
          if (request.acks === 'none' && error instanceof CallError) return { offset: -1 };
          throw error;
        }
      },
      fetch: (request, ctx) => fetch(request, settings, ctx),
      fetchReplica: (request, ctx) => fetchReplica(request, settings, ctx),
    },
    timers: {
      lag(state, ctx) {
        ctx.setTimer('lag', Math.ceil(settings.replicaLagMax / 2));
        for (const replica of Object.values(state.replicas)) {
          if (replica.role !== 'leader' || state.broken) continue;
          const isr = shrunk(replica, ctx.self.id, ctx.clock.monotonic, settings);
          if (isr !== undefined) propose(replica, isr, settings, ctx);
        }
      },
      flush(_state, ctx) {
        ctx.setTimer('flush', settings.flushEvery);
        ctx.spawn(flushed(ctx));
      },
    },
    phase: ({ broken, replicas }) =>
      broken ? 'broken' : Object.values(replicas).some(({ role }) => role === 'leader') ? 'leader' : 'follower',
  });
}

function settingsOf(options: LogBrokerOptions): BrokerSettings {
  const { controller, brokers, partitions, maxRecords = 50 } = options;
  if (!Array.isArray(partitions)) throw new ConfigError('logBroker.partitions', partitions, 'a list of names');
  const fsync = oneOf(options.fsync ?? 'always', ['always', 'background'], 'logBroker.fsync');
  const span = (
    field: 'flushEvery' | 'replicaLagMax' | 'heartbeatEvery' | 'fetchWait' | 'requestTimeout',
    otherwise: string,
  ): number => parsePeriod(options[field] ?? otherwise, `logBroker.${field}`);
  if (maxRecords !== Infinity && !(Number.isInteger(maxRecords) && maxRecords >= 1))
    throw new ConfigError('logBroker.maxRecords', maxRecords, 'a whole number of at least 1');
  const replicaLagMax = span('replicaLagMax', '500ms');
  const fetchWait = span('fetchWait', '200ms');
  if (fetchWait >= replicaLagMax)
    throw new ConfigError('logBroker.fetchWait', fetchWait, `below replicaLagMax, ${replicaLagMax} µs`);
  return {
    controller,
    brokers,
    partitions,
    fsync,
    maxRecords,
    replicaLagMax,
    fetchWait,
    flushEvery: span('flushEvery', '1s'),
    heartbeatEvery: span('heartbeatEvery', '200ms'),
    requestTimeout: span('requestTimeout', '1s'),
  };
}

const stateWith = ({ partitions }: BrokerSettings, replica: (partition: string) => Replica): LogBrokerState => ({
  brokerEpoch: 0,
  live: {},
  replicas: Object.fromEntries(partitions.map((partition) => [partition, replica(partition)])),
  full: false,
  broken: false,
});

/** Registers, then tells the controller again and again that it is there. */
function* session(settings: BrokerSettings, ctx: BrokerContext): Flow {
  const { controller, heartbeatEvery, requestTimeout, fsync } = settings;
  const intact = fsync === 'always';
  const deadline = { deadline: requestTimeout };
  let incarnation = ctx.random.uint32().toString(36);
  let answered = true;
  while (!ctx.state.broken) {
    const { brokerEpoch } = ctx.state;
    const broker = ctx.self.id;
    try {
      if (ctx.state.full) {
        // Fails as long as there is no room.
        ctx.disk.write('probe', 0);
        ctx.update((state) => void (state.full = false));
      }
      const answer =
        brokerEpoch === 0
          ? yield* ctx.call(controller, 'register', { broker, incarnation, intact }, deadline)
          : { ...(yield* ctx.call(controller, 'heartbeat', { broker, brokerEpoch, answered }, deadline)), brokerEpoch };
      answered = true;
      ctx.update((state) => {
        state.brokerEpoch = answer.brokerEpoch;
        learn(state, answer, settings, ctx);
      });
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      answered &&= error.kind === 'rejected';
      if (error.code === 'stale-broker-epoch') {
        // A registration of an earlier life has come late and taken its place.
        incarnation = ctx.random.uint32().toString(36);
        ctx.update((state) => void (state.brokerEpoch = 0));
        continue;
      }
    }
    yield* ctx.sleep(heartbeatEvery);
  }
}

function* flushed(ctx: BrokerContext): Flow {
  try {
    yield* syncOrStop(ctx, (state) => void (state.broken = true));
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
  }
}

/** Takes over what the controller has decided. */
function learn(
  state: LogBrokerState,
  { partitions, live }: ClusterMetadata,
  settings: BrokerSettings,
  ctx: BrokerContext,
): void {
  state.live = copyOf(live);
  for (const news of partitions) {
    const replica = state.replicas[news.partition];
    if (replica === undefined || state.broken) continue;
    const epoch = replica.metadata?.leaderEpoch ?? 0;
    if (news.leaderEpoch === epoch) adopt(replica, news, settings, ctx);
    else if (news.leaderEpoch > epoch) enterEpoch(replica, copyOf(news), state.live, settings, ctx);
  }
}

function enterEpoch(
  replica: Replica,
  metadata: PartitionMetadata,
  live: LogBrokerState['live'],
  settings: BrokerSettings,
  ctx: BrokerContext,
): void {
  const { partition } = replica;
  const { leader, leaderEpoch, replicas } = metadata;
  const self = ctx.self.id;
  replica.metadata = metadata;
  replica.proposed = null;
  replica.followers = {};
  replica.producers = {};
  replica.role = leader === self ? 'leader' : leader === '' || !replicas.includes(self) ? 'offline' : 'follower';
  // Whoever waits for the old leader's doings must see that it leads no more.
  ctx.signal(appendedTo(partition));
  ctx.signal(watermarkOf(partition));
  if (replica.role === 'follower') ctx.spawn(following(partition, leaderEpoch, settings, ctx));
  if (replica.role !== 'leader') return;
  ctx.note(`leads ${partition} in epoch ${leaderEpoch} from ${replica.log.length}`);
  replica.epochStart = replica.log.length;
  replica.producers = sequencesOf(replica.log);
  const now = ctx.clock.monotonic;
  for (const id of replicas) {
    if (id === self) continue;
    const unknown: FollowerProgress = {
      offset: 0,
      brokerEpoch: live[id] ?? 0,
      caughtUpAt: now,
      askedAt: now,
      endWhenAsked: Number.MAX_SAFE_INTEGER,
    };
    replica.followers[id] = unknown;
  }
  ctx.spawn(confirming(partition, leaderEpoch, settings, ctx));
}

/** A new leader's own log counts when it is on disk. */
function* confirming(partition: string, epoch: number, settings: BrokerSettings, ctx: BrokerContext): Flow {
  try {
    yield* confirm(partition, epoch, settings, ctx);
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
  }
}
