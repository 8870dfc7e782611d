/** What an actor sees of the world: its own node, and messages. Nothing else of the engine can be reached from a handler. */
import { SimulationError } from '../base/errors.ts';
import { parseDuration, type Duration, type Micros } from '../base/time.ts';
import type { Counter } from '../metrics/counter.ts';
import type { Gauge } from '../metrics/gauge.ts';
import type { Histogram } from '../metrics/histogram.ts';
import type { Invocation } from '../history/history.ts';
import type { Operation } from '../history/operation.ts';
import type { RandomStream } from '../random/stream.ts';
import type { Flow, MessageOf, NodeRef, Payload, Reply } from './actor.ts';
import { CallOp, DEFAULT_DEADLINE, DEFAULT_SIZE_BYTES, SignalOp, SleepOp } from './call.ts';
import { AllOp, AnyOp, QuorumOp, RaceOp, type Waitable } from './combine.ts';
import type { CompiledActor } from './compiled-actor.ts';
import { InterruptibleWorkOp, WorkOp } from './cpu.ts';
import type { Disk } from './disk.ts';
import { EventKind } from './event-kind.ts';
import { FlowOp } from './flow.ts';
import type { Load } from './load.ts';
import type { Node } from './node.ts';
import type { NodeClock } from './node-clock.ts';
import type { Op } from './op.ts';
import { retrying, type RetryPolicy } from './retry.ts';
import { armTimer } from './timers.ts';
import type { World } from './world.ts';

export interface SendOptions {
  /** Size on the wire, for bandwidth limits. Default 512. */
  readonly sizeBytes?: number;
}

export interface CallOptions extends SendOptions {
  /** How long to wait for the answer, on the caller's own clock; with `retry`, for each attempt. Default 30 s. */
  readonly deadline?: Duration;
  readonly retry?: RetryPolicy;
  /** Size of the reply on the wire. Default 512. */
  readonly replySizeBytes?: number;
}

/** The part of NodeClock that an actor may read. */
export type ClockView = Pick<NodeClock, 'wall' | 'monotonic'>;

/** What the state's own disk offers to its actor. */
export type ActorDisk = Pick<
  Disk,
  'read' | 'log' | 'damage' | 'write' | 'append' | 'truncate' | 'remove' | 'fsync' | 'synced' | 'unsynced'
>;

const duration = (value: Duration, field: string): Micros =>
  typeof value === 'number' ? value : parseDuration(value, field);

export class Context<S = unknown> {
  readonly #world: World;
  readonly #index: number;
  readonly #actor: CompiledActor;
  readonly #firstTimer: number;
  readonly #node: Node;
  #counters: Map<string, Counter> | undefined;
  #gauges: Map<string, Gauge> | undefined;
  #histograms: Map<string, Histogram> | undefined;

  constructor(world: World, node: Node) {
    this.#world = world;
    this.#index = node.index;
    this.#actor = node.actor;
    this.#firstTimer = node.firstTimer;
    this.#node = node;
  }

  /** This node. */
  get self(): NodeRef {
    return this.#node.ref;
  }

  /** This node's clocks: what it believes, never true time. */
  get clock(): ClockView {
    return this.#node.clock;
  }

  /** This node's own random stream. */
  get random(): RandomStream {
    return this.#node.random;
  }

  get disk(): ActorDisk {
    return this.#node.disk;
  }

  /** Load faults on this node, for those that generate load. */
  get load(): Load {
    return this.#node.load;
  }

  /** The state as it is now, to read in a flow; read it afresh after each wait, and change it through `update` only. */
  get state(): S {
    this.#notInStep('ctx.state', 'a step reads the state that it is given');
    return this.#node.state as S;
  }

  /** Changes the state from a flow. `recipe` changes it in place and cannot wait; what it returns is returned. */
  update<R>(recipe: (state: S) => R): R {
    this.#notInStep('ctx.update', 'a step changes the state that it is given');
    return this.#world.step(this.#node, recipe as (state: unknown) => R);
  }

  /** Sends a one-way message. The payload must not alias the state. */
  send<P, M extends MessageOf<P>>(to: NodeRef<P>, message: M, payload: Payload<P, M>, options?: SendOptions): void {
    const world = this.#world;
    if (world.recorder !== undefined) world.recorder.seal(payload, this.#node.id, message);
    const size = options?.sizeBytes ?? DEFAULT_SIZE_BYTES;
    world.network.send(this.#index, to.index, EventKind.message, world.messages.of(message), payload, size);
  }

  /**
   * Calls and waits for the reply: `yield* ctx.call(ref, 'get', { key }, { deadline: ms(5) })`.
   * Fails with CallError: `timeout` and `reset` (the effect is unknown), `rejected` and `queue-full` (see `definite`).
   */
  call<P, M extends MessageOf<P>>(
    to: NodeRef<P>,
    message: M,
    payload: Payload<P, M>,
    options: CallOptions = {},
  ): Op<Reply<P, M>> {
    const world = this.#world;
    if (world.recorder !== undefined) world.recorder.seal(payload, this.#node.id, message);
    const target = world.nodes[to.index] as Node;
    const deadline = options.deadline === undefined ? DEFAULT_DEADLINE : duration(options.deadline, 'deadline');
    const size = options.sizeBytes ?? DEFAULT_SIZE_BYTES;
    const replySize = options.replySizeBytes ?? DEFAULT_SIZE_BYTES;
    const { retry } = options;
    if (retry === undefined) {
      return new CallOp(target, message, payload, deadline, size, replySize) as Op<unknown> as Op<Reply<P, M>>;
    }
    const attempt = (): CallOp => new CallOp(target, message, payload, deadline, size, replySize);
    return new FlowOp(retrying(retry, this.random, (d) => this.sleep(d), attempt)) as Op<unknown> as Op<Reply<P, M>>;
  }

  /** For proxies: calls with a message name that is known only at run time. */
  forward(to: NodeRef, message: string, payload: unknown, options: CallOptions = {}): Op<unknown> {
    return this.call(to as NodeRef<Record<string, (p: unknown) => unknown>>, message, payload, options);
  }

  /** Tries `attempt` again as `policy` says. */
  retry<T>(policy: RetryPolicy, attempt: (n: number) => Op<T>): Flow<T> {
    return retrying(policy, this.random, (d) => this.sleep(d), attempt);
  }

  /** Waits for `d` on this node's own clock. */
  sleep(d: Duration): Op<void> {
    return new SleepOp(duration(d, 'sleep'));
  }

  /** Occupies one server of this node's CPU for `amount` of work; fails with `queue-full` when the CPU's queue is full. */
  work(amount: Duration): Op<void> {
    return new WorkOp(duration(amount, 'work'));
  }

  /** The same, but when nobody waits for it any more (the loser of a race) it stops at once, and `left` says what is left to do. */
  interruptibleWork(amount: Duration): Op<void> & { readonly left: Micros } {
    return new InterruptibleWorkOp(duration(amount, 'work'));
  }

  /** Every result, in order; the first failure ends it. */
  all<T>(parts: readonly Waitable<T>[]): Op<T[]> {
    return new AllOp(parts);
  }

  /** The first success. */
  any<T>(parts: readonly Waitable<T>[]): Op<T> {
    return new AnyOp(parts);
  }

  /** The first to settle, well or badly. */
  race<T>(parts: readonly Waitable<T>[]): Op<T> {
    return new RaceOp(parts);
  }

  /** The first `needed` successes, all parts running in parallel; fails with `no-quorum` once they cannot be reached. */
  quorum<T>(needed: number, parts: readonly Waitable<T>[]): Op<T[]> {
    return new QuorumOp(needed, parts);
  }

  /** Waits until `signal` is given on this node; fails with `timeout` after `deadline` (default 30 s). */
  wait(signal: string, deadline: Duration = DEFAULT_DEADLINE): Op<unknown> {
    return new SignalOp(signal, duration(deadline, 'deadline'));
  }

  /** Wakes every flow of this node that waits for `signal` now; a later wait does not see it. */
  signal(signal: string, value?: unknown): void {
    const waiting = this.#node.signals.get(signal);
    if (waiting === undefined) return;
    this.#node.signals.delete(signal);
    for (const op of waiting) this.#world.later(this.#node, () => op.signalled(value));
  }

  /** Starts a flow that nobody waits for, when the present handler is done. */
  spawn(flow: Flow<unknown>): void {
    this.#world.spawn(this.#node, flow);
  }

  /** Arms (again) the timer `name`: it fires once, after `delay` on this node's own clock. */
  setTimer(name: string, delay: Duration, payload?: unknown): void {
    const number = this.#timer(name);
    const local = typeof delay === 'number' ? delay : parseDuration(delay, `timer ${name}`);
    armTimer(this.#world, this.#index, this.#firstTimer + number, number, local, payload);
  }

  cancelTimer(name: string): void {
    this.#world.cancelTimer(this.#node, this.#timer(name));
  }

  /** Whether the timer is armed. */
  timerArmed(name: string): boolean {
    return this.#world.timerArmed(this.#node, this.#timer(name));
  }

  /** A client's operation begins. Returns its id for `completed`. `session` tells apart clients that share a node. */
  invoked(invocation: Invocation, session?: string): number {
    return this.#world.invoke(this.#node, invocation, session);
  }

  /** A client's operation ends: ok with its output; fail: it certainly did not happen; info: unknown. */
  completed(id: number, outcome: 'ok' | 'fail' | 'info', output?: unknown, answeredBy?: NodeRef): Operation {
    return this.#world.complete(this.#node, id, outcome, output, answeredBy?.id);
  }

  /** Adds to a counter of this node. */
  count(name: string, n = 1): void {
    let counter = this.#counters?.get(name);
    if (counter === undefined) {
      counter = this.#world.metrics.counter(this.#node.id, name, { series: true });
      (this.#counters ??= new Map<string, Counter>()).set(name, counter);
    }
    counter.add(n);
  }

  /** Sets a gauge of this node, which keeps its course; not below 0. */
  gauge(name: string, level: number): void {
    let gauge = this.#gauges?.get(name);
    if (gauge === undefined) {
      gauge = this.#world.metrics.gauge(this.#node.id, name, { series: true });
      (this.#gauges ??= new Map<string, Gauge>()).set(name, gauge);
    }
    gauge.set(level);
  }

  /** Marks which of a few named states something of this node is in from now on, such as a breaker: `ctx.mark('breaker', 'open')`. */
  mark(name: string, state: string): void {
    this.#world.metrics.mark(this.#node.id, name).set(state);
  }

  /** Adds a value, such as a latency in µs, to a histogram of this node. */
  observe(name: string, value: number): void {
    let histogram = this.#histograms?.get(name);
    if (histogram === undefined) {
      histogram = this.#world.metrics.histogram(this.#node.id, name);
      (this.#histograms ??= new Map<string, Histogram>()).set(name, histogram);
    }
    histogram.record(value);
  }

  /** A remark for the trace: what the actor decided and why. Free on the fast path. */
  note(text: string): void {
    this.#world.note(this.#node, text);
  }

  #timer(name: string): number {
    const names = this.#actor.timerNames;
    for (let number = 0; number < names.length; number++) if (names[number] === name) return number;
    throw new SimulationError('timer', `${this.#node.id} (${this.#node.actor.spec.role}) has no timer ${name}`);
  }

  #notInStep(what: string, instead: string): void {
    if (this.#world.inStep) throw new SimulationError('step', `${what} is for flows: ${instead}`);
  }
}
