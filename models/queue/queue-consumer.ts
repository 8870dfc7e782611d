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
  defineActor,
  exponential,
  ms,
  parseDuration,
  textDigest,
  type Actor,
  type Context,
  type DistributionSpec,
  type Duration,
  type Flow,
  type NodeRef,
} from '../../sim/index.ts';
import { syncOrStop } from '../durability/sync-or-stop.ts';
import type { Delivered, QueueProtocol } from './work-queue.ts';

export interface ConsumerState {
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
  /** Keep on disk what has been done, and do not do it again. Default false. */
  readonly idempotent?: boolean;
  /** Share of the messages whose work fails each time: poison. 0…1, decided by the message's id. Default 0. */
  readonly poison?: number;
  /** How long one request waits for a message. Default 500 ms. */
  readonly wait?: Duration;
  /** Messages worked on at the same time. Default 1. */
  readonly parallel?: number;
}

const DONE = 'done';
type ConsumerContext = Context<ConsumerState>;

/** Records each effect as an operation `process` with the message's id as input. */
export function queueConsumer(options: ConsumerOptions): Actor<ConsumerState, Record<never, never>> {
  const { broker, idempotent = false, poison = 0, parallel = 1 } = options;
  const work = compile(options.work ?? exponential({ mean: ms(10) }));
  const wait = parseDuration(options.wait ?? ms(500), 'queueConsumer.wait');

  function* consuming(worker: number, ctx: ConsumerContext): Flow {
    while (!ctx.state.broken) {
      try {
        const message = yield* ctx.call(
          broker,
          'receive',
          { consumer: ctx.self.id, wait },
          { deadline: wait + ms(200) },
        );
        if (message !== undefined) yield* handle(message, worker, ctx);
      } catch (error) {
        if (!(error instanceof CallError)) throw error;
        yield* ctx.sleep(ms(50));
      }
    }
  }

  function* handle({ id, receipt }: Delivered, worker: number, ctx: ConsumerContext): Flow {
    if (ctx.state.done.has(id)) {
      ctx.update((state) => state.skipped++);
    } else {
      const operation = ctx.invoked({ f: 'process', key: broker.id, input: id }, `${worker}`);
      yield* ctx.sleep(work.sample(ctx.random));
      if (isPoison(id, poison)) {
        ctx.completed(operation, 'fail', 'poison');
        return;
      }
      yield* take(id, ctx);
      ctx.completed(operation, 'ok', undefined, ctx.self);
    }
    yield* ctx.call(broker, 'acknowledge', { id, receipt }, { deadline: ms(200) });
  }

  /** The effect, on disk together with the mark that it has happened. */
  function* take(id: string, ctx: ConsumerContext): Flow {
    if (idempotent) ctx.disk.append(DONE, id);
    ctx.update((state) => {
      state.effects.push(id);
      if (idempotent) state.done.add(id);
    });
    if (idempotent) yield* syncOrStop(ctx, (state) => void (state.broken = true));
  }

  return defineActor<ConsumerState, Record<never, never>>({
    role: 'consumer',
    init: () => ({ effects: [], done: new Set(), skipped: 0, broken: false }),
    recover(disk, ctx) {
      const done = disk.log<string>(DONE);
      ctx.disk.truncate(DONE, done.length);
      return { effects: [], done: new Set(done), skipped: 0, broken: false };
    },
    start(_state, ctx) {
      for (let worker = 1; worker <= parallel; worker++) ctx.spawn(consuming(worker, ctx));
    },
  });
}

/** The same answer for the same id, each time: a share of all ids. */
function isPoison(id: string, share: number): boolean {
  if (share <= 0) return false;
  return Number.parseInt(textDigest(id).slice(0, 6), 16) < share * 0x100_0000;
}
