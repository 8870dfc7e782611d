/**
 * What clients saw: invocations and completions, ordered by one sequence that counts both.
 *
 * Two history events at the same virtual time are still ordered, so that ties do not turn into concurrency and hide bugs.
 */
import { SimulationError } from '../base/errors.ts';
import { NEVER, type Micros } from '../base/time.ts';
import type { Operation, Outcome } from './operation.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** What a client says when it begins an operation. */
export interface Invocation {
  /** `read`, `write`, `cas`, `add`, ... */
  f: string;
  key?: string;
  input?: unknown;
  /** When it was meant to begin, µs on the client's monotonic clock; not after now. Default: now. */
  intended?: Micros;
}

export class History {
  readonly operations: Mutable<Operation>[] = [];
  private sequence = 0;

  /** `late`: how long after the intended instant, µs. */
  invoke(client: string, at: Micros, invocation: Invocation, late = 0): number {
    const id = this.operations.length;
    const operation: Mutable<Operation> = {
      id,
      client,
      f: invocation.f,
      key: invocation.key ?? '',
      input: invocation.input,
      output: undefined,
      outcome: 'pending',
      invoked: this.sequence++,
      completed: Number.MAX_SAFE_INTEGER,
      invokedAt: at,
      completedAt: NEVER,
    };
    if (late > 0) operation.intendedAt = Math.max(0, at - late);
    this.operations.push(operation);
    return id;
  }

  /** Completes an operation, once. Throws SimulationError when it was complete already. */
  complete(id: number, at: Micros, outcome: Exclude<Outcome, 'pending'>, output: unknown, node?: string): Operation {
    const operation = this.operations[id];
    if (operation === undefined || operation.outcome !== 'pending') {
      throw new SimulationError('history', `operation ${id} has no open invocation: each completes exactly once`);
    }
    operation.outcome = outcome;
    operation.completedAt = at;
    if (outcome === 'ok') operation.output = output;
    else if (output !== undefined) operation.error = String(output);
    if (outcome !== 'info') operation.completed = this.sequence++;
    if (node !== undefined) operation.node = node;
    return operation;
  }
}
