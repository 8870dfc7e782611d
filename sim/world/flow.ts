/**
 * Runs generators: a flow advances until it waits for an operation, and goes on when that has settled.
 *
 * A crash drops a node's flows where they stand, without running `finally`: a crashed process cleans up nothing. A flow that is
 * cancelled, such as the loser of a race, does run its `finally` blocks, so that it gives back what it holds; they cannot wait.
 */
import { SimulationError } from '../base/errors.ts';
import type { Flow } from './actor.ts';
import { CallError } from './call-error.ts';
import type { Node } from './node.ts';
import { Op, type Waiter } from './op.ts';
import { OperationWithheld } from './withholding.ts';

/** Told how a flow ended. */
export interface FlowEnd {
  flowEnded(succeeded: boolean, value: unknown): void;
  /** Who asked for the work, when somebody elsewhere waits for it: told of a reset when the node crashes. */
  readonly caller?: Op<unknown> | undefined;
}

export class FlowRun implements Waiter {
  readonly node: Node;
  /** Who asked for this flow; undefined for one that nobody waits for. */
  readonly end: FlowEnd | undefined;
  private readonly generator: Flow<unknown>;
  private current: Op<unknown> | undefined = undefined;
  private running = false;
  previous: FlowRun | undefined = undefined;
  next: FlowRun | undefined = undefined;

  constructor(node: Node, generator: Flow<unknown>, end: FlowEnd | undefined) {
    this.node = node;
    this.generator = generator;
    this.end = end;
    node.flows.add(this);
  }

  opSettled(op: Op<unknown>): void {
    if (op === this.current && !this.running) this.advance();
  }

  /** Runs to the next wait, or to the end. */
  advance(): void {
    this.running = true;
    for (;;) {
      let step: IteratorResult<Op<unknown>, unknown>;
      try {
        step = this.generator.next();
      } catch (failure) {
        this.finish(false, failure);
        return;
      }
      if (step.done === true) {
        this.finish(true, step.value);
        return;
      }
      const op = step.value;
      if (!(op instanceof Op)) {
        throw new SimulationError(
          'flow',
          `a flow of ${this.node.id} yielded something that is not an operation: use yield*`,
        );
      }
      this.current = op;
      op.begin(this);
      if (!op.settled) break;
    }
    this.running = false;
  }

  /** Stops here; nobody is told. */
  cancel(): void {
    this.current?.cancel();
    this.current = undefined;
    this.node.flows.remove(this);
    if (!this.running && this.generator.return(undefined).done !== true) {
      throw new SimulationError(
        'flow',
        `a cancelled flow of ${this.node.id} waits in its finally: nobody is there any more`,
      );
    }
  }

  private finish(succeeded: boolean, value: unknown): void {
    this.current = undefined;
    this.node.flows.remove(this);
    if (!succeeded && !(value instanceof CallError)) {
      // It never goes on, and nobody is told.
      if (value instanceof OperationWithheld) return;
      throw value;
    }
    if (this.end !== undefined) this.end.flowEnded(succeeded, value);
    else if (!succeeded) this.node.world.abandoned(this.node, value as CallError);
  }
}

/** The flows of one node: an intrusive list, so that a crash finds them all and a normal end costs nothing. */
export class FlowList {
  count = 0;
  private head: FlowRun | undefined = undefined;

  add(flow: FlowRun): void {
    flow.next = this.head;
    if (this.head !== undefined) this.head.previous = flow;
    this.head = flow;
    this.count++;
  }

  remove(flow: FlowRun): void {
    if (flow.previous !== undefined) flow.previous.next = flow.next;
    else if (this.head === flow) this.head = flow.next;
    else return;
    if (flow.next !== undefined) flow.next.previous = flow.previous;
    flow.previous = undefined;
    flow.next = undefined;
    this.count--;
  }

  /** Forgets every flow and returns them in order of their start. */
  drop(): FlowRun[] {
    const dropped: FlowRun[] = [];
    for (let flow = this.head; flow !== undefined; flow = flow.next) dropped.push(flow);
    this.head = undefined;
    this.count = 0;
    return dropped.reverse();
  }
}

/** A flow as an operation, for `all`, `any` and `quorum`. */
export class FlowOp<T> extends Op<T> implements FlowEnd {
  private readonly generator: Flow<T>;
  private run: FlowRun | undefined = undefined;

  constructor(generator: Flow<T>) {
    super();
    this.generator = generator;
  }

  protected override start(node: Node): void {
    this.run = new FlowRun(node, this.generator, this);
    this.run.advance();
  }

  flowEnded(succeeded: boolean, value: unknown): void {
    if (succeeded) this.succeed(value as T);
    else this.fail(value);
  }

  protected override stop(): void {
    this.run?.cancel();
  }
}
