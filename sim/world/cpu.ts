/**
 * A node's CPU: `servers` that each do one piece of work at a time, first come first served, and a bounded queue in front.
 * That makes load, queueing and overload real: an M/M/c/K station when arrivals and work are exponential (K = servers + queue).
 *
 * A slow node does all of its work so many times slower while it is slow: what is left of the work in progress is stretched when that
 * begins, and shrinks when it ends. A pause stops the clock of the work in progress. A crash empties everything.
 */
import { SimulationError } from '../base/errors.ts';
import type { Micros } from '../base/time.ts';
import { NO_EVENT, type EventHandle } from '../kernel/event-queue.ts';
import type { Gauge } from '../metrics/gauge.ts';
import { overloaded } from './call-error.ts';
import { credit, type Effect } from './effect.ts';
import { EventKind } from './event-kind.ts';
import type { Node } from './node.ts';
import { Op } from './op.ts';

export interface CpuOptions {
  /** Pieces of work done at the same time, at least 1. Default 1. */
  servers?: number;
  /** Places in the queue, not counting the work being done; beyond it work is refused with `queue-full`. Default unbounded. */
  queue?: number;
}

export class Cpu {
  readonly servers: number;
  readonly capacity: number;
  private readonly node: Node;
  private busyCount = 0;
  private waiting: WorkOp[] = [];
  private head = 0;
  /** Work in progress, in no order of its own. */
  private serving: WorkOp[] = [];
  private pace = 1;
  readonly slowEffects: Effect[] = [];
  refused = 0;
  /** How long the work that has left was here, in sum. */
  private stayed: Micros = 0;
  private busyGauge: Gauge | undefined = undefined;
  private queueGauge: Gauge | undefined = undefined;

  constructor(node: Node, options: CpuOptions = {}) {
    this.node = node;
    this.servers = options.servers ?? 1;
    this.capacity = options.queue ?? Infinity;
  }

  /** Work takes this many times as long now. */
  get slowdown(): number {
    return this.pace;
  }

  set slowdown(times: number) {
    const change = times / this.pace;
    if (change === 1) return;
    this.pace = times;
    if (this.serving.length > 0 && times !== 1) credit(this.slowEffects);
    for (const work of this.serving) work.stretch(change);
  }

  get busy(): number {
    return this.busyCount;
  }

  get queued(): number {
    return this.waiting.length - this.head;
  }

  /** Takes the work, or refuses it when every server is busy and the queue is full. */
  offer(work: WorkOp): void {
    if (this.busyGauge === undefined) this.openGauges();
    work.offeredAt = this.node.world.now;
    if (this.busyCount < this.servers) {
      this.serve(work);
    } else if (this.queued >= this.capacity) {
      this.refused++;
      work.fail(overloaded(`${this.node.id} has ${this.queued} requests queued`));
    } else {
      this.waiting.push(work);
      this.queueGauge?.set(this.queued);
    }
  }

  private openGauges(): void {
    this.busyGauge = this.node.world.metrics.gauge(this.node.id, 'cpu.busy', {
      series: true,
      capacity: this.servers,
    });
    this.queueGauge = this.node.world.metrics.gauge(this.node.id, 'cpu.queue', { series: true });
  }

  private serve(work: WorkOp): void {
    this.busyCount++;
    this.busyGauge?.set(this.busyCount);
    let duration = work.amount;
    if (this.pace !== 1) {
      duration = Math.round(duration * this.pace);
      credit(this.slowEffects);
    }
    work.place = this.serving.length;
    this.serving.push(work);
    work.serve(duration);
  }

  /** A piece of work is done: the next in the queue begins. */
  release(done: WorkOp): void {
    this.busyCount--;
    this.stayed += this.node.world.now - done.offeredAt;
    const last = this.serving.pop() as WorkOp;
    if (last !== done) {
      this.serving[done.place] = last;
      last.place = done.place;
    }
    while (this.head < this.waiting.length) {
      const next = this.waiting[this.head] as WorkOp;
      this.waiting[this.head] = undefined as unknown as WorkOp;
      this.head++;
      if (this.head > 1024 && this.head * 2 > this.waiting.length) {
        this.waiting = this.waiting.slice(this.head);
        this.head = 0;
      }
      if (next.waiting) {
        this.queueGauge?.set(this.queued);
        this.serve(next);
        return;
      }
    }
    if (this.waiting.length > 0) this.waiting = [];
    this.head = 0;
    this.busyGauge?.set(this.busyCount);
  }

  /** Leaves the queue. */
  withdraw(work: WorkOp): void {
    const at = this.waiting.indexOf(work, this.head);
    if (at < 0) return;
    this.stayed += this.node.world.now - work.offeredAt;
    this.waiting.splice(at, 1);
    this.queueGauge?.set(this.queued);
  }

  /** The node crashed: everything in service and in the queue is lost. */
  reset(): void {
    this.stayed += this.presentFor();
    this.busyCount = 0;
    this.serving = [];
    this.waiting = [];
    this.head = 0;
    this.busyGauge?.set(0);
    this.queueGauge?.set(0);
  }

  /** How long the work that is here has been here, in sum. */
  private presentFor(): Micros {
    const { now } = this.node.world;
    let sum = 0;
    for (const work of this.serving) sum += now - work.offeredAt;
    for (let i = this.head; i < this.waiting.length; i++) sum += now - (this.waiting[i] as WorkOp).offeredAt;
    return sum;
  }

  /**
   * The two sides of Little's law (J. D. C. Little, 1961), which on any stretch of time that is looked at whole are equal to the
   * microsecond: work here summed over time, as the gauges have it, and time here summed over the work.
   */
  get books(): { readonly workOverTime: number; readonly timeOfWork: number } {
    return {
      workOverTime: (this.busyGauge?.area ?? 0) + (this.queueGauge?.area ?? 0),
      timeOfWork: this.stayed + this.presentFor(),
    };
  }
}

/** `yield* ctx.work(duration)`: occupies one server of the node's CPU for `duration` of work. */
export class WorkOp extends Op<void> {
  readonly amount: Micros;
  /** Its place in the CPU's list of work in progress. */
  place = 0;
  offeredAt: Micros = 0;
  protected cpu: Cpu | undefined = undefined;
  protected inService = false;
  protected end: EventHandle = NO_EVENT;
  private due: Micros = 0;
  private pausedBefore: Micros = 0;

  constructor(amount: Micros) {
    super();
    if (!(amount >= 0)) throw new SimulationError('work', `work must be a non-negative duration, got ${amount}`);
    this.amount = amount;
  }

  protected override start(node: Node): void {
    this.cpu = node.cpu;
    node.cpu.offer(this);
  }

  /** A server has taken it: done after `duration`. */
  serve(duration: Micros): void {
    const node = this.waiter?.node as Node;
    this.inService = true;
    this.pausedBefore = node.pausedTotal;
    this.due = node.world.now + duration;
    this.awaitEnd(node);
  }

  /** From now on it takes `times` as long. */
  stretch(times: number): void {
    const node = this.waiter?.node as Node;
    const { world } = node;
    const stoppedAt = node.status === 'paused' ? node.pausedAt : world.now;
    this.due = stoppedAt + Math.round(this.timeLeft(node) * times);
    this.pausedBefore = node.pausedTotal;
    world.queue.cancel(this.end);
    this.awaitEnd(node);
  }

  /** How long it would still take at the present pace. */
  protected timeLeft(node: Node): Micros {
    const stoppedAt = node.status === 'paused' ? node.pausedAt : node.world.now;
    return Math.max(0, this.due + (node.pausedTotal - this.pausedBefore) - stoppedAt);
  }

  private awaitEnd(node: Node): void {
    const { world } = node;
    this.end = world.queue.push(Math.max(world.now, this.due), EventKind.wake, node.index, 0, 0, 0, this);
  }

  override wake(): void {
    // It can have come due in a pause, and then been stretched.
    if (!this.inService) return;
    const node = this.waiter?.node as Node;
    const due = this.due + (node.pausedTotal - this.pausedBefore);
    if (due > node.world.now) {
      this.pausedBefore = node.pausedTotal;
      this.due = due;
      this.awaitEnd(node);
      return;
    }
    this.inService = false;
    // Release first: the next piece of work begins at this very instant, before what this one's end sets off.
    this.cpu?.release(this);
    this.succeed(undefined);
  }

  /** Given up: leaves the queue, but work in service runs to its end and burns its time. */
  protected override stop(): void {
    if (!this.inService) this.cpu?.withdraw(this);
  }
}

/** `yield* ctx.interruptibleWork(duration)`: work that stops when it is given up, and can be gone on with later. */
export class InterruptibleWorkOp extends WorkOp {
  private rest: Micros | undefined = undefined;

  /** Work that is left: none when it has ended; what it was interrupted at; else as of now. */
  get left(): Micros {
    if (this.succeeded) return 0;
    if (this.rest !== undefined) return this.rest;
    if (!this.inService || this.cpu === undefined) return this.amount;
    return Math.min(this.amount, Math.round(this.timeLeft(this.waiter?.node as Node) / this.cpu.slowdown));
  }

  protected override stop(): void {
    if (!this.inService) {
      super.stop();
      return;
    }
    this.rest = this.left;
    // Also for an end that has come due in a pause and is held.
    this.inService = false;
    this.waiter?.node.world.queue.cancel(this.end);
    this.cpu?.release(this);
  }
}
