/**
 * Operations withheld from clients: a run without them, to see whether a failure needs them.
 *
 * A client that asks to begin a withheld operation stops there: the flow that asked never goes on, and a step that asked ends at
 * that point. Nobody else's draws move. A client that works in one flow thus falls silent for good; one that starts a flow for
 * each operation loses these operations alone.
 */
import type { Micros } from '../base/time.ts';

export interface OperationLimits {
  /** No operation begins at or after this instant of virtual time. */
  readonly before?: Micros;
  /** By name of a client node: how many operations it may begin in the whole run, its restarts included. */
  readonly perClient?: Readonly<Record<string, number>>;
}

/** Ends the handler that asked for a withheld operation. Actors do not catch it. */
export class OperationWithheld extends Error {}

export class Withholding {
  private readonly before: Micros;
  private readonly left: Map<string, number>;

  constructor({ before = Infinity, perClient = {} }: OperationLimits) {
    this.before = before;
    this.left = new Map(Object.entries(perClient));
  }

  /** Counts an operation of `node` that is about to begin. Throws OperationWithheld when it must not. */
  admit(node: string, now: Micros): void {
    const left = this.left.get(node);
    if (now >= this.before || left === 0) throw new OperationWithheld(`an operation of ${node} is withheld`);
    if (left !== undefined) this.left.set(node, left - 1);
  }
}
