/**
 * Linearizability of registers with read, write and compare-and-set: every operation appears to take effect at one
 * instant between its invocation and its completion (Herlihy and Wing, 1990).
 *
 * The property is local: a history is linearizable if and only if each register's part of it is. Each part is decided by
 * comparing blocks where its values are unique, else by search; a violation is reduced to the few operations that
 * contradict each other.
 */
import { ConfigError } from '../../base/errors.ts';
import type { Operation } from '../../history/operation.ts';
import type { Status, Witness } from '../verdict.ts';
import { decideRegister } from './register-decision.ts';
import { registerSteps, ValueNumbers } from './register-step.ts';
import { registerWitness } from './register-witness.ts';
import type { ViolatedRegister } from './register-witness.ts';

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

export interface RegisterResult {
  readonly status: Status;
  /** For people; when violated, the witness's sentence. */
  readonly message: string;
  /** Search steps taken; 0 when unique values made a search unnecessary. The witness's own trials are not counted. */
  readonly steps: number;
  /** The register that was violated or left undecided. */
  readonly key?: string;
  /** When violated. */
  readonly witness?: Witness;
}

/**
 * Checks every register in a history. Of several violations, the one whose last operation completed first is told.
 * Throws ConfigError for an operation that no register has, and for a budget that is not a whole, positive number.
 */
export function checkRegister(operations: readonly Operation[], options: RegisterOptions = {}): RegisterResult {
  const budget = options.budget ?? 2_000_000;
  if (!Number.isSafeInteger(budget) || budget < 1)
    throw new ConfigError('budget', budget, 'a whole number of search steps, at least 1');
  const violated: ViolatedRegister[] = [];
  let undecided: string | undefined;
  let steps = 0;
  const registers = byKey(operations);
  for (const [key, part] of registers) {
    const values = new ValueNumbers(options.initial);
    const moves = registerSteps(part, values, options.failedCasObserves ?? false);
    const decision = decideRegister(moves, values.size, budget - steps);
    steps += decision.steps;
    if (decision.status === 'violated') violated.push({ key, operations: part, steps: moves, values, decision });
    if (decision.status === 'undecided') undecided ??= key;
  }
  if (violated.length > 0) return { ...earliest(violated), steps };
  if (undecided === undefined) return { status: 'held', message: summary(operations.length, registers.size), steps };
  const where = undecided === '' ? '' : ` for ${undecided}`;
  const message = `${budget} search steps were not enough to decide linearizability${where} (${registers.get(undecided)?.length ?? 0} operations)`;
  return { status: 'undecided', message, steps, key: undecided };
}

function byKey(operations: readonly Operation[]): Map<string, Operation[]> {
  const registers = new Map<string, Operation[]>();
  for (const operation of operations) {
    const part = registers.get(operation.key);
    if (part === undefined) registers.set(operation.key, [operation]);
    else part.push(operation);
  }
  return registers;
}

function earliest(violated: readonly ViolatedRegister[]): Omit<RegisterResult, 'steps'> {
  let key = '';
  let first: Witness | undefined;
  for (const register of violated) {
    const witness = registerWitness(register);
    if (first !== undefined && eventOf(witness) >= eventOf(first)) continue;
    key = register.key;
    first = witness;
  }
  const witness = first as Witness;
  return { status: 'violated', message: witness.sentence, key, witness };
}

const eventOf = (witness: Witness): number => witness.facts?.['failingEvent'] as number;

const summary = (operations: number, registers: number): string =>
  `linearizable: ${operations} operations on ${registers === 1 ? 'one register' : `${registers} registers`}`;
