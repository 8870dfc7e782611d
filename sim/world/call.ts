/** Calls: a request, its deadline on the caller's own clock, and the reply. */
import { NO_EVENT } from '../kernel/event-queue.ts';
import { durationText, s, type Micros } from '../base/time.ts';
import { CallError, timeout } from './call-error.ts';
import { EventKind } from './event-kind.ts';
import type { FlowEnd } from './flow.ts';
import type { Node } from './node.ts';
import { Op } from './op.ts';

/** Calls without a deadline of their own give up after this long. */
export const DEFAULT_DEADLINE: Micros = s(30);

/** Size of a message that says nothing of its size. */
export const DEFAULT_SIZE_BYTES = 512;

export class CallOp extends Op<unknown> implements FlowEnd {
  readonly to: Node;
  readonly message: string;
  readonly payload: unknown;
  private readonly deadline: Micros;
  private readonly sizeBytes: number;
  /** Size of the reply on the wire. */
  readonly replySizeBytes: number;
  /** The network has made a copy of the request, which may be handled although this one is refused. */
  doubled = false;
  private from: Node | undefined = undefined;

  constructor(
    to: Node,
    message: string,
    payload: unknown,
    deadline: Micros,
    sizeBytes: number,
    replySizeBytes: number,
  ) {
    super();
    this.to = to;
    this.message = message;
    this.payload = payload;
    this.deadline = deadline;
    this.sizeBytes = sizeBytes;
    this.replySizeBytes = replySizeBytes;
  }

  get callerNode(): Node | undefined {
    return this.from;
  }

  get caller(): Op<unknown> {
    return this;
  }

  protected override start(node: Node): void {
    const { world } = node;
    this.from = node;
    // The alarm is set first: with a deadline of zero a caller gives up before it can be answered.
    this.alarm = world.alarm(node, this.deadline, this);
    world.network.send(
      node.index,
      this.to.index,
      EventKind.request,
      world.messages.of(this.message),
      this,
      this.sizeBytes,
    );
  }

  override wake(): void {
    this.alarm = NO_EVENT;
    this.fail(timeout(`${this.to.id} did not answer ${this.message} within ${durationText(this.deadline)}`));
  }

  /** The reply has arrived at the caller. */
  answered(succeeded: boolean, value: unknown): void {
    if (!this.waiting) return;
    this.stop();
    if (succeeded) this.succeed(value);
    else this.fail(this.doubled ? indefinite(value) : value);
  }

  protected override stop(): void {
    if (this.alarm === NO_EVENT || this.from === undefined) return;
    this.from.world.queue.cancel(this.alarm);
    this.alarm = NO_EVENT;
  }

  /** FlowEnd, at the callee: the handler is done. */
  flowEnded(succeeded: boolean, value: unknown): void {
    this.to.world.respond(this, succeeded, value);
  }
}

const indefinite = (failure: unknown): unknown =>
  failure instanceof CallError && failure.definite
    ? new CallError(failure.kind, failure.code, failure.message, false, failure.detail)
    : failure;

/** A reply on its way. */
export class Response {
  readonly call: CallOp;
  readonly succeeded: boolean;
  readonly value: unknown;

  constructor(call: CallOp, succeeded: boolean, value: unknown) {
    this.call = call;
    this.succeeded = succeeded;
    this.value = value;
  }
}

/** `yield* ctx.sleep(d)`: nothing, for `d` on the node's own clock. */
export class SleepOp extends Op<void> {
  private readonly delay: Micros;
  private host: Node | undefined = undefined;

  constructor(delay: Micros) {
    super();
    this.delay = delay;
  }

  protected override start(node: Node): void {
    this.host = node;
    this.alarm = node.world.alarm(node, this.delay, this);
  }

  override wake(): void {
    this.alarm = NO_EVENT;
    this.succeed(undefined);
  }

  protected override stop(): void {
    if (this.alarm !== NO_EVENT) this.host?.world.queue.cancel(this.alarm);
  }
}

/** `yield* ctx.wait(signal)`: until somebody on the node signals that name, or the deadline passes. */
export class SignalOp extends Op<unknown> {
  private readonly signal: string;
  private readonly deadline: Micros;
  private host: Node | undefined = undefined;

  constructor(signal: string, deadline: Micros) {
    super();
    this.signal = signal;
    this.deadline = deadline;
  }

  protected override start(node: Node): void {
    this.host = node;
    this.alarm = node.world.alarm(node, this.deadline, this);
    const waiting = node.signals.get(this.signal);
    if (waiting === undefined) node.signals.set(this.signal, [this]);
    else waiting.push(this);
  }

  signalled(value: unknown): void {
    if (!this.waiting) return;
    this.quiet();
    this.succeed(value);
  }

  override wake(): void {
    this.alarm = NO_EVENT;
    this.leave();
    this.fail(timeout(`no signal ${this.signal} within ${durationText(this.deadline)}`));
  }

  private quiet(): void {
    if (this.alarm !== NO_EVENT) this.host?.world.queue.cancel(this.alarm);
    this.alarm = NO_EVENT;
  }

  private leave(): void {
    const waiting = this.host?.signals.get(this.signal);
    const at = waiting?.indexOf(this) ?? -1;
    if (at >= 0) waiting?.splice(at, 1);
  }

  protected override stop(): void {
    this.quiet();
    this.leave();
  }
}
