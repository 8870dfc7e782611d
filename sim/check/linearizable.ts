/** Linearizability as a check of a scenario: the sequential specification says which operations are judged, and how. */
import type { Operation } from '../history/operation.ts';
import type { Check } from './check.ts';
import { checkRegister, type RegisterOptions, type RegisterResult } from './linearizability/linearizable-register.ts';

/** An object's sequential specification, with the decision procedure that knows it. */
export interface Specification {
  readonly name: string;
  /** Operations of other kinds are left out. */
  readonly operations: readonly string[];
  decide(operations: readonly Operation[]): RegisterResult;
}

/** Registers with `read`, `write` and `cas`, one per key. */
export const register = (options: RegisterOptions = {}): Specification => ({
  name: 'register',
  operations: ['read', 'write', 'cas'],
  decide: (operations) => checkRegister(operations, options),
});

/** Every operation takes effect at one instant between its invocation and its completion (Herlihy and Wing, 1990). */
export function linearizable(specification: Specification): Check {
  const name = `linearizable ${specification.name}`;
  return {
    name,
    kind: 'history',
    promise: `every ${specification.operations.join(', ')} takes effect at one instant between its invocation and its completion`,
    begin: (view) => ({
      finish() {
        const judged = view.operations.filter(({ f }) => specification.operations.includes(f));
        const { status, message, witness, steps } = specification.decide(judged);
        return { check: name, kind: 'history', status, message, steps, ...(witness === undefined ? {} : { witness }) };
      },
    }),
  };
}
