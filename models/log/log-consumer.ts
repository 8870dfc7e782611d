/**
 * A member of a consumer group: a durable subscription. The group as a whole gets every message, whoever of it is there.
 *
 * When it commits decides what a crash or a lost session does. `after` the work: what was done and not committed is done again by the
 * next owner: at least once. `before` the work: what was committed and not done is done by nobody: at most once. With effects in a
 * shared store that knows the messages (effect-store.ts), and commits after the work, each message has its effect once.
 *
 * Simplified: each partition is read by a flow of its own, as if by a thread; Kafka's consumer takes turns.
 */
import {
  CallError,
  ConfigError,
  compile,
  defineActor,
  exponential,
  ms,
  oneOf,
  parseDuration,
  parsePeriod,
  s,
  type Actor,
  type Context,
  type DistributionSpec,
  type Duration,
  type Flow,
  type Micros,
  type NodeRef,
  type Sampler,
} from '../../sim/index.ts';
import { nextLife } from '../durability/next-life.ts';
import type { EffectStoreProtocol } from '../queue/effect-store.ts';
import type { CoordinatorRef, Joined, Membership } from './group-coordinator.ts';
import type { LogRecord } from './log-record.ts';
import {
  askForLeaders,
  atLeastOne,
  findLeader,
  nobodyKnown,
  refreshLeaders,
  RETRY_BACKOFF,
  type Brokers,
  type KnowsLeaders,
} from './partition-leaders.ts';

export interface PartitionCursor {
  /** The next offset to process: all below are done. */
  processed: number;
  /** What the coordinator has confirmed. */
  committed: number;
  /** The leader epoch of what it has processed last; 0: nothing is known of it. */
  epoch: number;
}

export interface LogConsumerState extends KnowsLeaders {
  /** Names this consumer until it crashes: its member id. */
  session: string;
  /** 0: of none. */
  generation: number;
  /** It has to join again: readers stop as soon as they can. */
  revoked: boolean;
  /** The partitions that it owns in its generation. */
  partitions: Record<string, PartitionCursor>;
  /** By partition: the broker that it reads from because the leader does not answer it (KIP-392). */
  detours: Record<string, string>;
  /** Readers that have not stopped yet. */
  readers: number;
  /** Messages that it has begun to deal with. */
  handled: number;
}

export interface LogConsumerOptions {
  readonly brokers: Brokers;
  readonly coordinator: CoordinatorRef;
  readonly group: string;
  readonly topics: readonly string[];
  /** What its node is called in reports, to tell groups apart. Default `consumer`. */
  readonly role?: string;
  /** When offsets are committed. Default `after`. */
  readonly commit?: 'before' | 'after';
  /** How long it works on a message. Default exponential with mean 5 ms. */
  readonly work?: DistributionSpec;
  /** Where its effects go. Default: nowhere, the work is all. */
  readonly store?: NodeRef<EffectStoreProtocol>;
  /** The store is asked to know messages again. Default false. */
  readonly idempotent?: boolean;
  /** `max.poll.records`: messages between two commits of a partition, at most. Default 20. */
  readonly maxPoll?: number;
  /** Above 0. Default 200 ms; well below the coordinator's session timeout. */
  readonly heartbeatEvery?: Duration;
  /** `fetch.max.wait.ms`. Default 300 ms. */
  readonly fetchWait?: Duration;
}

type ConsumerContext = Context<LogConsumerState>;
const STOPPED = 'reader-stopped';
const PATIENCE = ms(500);
/** How long one request to join is waited for: a coordinator that has crashed meanwhile is asked again, one that still waits for others goes on. */
const JOIN_PATIENCE = s(1);

interface Settings extends Required<
  Pick<LogConsumerOptions, 'brokers' | 'coordinator' | 'group' | 'topics' | 'commit' | 'idempotent' | 'maxPoll'>
> {
  readonly work: Sampler;
  readonly store: NodeRef<EffectStoreProtocol> | undefined;
  readonly heartbeatEvery: Micros;
  readonly fetchWait: Micros;
}

/** Records each effect as an operation `process` on the group's name, with the message's id as input. Throws ConfigError naming the option. */
export function logConsumer(options: LogConsumerOptions): Actor<LogConsumerState, Record<never, never>> {
  const settings = settingsOf(options);
  const stateOf = (session: string): LogConsumerState => ({
    session,
    ...nobodyKnown(),
    generation: 0,
    revoked: false,
    partitions: {},
    detours: {},
    readers: 0,
    handled: 0,
  });

  return defineActor<LogConsumerState, Record<never, never>>({
    role: options.role ?? 'consumer',
    init: (ctx) => stateOf(ctx.self.id),
    recover: (_disk, ctx) => stateOf(nextLife(ctx)),
    start: (_state, ctx) => ctx.spawn(belonging(settings, ctx)),
  });
}

/** Of a partition whose reader is still there. */
const cursorIn = ({ partitions }: LogConsumerState, partition: string): PartitionCursor =>
  partitions[partition] as PartitionCursor;

function settingsOf(options: LogConsumerOptions): Settings {
  const { brokers, coordinator, group, topics, store, idempotent = false } = options;
  const commit = oneOf(options.commit ?? 'after', ['before', 'after'], 'logConsumer.commit');
  if (!Array.isArray(topics)) throw new ConfigError('logConsumer.topics', topics, 'a list of names');
  const work = compile(options.work ?? exponential({ mean: ms(5) }));
  const maxPoll = atLeastOne(options.maxPoll ?? 20, 'logConsumer.maxPoll');
  const heartbeatEvery = parsePeriod(options.heartbeatEvery ?? '200ms', 'logConsumer.heartbeatEvery');
  const fetchWait = parseDuration(options.fetchWait ?? '300ms', 'logConsumer.fetchWait');
  return { brokers, coordinator, group, topics, commit, store, idempotent, work, maxPoll, heartbeatEvery, fetchWait };
}

const owns = ({ generation, revoked }: LogConsumerState, expected: number): boolean =>
  generation === expected && !revoked;
const membership = ({ session, generation }: LogConsumerState, { group }: Settings): Membership => ({
  group,
  member: session,
  generation,
});

function* belonging(settings: Settings, ctx: ConsumerContext): Flow {
  for (;;) {
    const joined = yield* join(settings, ctx);
    ctx.update((state) => enter(state, joined));
    for (const partition of joined.partitions) ctx.spawn(reading(partition, joined.generation, settings, ctx));
    yield* heartbeats(settings, ctx);
    while (ctx.state.readers > 0) yield* stopped(ctx);
    ctx.update((state) => void (state.partitions = {}));
  }
}

function* join(settings: Settings, ctx: ConsumerContext): Flow<Joined> {
  const { coordinator, topics } = settings;
  for (;;) {
    try {
      return yield* ctx.call(
        coordinator,
        'join',
        { ...membership(ctx.state, settings), topics },
        { deadline: JOIN_PATIENCE },
      );
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      yield* ctx.sleep(RETRY_BACKOFF);
    }
  }
}

function enter(state: LogConsumerState, { generation, partitions, committed, epochs }: Joined): void {
  state.generation = generation;
  state.revoked = false;
  state.readers = partitions.length;
  state.partitions = Object.fromEntries(
    partitions.map((partition) => {
      const at = committed[partition] ?? 0;
      return [partition, { processed: at, committed: at, epoch: epochs[partition] ?? 0 }];
    }),
  );
}

/** Until the coordinator wants it to join again. When it is silent, the consumer reads on. */
function* heartbeats(settings: Settings, ctx: ConsumerContext): Flow {
  const { coordinator, heartbeatEvery } = settings;
  for (;;) {
    yield* ctx.sleep(heartbeatEvery);
    try {
      yield* ctx.call(coordinator, 'heartbeat', membership(ctx.state, settings), { deadline: PATIENCE });
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      if (!['rebalance-in-progress', 'illegal-generation', 'unknown-member'].includes(error.code)) continue;
      ctx.update((state) => void (state.revoked = true));
      return;
    }
  }
}

function* stopped(ctx: ConsumerContext): Flow {
  try {
    yield* ctx.wait(STOPPED);
  } catch (error) {
    if (!(error instanceof CallError && error.kind === 'timeout')) throw error;
  }
}

function* reading(partition: string, generation: number, settings: Settings, ctx: ConsumerContext): Flow {
  const { commit } = settings;
  while (owns(ctx.state, generation)) {
    const batch = yield* poll(partition, settings, ctx);
    if (batch.length === 0 || !owns(ctx.state, generation)) continue;
    const last = batch.at(-1) as LogRecord;
    const all = { offset: last.offset + 1, epoch: last.epoch };
    if (commit === 'before' && !(yield* committed(partition, generation, all, settings, ctx))) continue;
    for (const record of batch) {
      // What is committed is nobody else's: it is dealt with even when the partition has been taken away.
      if (commit === 'after' && !owns(ctx.state, generation)) break;
      yield* handle(partition, record, settings, ctx);
      ctx.update((state) => {
        const cursor = cursorIn(state, partition);
        cursor.processed = record.offset + 1;
        cursor.epoch = record.epoch;
      });
    }
    // What could not be committed now is committed with the next batch, or done again.
    if (commit === 'after') {
      const { processed: offset, epoch } = cursorIn(ctx.state, partition);
      yield* committed(partition, generation, { offset, epoch }, settings, ctx);
    }
  }
  ctx.update((state) => state.readers--);
  ctx.signal(STOPPED);
}

function* poll(
  partition: string,
  { brokers, fetchWait, maxPoll }: Settings,
  ctx: ConsumerContext,
): Flow<readonly LogRecord[]> {
  const detour = brokers.find(({ id }) => id === ctx.state.detours[partition]);
  const from = detour ?? (yield* findLeader(partition, brokers, ctx));
  const { processed: offset, epoch } = cursorIn(ctx.state, partition);
  const leaderEpoch = Math.max(epoch, ctx.state.leaders[partition]?.leaderEpoch ?? 0);
  try {
    if (from !== undefined) {
      const request = { partition, offset, wait: fetchWait, leaderEpoch };
      const { records } = yield* ctx.call(from, 'fetch', request, { deadline: fetchWait + PATIENCE });
      // A follower that has nothing more may have been left behind.
      if (records.length === 0) {
        ctx.update((state) => void delete state.detours[partition]);
        yield* refreshLeaders(brokers, ctx);
      }
      return records.slice(0, maxPoll);
    }
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
    if (error.code === 'offset-out-of-range') {
      const { end } = error.detail as { readonly end: number };
      ctx.note(`${partition} ends before ${offset}: goes on at ${end}`);
      ctx.update((state) => void (cursorIn(state, partition).processed = end));
      return [];
    }
    ctx.update((state) => {
      delete state.detours[partition];
      if (error.kind !== 'rejected' && detour === undefined) state.detours[partition] = ctx.random.pick(brokers).id;
    });
    yield* askForLeaders(brokers, ctx);
  }
  yield* ctx.sleep(RETRY_BACKOFF);
  return [];
}

/** False when the coordinator has refused, or has not answered. */
function* committed(
  partition: string,
  generation: number,
  { offset, epoch }: { readonly offset: number; readonly epoch: number },
  { coordinator, group }: Settings,
  ctx: ConsumerContext,
): Flow<boolean> {
  const { session } = ctx.state;
  const request = {
    group,
    member: session,
    generation,
    offsets: { [partition]: offset },
    epochs: { [partition]: epoch },
  };
  try {
    yield* ctx.call(coordinator, 'commit', request, { deadline: PATIENCE });
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
    yield* ctx.sleep(RETRY_BACKOFF);
    return false;
  }
  ctx.update((state) => {
    const cursor = cursorIn(state, partition);
    cursor.committed = Math.max(cursor.committed, offset);
  });
  return true;
}

function* handle(partition: string, { message: { id } }: LogRecord, settings: Settings, ctx: ConsumerContext): Flow {
  const { group, work, store, idempotent } = settings;
  const by = ctx.update((state) => `${state.session}/${++state.handled}`);
  for (let operation = ctx.invoked({ f: 'process', key: group, input: id }, partition); ;) {
    yield* ctx.sleep(work.sample(ctx.random));
    if (store === undefined) {
      ctx.completed(operation, 'ok', undefined, ctx.self);
      return;
    }
    try {
      const first = yield* ctx.call(store, 'apply', { id, by, once: idempotent }, { deadline: PATIENCE });
      ctx.completed(operation, first.by === by ? 'ok' : 'fail', first.by === by ? undefined : 'done before', store);
      return;
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      // Tries that have one effect are one operation; else each try may have had its own.
      if (!idempotent) ctx.completed(operation, error.definite ? 'fail' : 'info', error.code);
      yield* ctx.sleep(RETRY_BACKOFF);
      if (!idempotent) operation = ctx.invoked({ f: 'process', key: group, input: id }, partition);
    }
  }
}
