/**
 * Operations: what a flow can wait for.
 *
 * `yield* op` gives the operation's result, or throws its failure inside the flow. An operation starts when somebody waits for
 * it, settles at most once, and is its own iterator and iterator result, so that waiting allocates nothing more.
 */
import { SimulationError } from '../base/errors.ts';
import { NO_EVENT, type EventHandle } from '../kernel/event-queue.ts';
import type { Node } from './node.ts';

/** Whoever waits for an operation: a flow, a combinator, or a reply. */
export interface Waiter {
  /** The node whose clock, stream and life the operation belongs to. */
  readonly node: Node;
  /** Called once, when `op` has settled; never after a crash of the waiting node. */
  opSettled(op: Op<unknown>): void;
}

type Stage = 'new' | 'waiting' | 'succeeded' | 'failed' | 'cancelled';

export abstract class Op<T> implements Iterable<Op<unknown>, T, unknown> {
  /** Iterator protocol: true once the result has been taken. */
  done = false;
  /** Iterator protocol: the operation itself while it waits, then its result. */
  value: unknown = undefined;
  /** The life of the node in which the wait began: events from an earlier life are void. */
  life = -1;
  protected waiter: Waiter | undefined = undefined;
  /** The event on the node's clock that would wake it. */
  protected alarm: EventHandle = NO_EVENT;
  private stage: Stage = 'new';
  private failure: unknown = undefined;

  [Symbol.iterator](): Iterator<Op<unknown>, T, unknown> {
    return this as unknown as Iterator<Op<unknown>, T, unknown>;
  }

  next(): this {
    if (this.stage === 'succeeded') this.done = true;
    else if (this.stage === 'failed') throw this.failure;
    else this.value = this;
    return this;
  }

  /** Starts the operation on behalf of `waiter`; it may settle at once. */
  begin(waiter: Waiter): void {
    if (this.stage !== 'new') {
      throw new SimulationError('flow', 'an operation can be waited for once only: make a new one for each wait');
    }
    this.stage = 'waiting';
    this.waiter = waiter;
    this.life = waiter.node.life;
    this.start(waiter.node);
  }

  protected abstract start(node: Node): void;

  /** An event that this operation scheduled on its node has come due. */
  wake(_code: number): void {}

  /** The node's clock has changed its rate: the alarm stands elsewhere now. */
  alarmMoved(alarm: EventHandle): void {
    this.alarm = alarm;
  }

  /** Nobody waits any longer: releases timers and places in queues. */
  cancel(): void {
    if (this.stage !== 'waiting') return;
    this.stage = 'cancelled';
    this.stop();
  }

  protected stop(): void {}

  get settled(): boolean {
    return this.stage === 'succeeded' || this.stage === 'failed';
  }

  get waiting(): boolean {
    return this.stage === 'waiting';
  }

  get succeeded(): boolean {
    return this.stage === 'succeeded';
  }

  /** Why it failed, if it did. */
  get error(): unknown {
    return this.failure;
  }

  /** Settles with a result; a settled or cancelled operation stays as it is. */
  succeed(value: T): void {
    if (this.stage !== 'waiting') return;
    this.stage = 'succeeded';
    this.value = value;
    this.waiter?.opSettled(this);
  }

  /** Settles with a failure; a settled or cancelled operation stays as it is. */
  fail(failure: unknown): void {
    if (this.stage !== 'waiting') return;
    this.stage = 'failed';
    this.failure = failure;
    this.waiter?.opSettled(this);
  }
}
