/**
 * A consumer: receives a message, works on it, has its effect, acknowledges.
 *
 * A crash between effect and acknowledgement brings the message back, and the effect happens twice: at-least-once delivery allows
 * no more. An idempotent consumer writes the message's id together with the effect to its own disk before it acknowledges, and
 * skips what it finds there; consumers that share messages must share that record too, so each keeps to itself here what it
 * has done, and two consumers can still both do what was taken from one of them while it was slow.
 */
import {
  CallError,
  compile,
  ConfigError,
  defineActor,
  exponential,
  ms,
  parseDuration,
  parsePeriod,
  textDigest,
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
import { syncOrStop } from '../durability/sync-or-stop.ts';
import type { EffectStoreProtocol } from './effect-store.ts';
import type { Delivered } from './queue-state.ts';
import type { QueueProtocol } from './work-queue.ts';

export interface ConsumerState {
  /** Names this consumer until it crashes. */
  session: string;
  /** Messages that it has begun to work on. */
  begun: number;
  /** Ids of messages whose effect it has had, in order; an id twice is an effect twice. */
  effects: string[];
  /** Ids that it will not work on again; kept on disk. Empty unless idempotent. */
  done: Set<string>;
  /** Deliveries that it recognised and skipped. */
  skipped: number;
  /** Its disk has failed to sync: it works no more until it is restarted. */
  broken: boolean;
}

export interface ConsumerOptions {
  readonly broker: NodeRef<QueueProtocol>;
  /** How long it works on a message. Default exponential with mean 10 ms. */
  readonly work?: DistributionSpec;
  /** Keep on disk what has been done, and do not do it again; with a store, let that know the messages. Default false. */
  readonly idempotent?: boolean;
  /** Where its effects go. Default: to its own state. */
  readonly store?: NodeRef<EffectStoreProtocol>;
  /** While it works it asks for more time so often; below the visibility timeout. Default: never. */
  readonly extendEvery?: Duration;
  /** Share of the messages whose work fails each time: poison. 0…1, decided by the message's id. Default 0. */
  readonly poison?: number;
  /** How long one request waits for a message. Default 500 ms. */
  readonly wait?: Duration;
  /** Messages worked on at the same time, at least 1. Default 1. */
  readonly parallel?: number;
}

const DONE = 'done';
type ConsumerContext = Context<ConsumerState>;

interface Settings {
  readonly broker: NodeRef<QueueProtocol>;
  readonly store: NodeRef<EffectStoreProtocol> | undefined;
  readonly idempotent: boolean;
  readonly poison: number;
  readonly parallel: number;
  readonly work: Sampler;
  readonly wait: Micros;
  readonly extendEvery: Micros;
}

/** Records each effect as an operation `process` with the message's id as input. */
export function queueConsumer(options: ConsumerOptions): Actor<ConsumerState, Record<never, never>> {
  const settings = settingsOf(options);
  return defineActor<ConsumerState, Record<never, never>>({
    role: 'consumer',
    init: (ctx) => consumerNamed(ctx.self.id, []),
    recover(disk, ctx) {
      const done = disk.log<string>(DONE);
      ctx.disk.truncate(DONE, done.length);
      return consumerNamed(nextLife(ctx), done);
    },
    start(_state, ctx) {
      for (let worker = 1; worker <= settings.parallel; worker++) ctx.spawn(consuming(worker, settings, ctx));
    },
  });
}

function settingsOf(options: ConsumerOptions): Settings {
  const { broker, store, idempotent = false, poison = 0, parallel = 1 } = options;
  const work = compile(options.work ?? exponential({ mean: ms(10) }));
  const wait = parseDuration(options.wait ?? ms(500), 'queueConsumer.wait');

  const extendEvery =
    options.extendEvery === undefined ? Infinity : parsePeriod(options.extendEvery, 'queueConsumer.extendEvery');
  if (!Number.isInteger(parallel) || parallel < 1)
    throw new ConfigError('queueConsumer.parallel', parallel, 'a whole number of at least 1');
  if (!(poison >= 0 && poison <= 1)) throw new ConfigError('queueConsumer.poison', poison, 'a share from 0 to 1');
  return { broker, store, idempotent, poison, parallel, work, wait, extendEvery };
}

function* consuming(worker: number, settings: Settings, ctx: ConsumerContext): Flow {
  const { broker, wait } = settings;
  const session = `${ctx.state.session}/${worker}`;
  for (let seq = 1; !ctx.state.broken; seq++) {
    try {
      const request = { consumer: ctx.self.id, wait, asks: { session, seq } };
      const message = yield* ctx.call(broker, 'receive', request, { deadline: wait + ms(200) });
      if (message !== undefined) yield* handle(message, worker, settings, ctx);
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      yield* ctx.sleep(ms(50));
    }
  }
}

function* handle(message: Delivered, worker: number, settings: Settings, ctx: ConsumerContext): Flow {
  const { broker, store, poison } = settings;
  const { id, receipt } = message;
  if (ctx.state.done.has(id)) {
    ctx.update((state) => state.skipped++);
  } else {
    const operation = ctx.invoked({ f: 'process', key: broker.id, input: id }, `${worker}`);
    yield* working(message, settings, ctx);
    if (isPoison(id, poison)) {
      ctx.completed(operation, 'fail', 'poison');
      return;
    }
    if (store === undefined) {
      yield* take(id, settings, ctx);
      ctx.completed(operation, 'ok', undefined, ctx.self);
    } else yield* hand(id, operation, store, settings, ctx);
  }
  yield* ctx.call(broker, 'acknowledge', { id, receipt }, { deadline: ms(200) });
}

function* working({ id, receipt }: Delivered, { broker, work, extendEvery }: Settings, ctx: ConsumerContext): Flow {
  let left = work.sample(ctx.random);
  while (left > extendEvery) {
    yield* ctx.sleep(extendEvery);
    left -= extendEvery;
    ctx.send(broker, 'extend', { id, receipt });
  }
  yield* ctx.sleep(left);
}

/** The effect, in the store. When that does not answer, the message is not acknowledged, and comes again. */
function* hand(
  id: string,
  operation: number,
  to: NodeRef<EffectStoreProtocol>,
  { idempotent }: Settings,
  ctx: ConsumerContext,
): Flow {
  const by = ctx.update((state) => `${state.session}/${++state.begun}`);
  try {
    const first = yield* ctx.call(to, 'apply', { id, by, once: idempotent }, { deadline: ms(200) });
    const own = first.by === by;
    ctx.update((state) => (own ? void state.effects.push(id) : state.skipped++));
    ctx.completed(operation, own ? 'ok' : 'fail', own ? undefined : 'done before', to);
  } catch (error) {
    if (error instanceof CallError) ctx.completed(operation, error.definite ? 'fail' : 'info', error.code);
    throw error;
  }
}

/** The effect, on disk together with the mark that it has happened. */
function* take(id: string, { idempotent }: Settings, ctx: ConsumerContext): Flow {
  if (idempotent) ctx.disk.append(DONE, id);
  ctx.update((state) => {
    state.effects.push(id);
    if (idempotent) state.done.add(id);
  });
  if (idempotent) yield* syncOrStop(ctx, (state) => void (state.broken = true));
}

const consumerNamed = (session: string, done: readonly string[]): ConsumerState => ({
  session,
  begun: 0,
  effects: [],
  done: new Set(done),
  skipped: 0,
  broken: false,
});

/** The same answer for the same id, each time: a share of all ids. */
function isPoison(id: string, share: number): boolean {
  if (share <= 0) return false;
  return Number.parseInt(textDigest(id).slice(0, 6), 16) < share * 0x100_0000;
}
