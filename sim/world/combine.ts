/** Waiting for several operations at once: all, any (first success), race (first to settle), quorum (the first `k` successes). */
import type { Flow } from './actor.ts';
import { CallError } from './call-error.ts';
import { FlowOp } from './flow.ts';
import type { Node } from './node.ts';
import { Op, type Waiter } from './op.ts';

/** What can be waited for: an operation, or a flow (which then runs beside its siblings). */
export type Waitable<T> = Op<T> | Flow<T>;

const asOp = <T>(part: Waitable<T>): Op<T> => (part instanceof Op ? part : new FlowOp(part));

abstract class Combined<T, R> extends Op<R> implements Waiter {
  readonly parts: readonly Op<T>[];
  private starting = true;

  constructor(parts: readonly Waitable<T>[]) {
    super();
    this.parts = parts.map(asOp);
  }

  get node(): Node {
    return (this.waiter as Waiter).node;
  }

  protected override start(_node: Node): void {
    for (const part of this.parts) {
      if (this.settled) part.cancel();
      else part.begin(this);
    }
    this.starting = false;
    this.judge();
  }

  opSettled(op: Op<unknown>): void {
    this.note(op as Op<T>);
    // While parts are being started the verdict waits: every request goes out, whatever the first one answers.
    if (!this.starting) this.judge();
  }

  protected abstract note(op: Op<T>): void;
  protected abstract judge(): void;

  protected override stop(): void {
    for (const part of this.parts) part.cancel();
  }

  protected conclude(value: R): void {
    this.succeed(value);
    this.stop();
  }

  protected giveUp(failure: unknown): void {
    this.fail(failure);
    this.stop();
  }
}

/** Every part's result, in the order given; fails with the first failure and cancels the rest. */
export class AllOp<T> extends Combined<T, T[]> {
  private open = this.parts.length;
  private failed: Op<T> | undefined = undefined;

  protected override note(op: Op<T>): void {
    this.open--;
    if (!op.succeeded) this.failed ??= op;
  }

  protected override judge(): void {
    if (this.failed !== undefined) this.giveUp(this.failed.error);
    else if (this.open === 0) this.conclude(this.parts.map((part) => part.value as T));
  }
}

/** The first to settle decides, well or badly; the rest are cancelled. */
export class RaceOp<T> extends Combined<T, T> {
  private first: Op<T> | undefined = undefined;

  protected override note(op: Op<T>): void {
    this.first ??= op;
  }

  protected override judge(): void {
    if (this.first === undefined) return;
    if (this.first.succeeded) this.conclude(this.first.value as T);
    else this.giveUp(this.first.error);
  }
}

/**
 * The first `needed` successes, in order of arrival; fails as soon as that many cannot be reached any more.
 * Nobody waits for the rest then, but what was sent stays sent: a quorum write goes to every replica.
 */
export class QuorumOp<T> extends Combined<T, T[]> {
  private readonly needed: number;
  private readonly results: T[] = [];
  private readonly failures: unknown[] = [];

  constructor(needed: number, parts: readonly Waitable<T>[]) {
    super(parts);
    this.needed = needed;
  }

  protected override note(op: Op<T>): void {
    if (op.succeeded) this.results.push(op.value as T);
    else this.failures.push(op.error);
  }

  protected override judge(): void {
    if (this.settled) return;
    if (this.results.length >= this.needed) {
      this.succeed(this.results.slice(0, Math.max(this.needed, 0)));
      this.stop();
    } else if (this.parts.length - this.failures.length < this.needed) {
      // A part that is still open, or has succeeded, may have taken effect.
      const definite =
        this.failures.length === this.parts.length && this.failures.every((f) => f instanceof CallError && f.definite);
      const message = `${this.results.length} of ${this.needed} answers, ${this.failures.length} of ${this.parts.length} failed`;
      this.giveUp(new CallError('quorum', 'no-quorum', message, definite, this.failures.map(String)));
    }
  }
}

/** The first success; fails when every part has failed. */
export class AnyOp<T> extends Combined<T, T> {
  private winner: Op<T> | undefined = undefined;
  private failures = 0;

  protected override note(op: Op<T>): void {
    if (op.succeeded) this.winner ??= op;
    else this.failures++;
  }

  protected override judge(): void {
    if (this.settled) return;
    if (this.winner !== undefined) this.conclude(this.winner.value as T);
    else if (this.failures === this.parts.length) {
      const errors = this.parts.map((part) => part.error);
      const definite = errors.every((f) => f instanceof CallError && f.definite);
      this.giveUp(
        new CallError('quorum', 'all-failed', `all ${this.parts.length} attempts failed`, definite, errors.map(String)),
      );
    }
  }
}
