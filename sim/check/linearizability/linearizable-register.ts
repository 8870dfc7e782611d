/**
 * Linearizability of registers with read, write and compare-and-set: every operation appears to take effect at one
 * instant between its invocation and its completion (Herlihy and Wing, 1990).
 *
 * Each register's part of the history is decided by comparing blocks where its values are unique, else by search; a
 * violation is reduced to the few operations that contradict each other.
 */
import type { Operation } from '../../history/operation.ts';
import { budgetOf, judgeObjects, type LinearizabilityResult } from './per-object.ts';
import { decideRegister } from './register-decision.ts';
import { registerSteps, ValueNumbers } from './register-step.ts';
import { registerWitness } from './register-witness.ts';

export interface RegisterOptions {
  /** Every register's value before the first write. Default: null. */
  readonly initial?: unknown;
  /** Search steps over all registers before the answer is `undecided`; a step is about a microsecond. Default: 2,000,000. */
  readonly budget?: number;
  /**
   * Whether a compare-and-set that failed with the code `precondition-failed` (as output or error) proves that the value
   * differed at some instant of the operation. Default: false, it is left out; then a violation may go unseen, none is
   * invented.
   */
  readonly failedCasObserves?: boolean;
}

/**
 * Checks every register in a history. Throws ConfigError for an operation that no register has, and for a budget that is
 * not a whole, positive number.
 */
export function checkRegister(operations: readonly Operation[], options: RegisterOptions = {}): LinearizabilityResult {
  return judgeObjects(operations, 'register', budgetOf(options.budget), (key, part, budget) => {
    const values = new ValueNumbers(options.initial);
    const steps = registerSteps(part, values, options.failedCasObserves ?? false);
    const decision = decideRegister(steps, values.size, budget);
    const witness = () => registerWitness({ key, operations: part, steps, values, decision });
    return { status: decision.status, steps: decision.steps, witness };
  });
}
