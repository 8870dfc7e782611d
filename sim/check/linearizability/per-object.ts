/** Linearizability is local: a history is linearizable if and only if each object's part of it is (Herlihy and Wing, 1990). */
import { ConfigError } from '../../base/errors.ts';
import type { Operation } from '../../history/operation.ts';
import type { Status, Witness } from '../verdict.ts';

export interface LinearizabilityResult {
  readonly status: Status;
  /** For people; when violated, the witness's sentence. */
  readonly message: string;
  /** Search steps taken; 0 when no search was needed. The witness's own trials are not counted. */
  readonly steps: number;
  /** The object that was violated or left undecided. */
  readonly key?: string;
  /** When violated. */
  readonly witness?: Witness;
}

/** One object's answer; its witness is worked out only when it is asked for. */
export interface JudgedObject {
  readonly status: Status;
  readonly steps: number;
  witness(): Witness;
}

/** Search steps over all objects before the answer is `undecided`; a step is about a microsecond. */
const DEFAULT_BUDGET = 2_000_000;

/** Throws ConfigError for a budget that is not a whole, positive number. */
export function budgetOf(budget: number | undefined): number {
  if (budget === undefined) return DEFAULT_BUDGET;
  if (!Number.isSafeInteger(budget) || budget < 1)
    throw new ConfigError('budget', budget, 'a whole number of search steps, at least 1');
  return budget;
}

/** Judges every object in a history. Of several violations, the one whose last operation completed first is told. */
export function judgeObjects(
  operations: readonly Operation[],
  noun: string,
  budget: number,
  judge: (key: string, part: readonly Operation[], budget: number) => JudgedObject,
  partOf: (operation: Operation) => string = ({ key }) => key,
): LinearizabilityResult {
  const violated: [string, JudgedObject][] = [];
  let undecided: string | undefined;
  let steps = 0;
  const objects = objectsOf(operations, partOf);
  for (const [part, own] of objects) {
    const key = (own[0] as Operation).key;
    // Some budget is left for what needs no search.
    const object = judge(key, own, Math.max(1, budget - steps));
    steps += object.steps;
    if (object.status === 'violated') violated.push([key, object]);
    if (object.status === 'undecided') undecided ??= part;
  }
  if (violated.length > 0) return { ...earliest(violated), steps };
  if (undecided === undefined)
    return { status: 'held', message: summary(operations.length, noun, objects.size), steps };
  const own = objects.get(undecided) as readonly Operation[];
  const key = (own[0] as Operation).key;
  const where = key === '' ? '' : ` for ${key}`;
  const message = `${budget} search steps were not enough to decide linearizability${where} (${own.length} operations)`;
  return { status: 'undecided', message, steps, key };
}

function objectsOf(
  operations: readonly Operation[],
  partOf: (operation: Operation) => string,
): Map<string, Operation[]> {
  const objects = new Map<string, Operation[]>();
  for (const operation of operations) {
    const name = partOf(operation);
    const part = objects.get(name);
    if (part === undefined) objects.set(name, [operation]);
    else part.push(operation);
  }
  return objects;
}

function earliest(violated: readonly [string, JudgedObject][]): Omit<LinearizabilityResult, 'steps'> {
  let key = '';
  let first: Witness | undefined;
  for (const [name, object] of violated) {
    const witness = object.witness();
    if (first !== undefined && eventOf(witness) >= eventOf(first)) continue;
    key = name;
    first = witness;
  }
  const witness = first as Witness;
  return { status: 'violated', message: witness.sentence, key, witness };
}

const eventOf = (witness: Witness): number => witness.facts?.['failingEvent'] as number;

const summary = (operations: number, noun: string, objects: number): string =>
  `linearizable: ${operations} operations on ${objects === 1 ? `one ${noun}` : `${objects} ${noun}s`}`;
