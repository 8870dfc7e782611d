/**
 * A producer of a partitioned log (Kafka's): messages with the same key go to the same partition, one after the other.
 *
 * It tries again until a message is acknowledged or its delivery timeout is over, and then it does not know whether the message is in the
 * log. A try whose answer was lost has perhaps been appended: the message is then there twice, and with more than one under way
 * a later message can get before it. An idempotent producer (KIP-98) numbers its messages, and the leader drops what it has
 * and refuses gaps: each once, in order. That lasts as long as the producer does: it says nothing of what it sent before a crash.
 *
 * Simplified: no batches; keys are hashed with MurmurHash3 (Kafka: MurmurHash2).
 */
import {
  CallError,
  compile,
  ConfigError,
  defineActor,
  exponential,
  ms,
  oneOf,
  parseDuration,
  parsePeriod,
  type Actor,
  type Context,
  type DistributionSpec,
  type Duration,
  type Flow,
  type Micros,
  type Sampler,
} from '../../sim/index.ts';
import { nextLife } from '../durability/next-life.ts';
import { murmur3 } from '../hashing/murmur3.ts';
import type { Acks } from './log-protocol.ts';
import type { LogMessage } from './log-record.ts';
import {
  askForLeaders,
  atLeastOne,
  findLeader,
  nobodyKnown,
  RETRY_BACKOFF,
  type Brokers,
  type KnowsLeaders,
} from './partition-leaders.ts';
import { MOST_UNDER_WAY, newLane, settle, startOver, takeNext, type Lane } from './producer-lanes.ts';

export interface LogProducerState extends KnowsLeaders {
  /** Names this producer until it crashes. */
  session: string;
  published: number;
  acknowledged: number;
  /** By partition. */
  lanes: Record<string, Lane>;
}

export interface LogProducerOptions {
  readonly brokers: Brokers;
  /** Of one topic. */
  readonly partitions: readonly string[];
  /** `none`, `leader` and `all` are Kafka's 0, 1 and all. Default `all`, as Kafka's since 3.0. */
  readonly acks?: Acks;
  /** Default true, as Kafka's since 3.0. Needs acks `all`. */
  readonly idempotent?: boolean;
  /** Messages to one partition under way at the same time. Default 1; at most 5 when idempotent. */
  readonly maxInFlight?: number;
  /** Time between two messages, its mean above 0. Default exponential with mean 50 ms. */
  readonly every?: DistributionSpec;
  /** Different keys. Default 16. */
  readonly keys?: number;
  /** Deadline of one try. Default 1.5 s; above the brokers' `requestTimeout`. */
  readonly deadline?: Duration;
  /** `delivery.timeout.ms`: after that a message is given up, or not sent at all if its turn has not come. Default 20 s. */
  readonly deliveryTimeout?: Duration;
  /** Nothing is published after that, on its own clock. Default: goes on for ever. */
  readonly until?: Duration;
}

type ProducerContext = Context<LogProducerState>;
const isAlone = ({ lanes }: LogProducerState, partition: string): boolean => lanes[partition]?.underWay.length === 1;
const settledOf = (partition: string): string => `settled/${partition}`;
const queuedFor = (partition: string): string => `queued/${partition}`;

interface Settings {
  readonly brokers: Brokers;
  readonly partitions: readonly string[];
  readonly acks: Acks;
  readonly idempotent: boolean;
  readonly maxInFlight: number;
  readonly every: Sampler;
  readonly keys: number;
  readonly deadline: Micros;
  readonly deliveryTimeout: Micros;
  readonly until: Micros;
}

/** Records each message as an operation `publish` on its partition, with the message's id as input. Throws ConfigError naming the option. */
export function logProducer(options: LogProducerOptions): Actor<LogProducerState, Record<never, never>> {
  const settings = settingsOf(options);
  const { partitions, maxInFlight } = settings;
  const stateOf = (session: string): LogProducerState => ({
    session,
    published: 0,
    acknowledged: 0,
    ...nobodyKnown(),
    lanes: Object.fromEntries(partitions.map((partition) => [partition, newLane(session)])),
  });

  return defineActor<LogProducerState, Record<never, never>>({
    role: 'producer',
    init: (ctx) => stateOf(ctx.self.id),
    recover: (_disk, ctx) => stateOf(nextLife(ctx)),
    start(_state, ctx) {
      ctx.spawn(publishing(settings, ctx));
      for (const partition of partitions)
        for (let worker = 1; worker <= maxInFlight; worker++) ctx.spawn(sending(partition, worker, settings, ctx));
    },
  });
}

function settingsOf(options: LogProducerOptions): Settings {
  const { brokers, partitions, keys = 16 } = options;
  const acks = oneOf(options.acks ?? 'all', ['none', 'leader', 'all'], 'logProducer.acks');
  const idempotent = options.idempotent ?? acks === 'all';
  const maxInFlight = atLeastOne(options.maxInFlight ?? 1, 'logProducer.maxInFlight');
  if (idempotent && acks !== 'all')
    throw new ConfigError('logProducer.idempotent', idempotent, `false with acks ${acks}`);
  if (idempotent && maxInFlight > MOST_UNDER_WAY)
    throw new ConfigError('logProducer.maxInFlight', maxInFlight, `at most ${MOST_UNDER_WAY} when idempotent`);
  atLeastOne(partitions.length, 'logProducer.partitions.length');
  if (!Array.isArray(partitions)) throw new ConfigError('logProducer.partitions', partitions, 'a list of names');
  const every = compile(options.every ?? exponential({ mean: ms(50) }), 'logProducer.every');
  if (!(every.mean > 0))
    throw new ConfigError('logProducer.every', options.every, 'a distribution with a mean above 0');
  const deadline = parsePeriod(options.deadline ?? '1500ms', 'logProducer.deadline');
  atLeastOne(keys, 'logProducer.keys');
  const deliveryTimeout = parsePeriod(options.deliveryTimeout ?? '20s', 'logProducer.deliveryTimeout');
  const until = options.until === undefined ? Infinity : parseDuration(options.until, 'logProducer.until');
  return { brokers, partitions, acks, idempotent, maxInFlight, every, keys, deadline, deliveryTimeout, until };
}

function* publishing({ every, until, keys, partitions, deliveryTimeout }: Settings, ctx: ProducerContext): Flow {
  for (;;) {
    yield* ctx.sleep(every.sample(ctx.random));
    if (ctx.clock.monotonic >= until) return;
    const key = `k${ctx.random.between(0, keys - 1)}`;
    const partition = partitions[murmur3(key) % partitions.length] as string;
    ctx.update((state) => {
      const id = `${state.session}.${++state.published}`;
      (state.lanes[partition] as Lane).waiting.push({ id, key, expires: ctx.clock.monotonic + deliveryTimeout });
    });
    ctx.signal(queuedFor(partition));
  }
}

function* sending(partition: string, worker: number, settings: Settings, ctx: ProducerContext): Flow {
  const { idempotent } = settings;
  for (;;) {
    const next = ctx.update((state) =>
      takeNext(state.lanes[partition] as Lane, state.session, idempotent, ctx.clock.monotonic),
    );
    if (next === undefined) {
      yield* waiting(queuedFor(partition), '30s', ctx);
      continue;
    }
    const { order, message, expires } = next;
    const operation = ctx.invoked({ f: 'publish', key: partition, input: message.id }, `${partition}/${worker}`);
    const { outcome, why } = yield* delivered(partition, message, expires, settings, ctx);
    ctx.completed(operation, outcome, why);
    ctx.update((state) => {
      const lane = state.lanes[partition] as Lane;
      settle(lane, order);
      if (outcome === 'ok') state.acknowledged++;
      else lane.renewing = idempotent;
    });
    ctx.signal(settledOf(partition));
    ctx.signal(queuedFor(partition));
  }
}

function* waiting(signal: string, patience: Duration, ctx: ProducerContext): Flow {
  try {
    yield* ctx.wait(signal, patience);
  } catch (error) {
    if (!(error instanceof CallError && error.kind === 'timeout')) throw error;
  }
}

/** Tries until it is acknowledged or time is up. */
function* delivered(
  partition: string,
  first: LogMessage,
  expires: number,
  { brokers, acks, deadline }: Settings,
  ctx: ProducerContext,
): Flow<{ readonly outcome: 'ok' | 'fail' | 'info'; readonly why?: string }> {
  let message = first;
  let definite = true;
  for (;;) {
    const leader = yield* findLeader(partition, brokers, ctx);
    if (leader === undefined) {
      if (ctx.clock.monotonic >= expires) return { outcome: definite ? 'fail' : 'info', why: 'no-leader' };
      yield* ctx.sleep(RETRY_BACKOFF);
      continue;
    }
    const request = { partition, message, acks };
    if (acks === 'none') {
      ctx.send(leader, 'produce', request);
      return { outcome: 'ok' };
    }
    const alone = isAlone(ctx.state, partition);
    try {
      yield* ctx.call(leader, 'produce', request, { deadline });
      return { outcome: 'ok' };
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      // An earlier try may have got through, whatever the last one says.
      definite &&= error.definite;
      // Also when this message is given up: those behind it have no time to lose.
      if (error.code !== 'out-of-order-sequence') yield* askForLeaders(brokers, ctx);
      if (ctx.clock.monotonic >= expires) return { outcome: definite ? 'fail' : 'info', why: error.code };
      if (error.code === 'out-of-order-sequence' && alone && isAlone(ctx.state, partition)) {
        const stamp = ctx.update((state) => startOver(state.lanes[partition] as Lane, state.session));
        message = { ...message, stamp };
      }
      // What is missing is perhaps under way: its turn is first.
      if (error.code === 'out-of-order-sequence') yield* waiting(settledOf(partition), RETRY_BACKOFF, ctx);
      else yield* ctx.sleep(RETRY_BACKOFF);
    }
  }
}
