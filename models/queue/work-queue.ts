/**
 * A work queue: producers publish, consumers pull, work, and acknowledge.
 *
 * At least once: a published message that was acknowledged to its producer is delivered until a consumer acknowledges it, or, after
 * `maxAttempts` deliveries, set aside in the dead-letter queue. A delivery that is not acknowledged within the visibility timeout
 * goes to another consumer: the first one may have crashed, or may only be slow, and then both do the work. Consumers that
 * must not do it twice keep the ids of what they have done (queue-consumer.ts). Order is by priority, then by arrival; redelivery
 * breaks it.
 *
 * All of that holds across crashes of the broker exactly as far as its journal is on disk before it answers (`fsync`).
 * Simplified: one broker, one queue, a journal without compaction. The terms are those of Amazon SQS.
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
} from '../../sim/index.ts';
import { syncOrStop } from '../durability/sync-or-stop.ts';
import {
  emptyQueue,
  enqueue,
  finishedWith,
  JOURNAL,
  recoveredQueue,
  type JournalRecord,
  type QueueContext,
  type QueuedMessage,
  type QueueState,
} from './queue-state.ts';

export interface QueueProtocol {
  /** Refused with `queue-full`. Publishing an id again is acknowledged and changes nothing. */
  publish(request: { readonly id: string; readonly body: unknown; readonly priority?: number }): void;
  /** The next message, waited for up to `wait` µs; undefined when none came. */
  receive(request: { readonly consumer: string; readonly wait: number }): Delivered | undefined;
  /** The work is done. Refused with `expired` when the message has been given to somebody else since. */
  acknowledge(request: { readonly id: string; readonly receipt: number }): void;
}

export interface Delivered {
  readonly id: string;
  readonly body: unknown;
  readonly receipt: number;
  /** 1 for the first delivery, as far as the broker remembers. */
  readonly attempt: number;
}

export interface WorkQueueOptions {
  /**
   * When a publish or an acknowledgement is answered. `always`: when it is on disk, flushing at once. `group`: when it is on disk,
   * flushing every `groupEvery`: slower answers, fewer flushes. `never`: at once; a crash of the broker loses what the operating
   * system has not written. Default `always`.
   */
  readonly fsync?: 'always' | 'group' | 'never';
  /** Default 10 ms. */
  readonly groupEvery?: Duration;
  /** How long a consumer may take before the message is given to another one. Default 1 s. */
  readonly visibilityTimeout?: Duration;
  /** Deliveries before a message is set aside, at least 1. Default 5. */
  readonly maxAttempts?: number;
  /** Messages waiting or in flight at most; beyond it `publish` is refused. Default: no limit. */
  readonly capacity?: number;
  /** Finished messages whose ids are remembered. Default 10,000. */
  readonly dedupeWindow?: number;
}

interface Settings {
  readonly fsync: 'always' | 'group' | 'never';
  readonly groupEvery: Micros;
  readonly visibilityTimeout: Micros;
  readonly maxAttempts: number;
  readonly capacity: number;
  readonly dedupeWindow: number;
}

const ARRIVED = 'arrived';
const FLUSHED = 'flushed';

/** The broker. Throws ConfigError naming the option. */
export function workQueue(options: WorkQueueOptions = {}): Actor<QueueState, QueueProtocol> {
  const settings = settingsOf(options);
  return defineActor<QueueState, QueueProtocol>({
    role: 'broker',
    init: emptyQueue,
    recover: (disk, ctx) => recoveredQueue(disk, settings.dedupeWindow, ctx),
    start(_state, ctx) {
      if (settings.fsync === 'group') ctx.setTimer('flush', settings.groupEvery);
    },
    flows: {
      *publish(request, ctx) {
        ctx.update((state) => accept(state, request, settings, ctx));
        yield* durable(settings, ctx);
        ctx.signal(ARRIVED);
      },
      receive: ({ consumer, wait }, ctx) => receive(consumer, wait, settings, ctx),
      *acknowledge({ id, receipt }, ctx) {
        ctx.update((state) => finish(state, id, receipt, settings, ctx));
        yield* durable(settings, ctx);
      },
    },
    timers: {
      visibility: (state, ctx) => redeliver(state, settings, ctx),
      flush(_state, ctx) {
        ctx.setTimer('flush', settings.groupEvery);
        if (ctx.disk.unsynced > 0) ctx.spawn(flush(ctx));
      },
    },
    phase: (state) => (state.broken ? 'broken' : 'broker'),
  });
}

function settingsOf(options: WorkQueueOptions): Settings {
  const { fsync = 'always', maxAttempts = 5, capacity = Infinity, dedupeWindow = 10_000 } = options;
  if (!(maxAttempts >= 1)) throw new ConfigError('workQueue.maxAttempts', maxAttempts, 'at least 1');
  if (!(capacity >= 1)) throw new ConfigError('workQueue.capacity', capacity, 'at least 1');
  if (!(dedupeWindow >= 0))
    throw new ConfigError('workQueue.dedupeWindow', dedupeWindow, 'a whole number of at least 0');
  const visibilityTimeout = parseDuration(options.visibilityTimeout ?? '1s', 'workQueue.visibilityTimeout');
  const groupEvery = parseDuration(options.groupEvery ?? '10ms', 'workQueue.groupEvery');
  if (groupEvery === 0) throw new ConfigError('workQueue.groupEvery', groupEvery, 'a duration above 0');
  return { fsync, maxAttempts, capacity, dedupeWindow, visibilityTimeout, groupEvery };
}

const stop = (state: QueueState): void => {
  state.broken = true;
};

function journal(state: QueueState, record: JournalRecord, ctx: QueueContext): void {
  ctx.disk.append(JOURNAL, record);
  state.written++;
}

/** Waits, as the policy says, until what has been written so far is on disk. */
function* durable({ fsync }: Settings, ctx: QueueContext): Flow {
  if (fsync === 'always') yield* syncOrStop(ctx, stop);
  if (fsync === 'group') {
    const mine = ctx.state.written;
    while (ctx.state.synced < mine && !ctx.state.broken) yield* ctx.wait(FLUSHED);
  }
  if (ctx.state.broken) throw reject('disk-failed', 'the disk of the broker has failed', undefined, false);
}

/** Flushes what has been written when it begins; a record that comes later waits for the next one. */
function* flush(ctx: QueueContext): Flow {
  const { written } = ctx.state;
  try {
    yield* syncOrStop(ctx, stop);
    ctx.update((state) => {
      state.synced = Math.max(state.synced, written);
    });
  } finally {
    ctx.signal(FLUSHED);
  }
}

function accept(
  state: QueueState,
  { id, body, priority = 0 }: { readonly id: string; readonly body: unknown; readonly priority?: number },
  { capacity }: Settings,
  ctx: QueueContext,
): void {
  if (state.broken) throw reject('disk-failed');
  if (state.known.has(id) || state.finished.has(id)) return;
  const held = state.ready.length + Object.keys(state.inFlight).length;
  if (held >= capacity) throw reject('queue-full', `${held} messages are waiting`);
  const message: QueuedMessage = { id, body, priority, sequence: state.arrivals + 1, attempts: 0 };
  journal(state, { event: 'published', message }, ctx);
  state.known.add(id);
  state.arrivals++;
  enqueue(state.ready, message);
}

function* receive(consumer: string, wait: Micros, settings: Settings, ctx: QueueContext): Flow<Delivered | undefined> {
  const deadline = ctx.clock.monotonic + wait;
  for (;;) {
    const delivered = ctx.update((state) => deliver(state, consumer, settings, ctx));
    if (delivered !== undefined) return delivered;
    const left = deadline - ctx.clock.monotonic;
    if (left <= 0) return undefined;
    try {
      yield* ctx.wait(ARRIVED, left);
    } catch (error) {
      // Nothing has arrived: the next turn says so.
      if (!(error instanceof CallError && error.kind === 'timeout')) throw error;
    }
  }
}

function deliver(
  state: QueueState,
  consumer: string,
  { visibilityTimeout }: Settings,
  ctx: QueueContext,
): Delivered | undefined {
  if (state.broken) throw reject('disk-failed');
  const next = state.ready[0];
  if (next === undefined) return undefined;
  // Not waited for: a crash that loses the count only allows one delivery more.
  journal(state, { event: 'delivered', id: next.id }, ctx);
  state.ready.shift();
  const message: QueuedMessage = { ...copyOf(next), attempts: next.attempts + 1 };
  const receipt = ++state.receipts;
  state.inFlight[message.id] = { message, consumer, receipt, visibleAt: ctx.clock.monotonic + visibilityTimeout };
  if (!ctx.timerArmed('visibility')) ctx.setTimer('visibility', visibilityTimeout);
  return { id: message.id, body: copyOf(message.body), receipt, attempt: message.attempts };
}

function finish(state: QueueState, id: string, receipt: number, { dedupeWindow }: Settings, ctx: QueueContext): void {
  if (state.broken) throw reject('disk-failed');
  if (state.finished.has(id)) return;
  if (state.inFlight[id]?.receipt !== receipt)
    throw reject('expired', `receipt ${receipt} of ${id} is not valid any more`);
  journal(state, { event: 'finished', id }, ctx);
  delete state.inFlight[id];
  finishedWith(state, id, dedupeWindow);
}

/** Takes back what its consumer has had for too long, and sets aside what has been tried too often. */
function redeliver(state: QueueState, { maxAttempts }: Settings, ctx: QueueContext): void {
  const now = ctx.clock.monotonic;
  let next = Infinity;
  for (const [id, { message, visibleAt }] of Object.entries(state.inFlight)) {
    if (visibleAt > now) {
      next = Math.min(next, visibleAt);
      continue;
    }
    delete state.inFlight[id];
    if (message.attempts >= maxAttempts && setAside(state, message, ctx)) continue;
    enqueue(state.ready, message);
  }
  if (next < Infinity) ctx.setTimer('visibility', next - now);
  if (state.ready.length > 0) ctx.signal(ARRIVED);
}

/** False when the disk is full: the message is then tried once more. */
function setAside(state: QueueState, message: QueuedMessage, ctx: QueueContext): boolean {
  try {
    journal(state, { event: 'dead', id: message.id }, ctx);
  } catch (error) {
    if (error instanceof CallError) return false;
    throw error;
  }
  ctx.note(`${message.id} is dead after ${message.attempts} deliveries`);
  state.dead.push(message);
  return true;
}
