/**
 * The world: nodes, the network between them, and what happens when an event comes due.
 *
 * Scenarios build one (`refs`, `node`, `network`), the run drives it, faults change it through the lifecycle and network
 * methods. Actors never see it: they get a Context.
 */
import { canonicalJson } from '../base/json.ts';
import { ConfigError, SimulationError } from '../base/errors.ts';
import { refuseUnknownFields } from '../base/known-fields.ts';
import { instantText, NEVER, type Micros } from '../base/time.ts';
import { History, type Invocation } from '../history/history.ts';
import type { Operation } from '../history/operation.ts';
import { EventQueue, NO_EVENT, type EventHandle } from '../kernel/event-queue.ts';
import { Metrics } from '../metrics/metrics.ts';
import { RandomStream } from '../random/stream.ts';
import { Digest } from '../trace/digest.ts';
import type { Trace } from '../trace/trace.ts';
import type { Actor, Flow, NodeRef } from './actor.ts';
import { type CallOp, Response } from './call.ts';
import { CallError, connectionReset } from './call-error.ts';
import { CompiledActor, MessageNames, type TimerStep } from './compiled-actor.ts';
import type { Context } from './context.ts';
import { EventKind, type Control } from './event-kind.ts';
import { arrive } from './arrival.ts';
import { FlowRun } from './flow.ts';
import { boot } from './lifecycle.ts';
import { Network } from './network.ts';
import { nominalLatencies } from './nominal-latency.ts';
import { Node, NODE_FIELDS, type NodeOptions } from './node.ts';
import { NodeColumns, PAUSED, WATCHED } from './node-columns.ts';
import type { Op } from './op.ts';
import { RecordedPath } from './recorded-path.ts';
import { alarm, ArmedTimers, cancelTimer, disarmAll, retimeNode } from './timers.ts';
import { Topology, type NetworkOptions } from './topology.ts';
import { Tracer } from './tracer.ts';
import { OperationWithheld, Withholding, type OperationLimits } from './withholding.ts';

export interface WorldOptions {
  /** Everything that is drawn derives from it. */
  readonly seed: string;
  /** Present: the recorded path, into this trace. */
  readonly trace?: Trace | undefined;
  /** Most events that may be pending. */
  readonly maxPending?: number | undefined;
  /** Latencies drawn from their distributions, or each at its mean. Default `drawn`. */
  readonly noise?: 'drawn' | 'nominal' | undefined;
  /** Operations that clients may begin. Default: all. */
  readonly operations?: OperationLimits | undefined;
}

/** Sees the world as it runs: checks and coverage. */
export interface Observer {
  /** An event has been handled on `node`. Called for watched nodes only. */
  handled(node: Node): void;
}

/** What a handler left for after its end: an act, or a flow to start. */
interface Deferred {
  readonly node: Node;
  /** Its life then: a crash takes it along. */
  readonly life: number;
  readonly act: (() => void) | undefined;
  readonly flow: Flow<unknown> | undefined;
}

const LONGEST_NAME = 100;

export class World {
  /** What is drawn from now on derives from it. `redraw` changes it. */
  seed: string;
  readonly queue: EventQueue;
  readonly nodes: Node[] = [];
  readonly messages = new MessageNames();
  readonly history = new History();
  readonly metrics: Metrics;
  readonly digest = new Digest();
  readonly network: Network;
  readonly topology = new Topology();
  readonly timers = new ArmedTimers();
  readonly columns = new NodeColumns();
  /** Present while recording. */
  recorder: RecordedPath | undefined = undefined;
  trace: Tracer | undefined = undefined;
  readonly observers: Observer[] = [];
  /** True while a step runs: a flow's means are then forbidden. */
  inStep = false;
  /** Flows that nobody waited for and that ended with a failure they did not handle. */
  readonly unhandled: { count: number; first: string | undefined } = { count: 0, first: undefined };
  private started = false;
  private readonly recording: RecordedPath | undefined;
  private readonly tracer: Tracer | undefined;
  private readonly compiled = new Map<Actor<never, never>, CompiledActor>();
  private readonly reserved = new Map<string, NodeRef>();
  private readonly deferred: Deferred[] = [];
  /** How many of them are done. */
  private drained = 0;
  private readonly withholding: Withholding | undefined;

  constructor(options: WorldOptions) {
    this.seed = options.seed;
    this.queue = new EventQueue(options.maxPending === undefined ? {} : { maxPending: options.maxPending });
    this.metrics = new Metrics(this.queue);
    const nominal = options.noise === 'nominal' ? nominalLatencies() : undefined;
    this.network = new Network(this, (from, to) => {
      const law = this.topology.law(from, to);
      return nominal === undefined ? law : nominal(law);
    });
    this.withholding = options.operations && new Withholding(options.operations);
    if (options.trace !== undefined) {
      this.recording = new RecordedPath(options.trace);
      this.tracer = new Tracer(this, options.trace);
    }
  }

  /** Whether this run is recorded, now or at another time. */
  get keepsTrace(): boolean {
    return this.tracer !== undefined;
  }

  /** Virtual time. */
  get now(): Micros {
    return this.queue.now;
  }

  // ── Building ──────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Reserves names `n1` … `n<count>` so that actors can know their peers before these are placed with `node`. */
  refs<P>(prefix: string, count: number): NodeRef<P>[] {
    return Array.from({ length: count }, (_, i) => this.ref<P>(`${prefix}${i + 1}`));
  }

  /** Reserves one name. */
  ref<P>(id: string): NodeRef<P> {
    const known = this.reserved.get(id);
    if (known !== undefined) return known as NodeRef<P>;
    if (typeof id !== 'string' || id === '' || id.length > LONGEST_NAME) {
      throw new ConfigError('node name', id, `a text of 1 to ${LONGEST_NAME} characters`);
    }
    const ref: NodeRef<P> = Object.freeze({ id, index: this.reserved.size });
    this.reserved.set(id, ref as NodeRef);
    return ref;
  }

  /** Places an actor on a node. */
  node<S, P>(name: string | NodeRef<P>, options: NodeOptions<S, P>): NodeRef<P> {
    const ref = typeof name === 'string' ? this.ref<P>(name) : name;
    if (this.nodes[ref.index] !== undefined) throw new SimulationError('topology', `node ${ref.id} is placed twice`);
    refuseUnknownFields(options, NODE_FIELDS, `node ${ref.id}`);
    const actor = options.actor as unknown as Actor<never, never>;
    let compiled = this.compiled.get(actor);
    if (compiled === undefined) this.compiled.set(actor, (compiled = new CompiledActor(actor, this.messages)));
    const inner = options as unknown as NodeOptions<never, never>;
    const node = new Node(this, ref.index, ref as NodeRef, compiled, inner);
    this.nodes[ref.index] = node;
    this.network.add(node);
    return ref;
  }

  /** Sets the laws of links: defaults, per zone and region, per pair. Later calls add to earlier ones. */
  links(options: NetworkOptions): void {
    this.topology.set(options);
    this.network.lawsChanged();
  }

  /** A random stream for building: topologies, initial data. */
  random(name: string): RandomStream {
    return new RandomStream(this.seed, `build/${name}`);
  }

  /** The node called `id`. Throws SimulationError when there is none. */
  named(id: string): Node {
    const ref = this.reserved.get(id);
    const node = ref === undefined ? undefined : this.nodes[ref.index];
    if (node === undefined) throw new SimulationError('topology', `there is no node ${id}`);
    return node;
  }

  /** Boots every node, in order of their reservation. */
  start(): void {
    for (const [id, ref] of this.reserved) {
      if (this.nodes[ref.index] === undefined)
        throw new SimulationError('topology', `node ${id} is referred to but never placed`);
    }
    this.started = true;
    this.record();
    for (const node of this.nodes) boot(this, node, true);
  }

  // ── Running ───────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Handles the event that the queue has just popped. */
  dispatch(): void {
    const { queue } = this;
    const { kind, node: index } = queue;
    if (this.tracer !== undefined) this.record();
    this.digest.foldEvent(queue.at, kind, index, queue.a);
    if (kind === EventKind.control) {
      (queue.payload as Control).fire();
      if (this.deferred.length > 0) this.drain();
    } else {
      const marks = this.columns.marks[index] as number;
      if (kind <= EventKind.response) arrive(this, index);
      else if ((marks & PAUSED) !== 0) this.hold(this.nodes[index] as Node);
      else if (kind === EventKind.timer) this.fireTimer(index);
      else if ((queue.payload as Op<unknown>).life === (this.nodes[index] as Node).life) this.wake();
      if ((marks & WATCHED) !== 0) this.tellObservers(this.nodes[index] as Node);
      if (this.trace !== undefined) this.trace.phase(this.nodes[index] as Node, queue.currentCause);
    }
    queue.currentCause = 0;
  }

  /** As `dispatch`, when operations may be withheld: a step that asked for one ends there, and the run goes on. */
  dispatchWithholding(): void {
    const { queue } = this;
    const index = queue.node;
    try {
      this.dispatch();
    } catch (withheld) {
      if (!(withheld instanceof OperationWithheld)) throw withheld;
      this.inStep = false;
      this.drain();
      const node = this.nodes[index];
      if (node?.watched === true) this.tellObservers(node);
      queue.currentCause = 0;
    }
  }

  /** Draws everything from now on afresh: the same past, another future. What is already on its way arrives as it would have. */
  redraw(salt: number): void {
    this.seed = `${this.seed}/redrawn/${salt}`;
    for (const node of this.nodes) node.redraw(salt);
    this.network.redraw(salt, this.seed);
  }

  private record(): void {
    const tracer = this.tracer as Tracer | undefined;
    if (tracer === undefined) return;
    const inside = tracer.trace.covers(this.now);
    if (inside === (this.recorder !== undefined)) return;
    if (inside) {
      this.recorder = this.recording;
      this.trace = tracer;
      if (this.now > 0) this.recorder?.open(this.nodes);
    } else {
      this.recorder?.close(this.nodes);
      this.recorder = undefined;
      this.trace = undefined;
    }
  }

  /** States when the recording began; empty without one. */
  get initialStates(): Readonly<Record<string, unknown>> {
    return this.recording?.initial ?? {};
  }

  /** Keeps the popped event for when the node resumes. */
  hold(node: Node): void {
    const { kind, a, b, c, payload, cause } = this.queue;
    node.held.push({ kind, a, b, c, payload, cause });
    for (const effect of node.pauseEffects) effect.count++;
  }

  private tellObservers(node: Node): void {
    for (const observer of this.observers) observer.handled(node);
  }

  private fireTimer(index: number): void {
    const { queue, columns } = this;
    const { a: number, payload } = queue;
    this.timers.set(queue.b, NO_EVENT);
    const actor = columns.actors[index] as CompiledActor;
    if (this.trace !== undefined) {
      const name = actor.timerNames[number] as string;
      queue.currentCause = this.trace.at('timer', this.nodes[index], name, queue.cause);
    }
    const timerStep = actor.timerSteps[number] as TimerStep;
    const ctx = columns.contexts[index] as Context<unknown>;
    if (this.recorder === undefined) {
      this.inStep = true;
      timerStep(columns.states[index], ctx, payload);
      this.inStep = false;
    } else {
      this.step(this.nodes[index] as Node, (state) => timerStep(state, ctx, payload));
    }
    if (this.deferred.length > 0) this.drain();
  }

  private wake(): void {
    const { queue } = this;
    if (this.trace !== undefined) queue.currentCause = queue.cause;
    (queue.payload as Op<unknown>).wake(queue.a);
    if (this.deferred.length > 0) this.drain();
  }

  /** Changes a node's state by a recipe, on whichever path the run is. */
  step<R>(node: Node, recipe: (state: unknown) => R): R {
    this.inStep = true;
    try {
      return this.recorder === undefined ? recipe(node.state) : this.recorder.step(node, this.queue, recipe);
    } finally {
      this.inStep = false;
    }
  }

  /** The first step of a life. */
  begin(node: Node, start: (state: unknown) => void): void {
    try {
      this.step(node, start);
    } catch (withheld) {
      if (!(withheld instanceof OperationWithheld)) throw withheld;
    }
  }

  /** Runs `act` when the present handler is done, unless the node has crashed by then. */
  later(node: Node, act: () => void): void {
    this.deferred.push({ node, life: node.life, act, flow: undefined });
  }

  /** A flow that nobody waits for has ended with a failure that it did not handle. */
  abandoned(node: Node, failure: CallError): void {
    this.trace?.at('note', node, `a flow ended with an unhandled failure: ${failure.message}`, this.queue.currentCause);
    this.unhandled.first ??= `${node.id} at ${instantText(this.now)}: ${failure.message}`;
    this.unhandled.count++;
  }

  spawn(node: Node, flow: Flow<unknown>): void {
    this.deferred.push({ node, life: node.life, act: undefined, flow });
  }

  get hasDeferred(): boolean {
    return this.deferred.length > 0;
  }

  /** Runs what handlers left for after their end, in order, until nothing is left. */
  drain(): void {
    const { deferred } = this;
    while (this.drained < deferred.length) {
      const { node, life, act, flow } = deferred[this.drained++] as Deferred;
      if (node.life !== life) continue;
      if (flow !== undefined) new FlowRun(node, flow, undefined).advance();
      else act?.();
    }
    // One by one: to set the length to 0 would give its memory away, and the next handler would ask for it again.
    while (deferred.length > 0) deferred.pop();
    this.drained = 0;
  }

  // ── Messages ──────────────────────────────────────────────────────────────────────────────────────────────────────

  /** The callee's answer goes back. */
  respond(call: CallOp, succeeded: boolean, value: unknown): void {
    const caller = call.callerNode as Node;
    if (this.recorder !== undefined && succeeded) this.recorder.seal(value, call.to.id, `the reply to ${call.message}`);
    const response = new Response(call, succeeded, value);
    this.network.send(call.to.index, caller.index, EventKind.response, 0, response, call.replySizeBytes);
  }

  /** The connection that carried an open call has broken: the caller learns it. */
  resetCall(payload: unknown, why: string): void {
    const call = payload as CallOp;
    const caller = call.callerNode as Node;
    if (!call.waiting || caller.life !== call.life) return;
    if (caller.status === 'paused') {
      // It learns it when it resumes, as from a message of its own machine.
      this.network.sent++;
      this.queue.push(this.now, EventKind.response, caller.index, 0, call.to.index, 0, this.broken(call, why));
    } else call.answered(false, connectionReset(why));
  }

  /** The reply that stands for a reset. */
  broken(call: CallOp, why: string): Response {
    return new Response(call, false, connectionReset(why));
  }

  /** Messages on their way, counted one by one: in the queue, held by a clog or a paused node, stalled in a stream. */
  countInFlight(): number {
    let found = 0;
    this.queue.forEachPending((_handle, _at, kind) => {
      if (kind <= EventKind.response) found++;
    });
    for (const node of this.nodes) found += node.held.filter((event) => event.kind <= EventKind.response).length;
    for (const link of this.network.links) found += link.held.length + link.backlog.length;
    return found;
  }

  // ── Time ──────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Schedules an act of the world itself. */
  after(delay: Micros, control: Control): EventHandle {
    return this.at(this.now + delay, control);
  }

  at(at: Micros, control: Control): EventHandle {
    if (at >= NEVER) throw new SimulationError('time', `cannot schedule at ${at} µs: a run ends before 2^52 µs`);
    return this.queue.push(at, EventKind.control, -1, 0, 0, 0, control);
  }

  /** Wakes `op` after `local` µs on the node's own clock. */
  alarm(node: Node, local: Micros, op: Op<unknown>): EventHandle {
    return alarm(this, node, local, op);
  }

  cancelTimer(node: Node, number: number): void {
    cancelTimer(this, node, number);
  }

  timerArmed(node: Node, number: number): boolean {
    return this.timers.at(node.firstTimer + number) !== NO_EVENT;
  }

  retime(node: Node, oldRate: number, newRate: number): void {
    retimeNode(this, node, oldRate, newRate);
  }

  disarm(node: Node): void {
    disarmAll(this, node);
  }

  // ── Clients ───────────────────────────────────────────────────────────────────────────────────────────────────────

  invoke(node: Node, invocation: Invocation, session: string | undefined): number {
    this.withholding?.admit(node.id, this.now);
    const client = session === undefined ? node.id : `${node.id}/${session}`;
    const { intended } = invocation;
    const late = intended === undefined ? 0 : Math.round(node.clock.monotonic - intended);
    const id = this.history.invoke(client, this.now, invocation, late);
    node.openOperations.add(id);
    this.digest.fold(id);
    this.trace?.at(
      'invoke',
      node,
      `${invocation.f} ${invocation.key ?? ''}`.trim(),
      this.queue.currentCause,
      `#${id} ${canonicalJson(invocation.input)}`,
    );
    return id;
  }

  complete(
    node: Node,
    id: number,
    outcome: 'ok' | 'fail' | 'info',
    output: unknown,
    answeredBy: string | undefined,
  ): Operation {
    node.openOperations.delete(id);
    const operation = this.history.complete(id, this.now, outcome, output, answeredBy);
    this.digest.fold(id * 4 + (outcome === 'ok' ? 1 : outcome === 'fail' ? 2 : 3));
    if (output !== undefined) this.digestValue(output);
    this.trace?.at(
      'complete',
      node,
      `${operation.f} ${operation.key}`.trim(),
      this.queue.currentCause,
      `#${id} ${outcome} ${canonicalJson(output)}`,
    );
    return operation;
  }

  private digestValue(value: unknown): void {
    if (typeof value === 'number') this.digest.fold(value);
    else
      this.digest.foldText(
        typeof value === 'string' ? value : value instanceof CallError ? value.code : canonicalJson(value),
      );
  }

  note(node: Node, text: string): void {
    this.trace?.at('note', node, text, this.queue.currentCause);
  }

  get running(): boolean {
    return this.started;
  }
}
