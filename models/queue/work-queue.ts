/**
 * A work queue: producers publish, consumers pull, work, and acknowledge.
 *
 * At least once: a published message that was acknowledged to its producer is delivered until a consumer acknowledges it, or, after
 * `maxAttempts` deliveries, set aside in the dead-letter queue. A delivery that is not acknowledged within the visibility timeout
 * goes to another consumer: the first one may have crashed, or may only be slow, and then both do the work. Consumers that
 * must not do it twice keep the ids of what they have done (queue-consumer.ts). A consumer that needs longer extends its time. Order is
 * by priority, then by arrival; redelivery breaks it. Messages with a group are first in, first out inside it: while one is in
 * flight the next ones of its group wait, and one that comes back comes back before them, so that a message that can never be done
 * blocks its group for good unless it is set aside.
 *
 * At most once: a message is finished when it is delivered. It is never delivered again, and lost with its consumer or its answer.
 *
 * A copy of a request that the network made changes nothing: of a `receive` too, which would otherwise hand out a second message that
 * nobody hears of (as the receive request attempt ids of SQS). The last request of each session is kept in memory only: over a crash
 * of the broker a copy costs a visibility timeout.
 *
 * All of that holds across crashes of the broker exactly as far as its journal is on disk before it answers (`fsync`).
 * Simplified: one broker, one queue, a journal without compaction. The terms are those of Amazon SQS.
 */
import {
  CallError,
  ConfigError,
  copyOf,
  defineActor,
  oneOf,
  parseDuration,
  parsePeriod,
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
  type Delivered,
  type JournalRecord,
  type LastReceive,
  type QueueContext,
  type QueuedMessage,
  type QueueState,
} from './queue-state.ts';

export interface QueueProtocol {
  /**
   * Refused with `queue-full`, and with `group-priority` for a message with both. Publishing an id again is acknowledged and changes
   * nothing.
   */
  publish(request: PublishRequest): void;
  /** The next message, waited for up to `wait` µs; undefined when none came. */
  receive(request: ReceiveRequest): Delivered | undefined;
  /** The work is done. Refused with `expired` when the message has been given to somebody else since. */
  acknowledge(request: { readonly id: string; readonly receipt: number }): void;
  /** The work takes longer: the visibility timeout begins anew. Too late, it changes nothing. One way. */
  extend(request: { readonly id: string; readonly receipt: number }): void;
}

export interface PublishRequest {
  readonly id: string;
  readonly body: unknown;
  /** Higher goes first. Default 0. */
  readonly priority?: number;
  /** First in, first out among messages of the same group. Default: of none. */
  readonly group?: string;
}

export interface ReceiveRequest {
  readonly consumer: string;
  readonly wait: number;
  /**
   * `session`: whoever asks for one message after the other; `seq` rises with each. The same again is answered in the same way, and one
   * that is older than the last gets nothing. Default: each request is one of its own.
   */
  readonly asks?: { readonly session: string; readonly seq: number };
}

export interface WorkQueueOptions {
  /** `at-most-once`: a message is finished when it is delivered, before the consumer has it. Default `at-least-once`. */
  readonly delivery?: 'at-least-once' | 'at-most-once';
  /**
   * When a publish or an acknowledgement is answered. `always`: when it is on disk, flushing at once. `group`: when it is on disk,
   * flushing every `groupEvery`: slower answers, fewer flushes. `never`: at once; a crash of the broker loses what the operating
   * system has not written. Default `always`.
   */
  readonly fsync?: 'always' | 'group' | 'never';
  /** Above 0. Default 10 ms. */
  readonly groupEvery?: Duration;
  /** How long a consumer may take before the message is given to another one, above 0. Default 1 s. */
  readonly visibilityTimeout?: Duration;
  /** Deliveries before a message is set aside, at least 1; Infinity: never. Default 5. */
  readonly maxAttempts?: number;
  /** Messages waiting or in flight at most, at least 1; beyond it `publish` is held up or refused. Default: no limit. */
  readonly capacity?: number;
  /** How long a publish waits for room in a full queue before it is refused. Below the producers' deadline. Default 0. */
  readonly fullWait?: Duration;
  /** Finished messages whose ids are remembered. Default 10,000. */
  readonly dedupeWindow?: number;
}

interface Settings {
  readonly delivery: 'at-least-once' | 'at-most-once';
  readonly fullWait: Micros;
  readonly fsync: 'always' | 'group' | 'never';
  readonly groupEvery: Micros;
  readonly visibilityTimeout: Micros;
  readonly maxAttempts: number;
  readonly capacity: number;
  readonly dedupeWindow: number;
}

const ARRIVED = 'arrived';
const FLUSHED = 'flushed';
const ROOM = 'room';

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
        yield* accepted(request, settings, ctx);
        yield* durable(settings, ctx);
        ctx.signal(ARRIVED);
      },
      receive: (request, ctx) => receive(request, settings, ctx),
      *acknowledge({ id, receipt }, ctx) {
        ctx.update((state) => finish(state, id, receipt, settings, ctx));
        yield* durable(settings, ctx);
      },
    },
    on: {
      extend: (state, request, ctx) => extend(state, request, settings, ctx),
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
  const delivery = oneOf(options.delivery ?? 'at-least-once', ['at-least-once', 'at-most-once'], 'workQueue.delivery');
  const fsync = oneOf(options.fsync ?? 'always', ['always', 'group', 'never'], 'workQueue.fsync');
  const maxAttempts = wholeOrEndless('maxAttempts', options.maxAttempts ?? 5, 1);
  const capacity = wholeOrEndless('capacity', options.capacity ?? Infinity, 1);
  const dedupeWindow = wholeOrEndless('dedupeWindow', options.dedupeWindow ?? 10_000, 0);
  const visibilityTimeout = parsePeriod(options.visibilityTimeout ?? '1s', 'workQueue.visibilityTimeout');
  const groupEvery = parsePeriod(options.groupEvery ?? '10ms', 'workQueue.groupEvery');
  const fullWait = parseDuration(options.fullWait ?? 0, 'workQueue.fullWait');
  return { delivery, fsync, maxAttempts, capacity, dedupeWindow, visibilityTimeout, groupEvery, fullWait };
}

function wholeOrEndless(field: keyof WorkQueueOptions, value: number, least: number): number {
  if (value === Infinity || (Number.isInteger(value) && value >= least)) return value;
  throw new ConfigError(`workQueue.${field}`, value, `a whole number of at least ${least}, or Infinity`);
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

/** Takes a message in, when there is room. */
function* accepted(request: PublishRequest, settings: Settings, ctx: QueueContext): Flow {
  const deadline = ctx.clock.monotonic + settings.fullWait;
  for (;;) {
    if (ctx.update((state) => accept(state, request, settings, ctx))) return;
    if (!(yield* woken(ROOM, deadline, ctx))) throw reject('queue-full', 'the queue is full');
  }
}

/** False when there is no room. */
function accept(
  state: QueueState,
  { id, body, priority = 0, group = '' }: PublishRequest,
  { capacity }: Settings,
  ctx: QueueContext,
): boolean {
  if (state.broken) throw reject('disk-failed');
  if (group !== '' && priority !== 0) throw reject('group-priority', `${id} is of group ${group}, which has one order`);
  if (state.known.has(id) || state.finished.has(id)) return true;
  if (state.ready.length + Object.keys(state.inFlight).length >= capacity) return false;
  const message: QueuedMessage = { id, body, priority, group, sequence: state.arrivals + 1, attempts: 0 };
  journal(state, { event: 'published', message }, ctx);
  state.known.add(id);
  state.arrivals++;
  enqueue(state.ready, message);
  return true;
}

/** Waits for a signal; false when the deadline is over. */
function* woken(signal: string, deadline: Micros, ctx: QueueContext): Flow<boolean> {
  const left = deadline - ctx.clock.monotonic;
  if (left <= 0) return false;
  try {
    yield* ctx.wait(signal, left);
  } catch (error) {
    // Nothing has come: the next turn says so.
    if (!(error instanceof CallError && error.kind === 'timeout')) throw error;
  }
  return true;
}

function* receive(request: ReceiveRequest, settings: Settings, ctx: QueueContext): Flow<Delivered | undefined> {
  const deadline = ctx.clock.monotonic + request.wait;
  let otherwise: 'waits' | 'none' = 'waits';
  for (;;) {
    const answer = ctx.update((state) => answerNow(state, request, settings, ctx) ?? noted(state, request, otherwise));
    if (answer === 'none') return undefined;
    if (answer !== 'waits') {
      if (settings.delivery === 'at-most-once') yield* durable(settings, ctx);
      return answer;
    }
    if (!(yield* woken(ARRIVED, deadline, ctx))) otherwise = 'none';
  }
}

/** What the request has been answered already, or else the next message, if there is one. */
function answerNow(
  state: QueueState,
  request: ReceiveRequest,
  settings: Settings,
  ctx: QueueContext,
): Exclude<LastReceive['answer'], 'waits'> | undefined {
  const { consumer, asks } = request;
  const last = asks === undefined ? undefined : state.sessions[asks.session];
  if (asks !== undefined && last !== undefined && asks.seq <= last.seq) {
    if (asks.seq < last.seq) return 'none';
    if (last.answer !== 'waits') return copyOf(last.answer) as Delivered | 'none';
  }
  const delivered = deliver(state, consumer, settings, ctx);
  return delivered === undefined ? undefined : noted(state, request, delivered);
}

function noted<A extends LastReceive['answer']>({ sessions }: QueueState, { asks }: ReceiveRequest, answer: A): A {
  if (asks !== undefined) sessions[asks.session] = { seq: asks.seq, answer: copyOf(answer) as A };
  return answer;
}

/** The first message that may be delivered: not one whose group has another in flight. */
function firstFree({ ready, inFlight }: QueueState): number {
  if (ready[0] === undefined || ready[0].group === '') return 0;
  const busy = new Set(Object.values(inFlight).map(({ message }) => message.group));
  const at = ready.findIndex(({ group }) => group === '' || !busy.has(group));
  return at < 0 ? ready.length : at;
}

function deliver(
  state: QueueState,
  consumer: string,
  { visibilityTimeout, delivery, dedupeWindow }: Settings,
  ctx: QueueContext,
): Delivered | undefined {
  if (state.broken) throw reject('disk-failed');
  const at = firstFree(state);
  const next = state.ready[at];
  if (next === undefined) return undefined;
  if (delivery === 'at-most-once') {
    journal(state, { event: 'finished', id: next.id }, ctx);
    state.ready.splice(at, 1);
    finishedWith(state, next.id, dedupeWindow);
    ctx.signal(ROOM);
    return { id: next.id, body: copyOf(next.body), receipt: ++state.receipts, attempt: 1 };
  }
  // Not waited for: a crash that loses the count only allows one delivery more.
  journal(state, { event: 'delivered', id: next.id }, ctx);
  state.ready.splice(at, 1);
  const message: QueuedMessage = { ...copyOf(next), attempts: next.attempts + 1 };
  const receipt = ++state.receipts;
  state.inFlight[message.id] = { message, consumer, receipt, visibleAt: ctx.clock.monotonic + visibilityTimeout };
  if (!ctx.timerArmed('visibility')) ctx.setTimer('visibility', visibilityTimeout);
  return { id: message.id, body: copyOf(message.body), receipt, attempt: message.attempts };
}

function finish(state: QueueState, id: string, receipt: number, { dedupeWindow }: Settings, ctx: QueueContext): void {
  if (state.broken) throw reject('disk-failed');
  if (state.finished.has(id)) return;
  const delivery = state.inFlight[id];
  if (delivery?.receipt !== receipt) throw reject('expired', `receipt ${receipt} of ${id} is not valid any more`);
  journal(state, { event: 'finished', id }, ctx);
  const { group } = delivery.message;
  delete state.inFlight[id];
  finishedWith(state, id, dedupeWindow);
  ctx.signal(ROOM);
  // The next one of its group is free now.
  if (group !== '' && state.ready.length > 0) ctx.signal(ARRIVED);
}

function extend(
  state: QueueState,
  { id, receipt }: { readonly id: string; readonly receipt: number },
  { visibilityTimeout }: Settings,
  ctx: QueueContext,
): void {
  const delivery = state.inFlight[id];
  if (delivery?.receipt !== receipt) return;
  state.inFlight[id] = { ...delivery, visibleAt: ctx.clock.monotonic + visibilityTimeout };
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
    if (message.attempts >= maxAttempts && setAside(state, message, ctx)) {
      ctx.signal(ROOM);
      continue;
    }
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
