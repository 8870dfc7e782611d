/**
 * A node's CPU: `servers` that each do one piece of work at a time, first come first served, and a bounded queue in front.
 * That makes load, queueing and overload real: an M/M/c/K station when arrivals and work are exponential (K = servers + queue).
 *
 * A slow node multiplies the work that it begins while it is slow. A pause stops the clock of the work in progress. A crash
 * empties everything.
 */
import { SimulationError } from '../base/errors.ts';
import type { Micros } from '../base/time.ts';
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
  /** Work begun now takes this many times as long. */
  slowdown = 1;
  readonly slowEffects: Effect[] = [];
  refused = 0;
  private busyGauge: Gauge | undefined = undefined;
  private queueGauge: Gauge | undefined = undefined;

  constructor(node: Node, options: CpuOptions = {}) {
    this.node = node;
    this.servers = options.servers ?? 1;
    this.capacity = options.queue ?? Infinity;
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
    this.busyGauge = this.node.world.metrics.gauge(this.node.id, 'cpu.busy', { series: true });
    this.queueGauge = this.node.world.metrics.gauge(this.node.id, 'cpu.queue', { series: true });
  }

  private serve(work: WorkOp): void {
    this.busyCount++;
    this.busyGauge?.set(this.busyCount);
    let duration = work.amount;
    if (this.slowdown !== 1) {
      duration = Math.round(duration * this.slowdown);
      credit(this.slowEffects);
    }
    work.serve(duration);
  }

  /** A piece of work is done: the next in the queue begins. */
  release(): void {
    this.busyCount--;
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
    this.waiting.splice(at, 1);
    this.queueGauge?.set(this.queued);
  }

  /** The node crashed: everything in service and in the queue is lost. */
  reset(): void {
    this.busyCount = 0;
    this.waiting = [];
    this.head = 0;
    this.busyGauge?.set(0);
    this.queueGauge?.set(0);
  }
}

/** `yield* ctx.work(duration)`: occupies one server of the node's CPU for `duration` of work. */
export class WorkOp extends Op<void> {
  readonly amount: Micros;
  private cpu: Cpu | undefined = undefined;
  private inService = false;
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
    node.world.queue.push(this.due, EventKind.wake, node.index, 0, 0, 0, this);
  }

  override wake(): void {
    const node = this.waiter?.node as Node;
    const due = this.due + (node.pausedTotal - this.pausedBefore);
    if (due > node.world.now) {
      this.pausedBefore = node.pausedTotal;
      this.due = due;
      node.world.queue.push(due, EventKind.wake, node.index, 0, 0, 0, this);
      return;
    }
    // Release first: the next piece of work begins at this very instant, before what this one's end sets off.
    this.cpu?.release();
    this.succeed(undefined);
  }

  /** Given up: leaves the queue, but work in service runs to its end and burns its time. */
  protected override stop(): void {
    if (!this.inService) this.cpu?.withdraw(this);
  }
}
