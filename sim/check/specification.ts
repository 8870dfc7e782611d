/** Sequential specifications: what the objects promise when they are used by one client at a time. */
import { canonicalJson } from '../base/json.ts';
import { ConfigError } from '../base/errors.ts';
import type { Operation } from '../history/operation.ts';
import { appendStoreModel } from './linearizability/append-store.ts';
import { checkObject } from './linearizability/check-object.ts';
import { counterModel } from './linearizability/counter.ts';
import { elementSetModel } from './linearizability/element-set.ts';
import { fencedLockModel } from './linearizability/fenced-lock.ts';
import { fifoQueueModel } from './linearizability/fifo-queue.ts';
import { growOnlySetModel } from './linearizability/grow-only-set.ts';
import { timestampOracleModel, uniqueIdsModel } from './linearizability/issued-ids.ts';
import { checkRegister, type RegisterOptions } from './linearizability/linearizable-register.ts';
import { mutexModel, ownedLockModel } from './linearizability/locks.ts';
import type { Call, ObjectModel } from './linearizability/object-model.ts';
import type { Replay } from './linearizability/order-witness.ts';
import type { LinearizabilityResult } from './linearizability/per-object.ts';
import { casArguments } from './linearizability/register-step.ts';
import { valueKey } from './linearizability/span.ts';

/** An object's sequential specification, with the decision procedure that knows it. Objects are told apart by their key. */
export interface Specification extends Replay {
  readonly name: string;
  /** Operations of other kinds are left out. */
  readonly operations: readonly string[];
  /** Throws ConfigError for an operation that the object does not know. */
  decide(operations: readonly Operation[]): LinearizabilityResult;
}

export interface SearchBudget {
  /** Search steps over all objects before the answer is `undecided`; a step is about a microsecond. Default: 2,000,000. */
  readonly budget?: number;
}

/** Registers with `read`, `write` and `cas` (input `[from, to]`). */
export const register = (options: RegisterOptions = {}): Specification => ({
  name: 'register',
  operations: ['read', 'write', 'cas'],
  decide: (operations) => checkRegister(operations, options),
  observes: (f) => f === 'read',
  partOf: ({ key }) => key,
  acceptor() {
    let value = valueKey(options.initial);
    return ({ f, input, output, outcome }) => {
      if (f === 'write') value = valueKey(input);
      else if (f === 'cas') {
        const [from, to] = casArguments({ input });
        if (valueKey(from) !== value) return false;
        value = valueKey(to);
      } else if (outcome === 'ok' && output !== undefined) return valueKey(output) === value;
      return true;
    };
  },
});

function specificationOf<S>(model: ObjectModel<S>, { budget }: SearchBudget): Specification {
  const { partOf } = model;
  return {
    name: model.name,
    operations: model.operations,
    decide: (operations) => checkObject(model, operations, budget),
    observes: (f) => model.observes(f),
    partOf: partOf === undefined ? ({ key }) => key : (operation) => `${operation.key} ${partOf(operation)}`,
    acceptor: () => model.acceptor?.() ?? stepping(model),
  };
}

function stepping<S>(model: ObjectModel<S>): (call: Call) => boolean {
  let state = model.init();
  return (call) => {
    const next = model.step(state, call);
    if (next !== undefined) state = next;
    return next !== undefined;
  };
}

/**
 * Values that grow by `append` (its input), are replaced by `write` or `put`, and returned whole by `read` or `get`.
 * `initial`: a text, or a list for a store of lists. Default: ''.
 */
export const appendStore = (
  options: SearchBudget & { readonly initial?: string | readonly unknown[] } = {},
): Specification => specificationOf(appendStoreModel(options.initial ?? ''), options);

/** A number that `add` increases by its input (1 when there is none; it may be negative) and `read` returns. Default initial: 0. */
export function counter(options: SearchBudget & { readonly initial?: number } = {}): Specification {
  const { initial = 0 } = options;
  if (!Number.isSafeInteger(initial)) throw new ConfigError('initial', initial, 'a whole number');
  return specificationOf(counterModel(initial), options);
}

/** A set that `add` extends by its input, and `read` returns whole, as a list in any order. Default initial: empty. */
export const growOnlySet = (options: SearchBudget & { readonly initial?: readonly unknown[] } = {}): Specification =>
  specificationOf(growOnlySetModel(options.initial ?? []), options);

/** A set with `add`, `remove` and `contains` of the element in their input; the first two may return whether they changed it. */
export const elementSet = (options: SearchBudget = {}): Specification => specificationOf(elementSetModel, options);

/** First in, first out: `enqueue` of its input, `dequeue`, which returns null when the queue is empty. */
export const fifoQueue = (options: SearchBudget = {}): Specification => specificationOf(fifoQueueModel, options);

/** A lock that anybody may release: `acquire` and `release` alternate. */
export const mutex = (options: SearchBudget = {}): Specification => specificationOf(mutexModel, options);

/** A lock that only its holder releases: the operation's input where it names an owner, else the client. */
export const ownedLock = (options: SearchBudget = {}): Specification => specificationOf(ownedLockModel, options);

/** Fencing: tokens that `acquire` returns grow, and `use` (of the token in its input) is accepted in their order only. */
export const fencedLock = (): Specification => specificationOf(fencedLockModel, {});

/** No two `generate` return the same id. */
export const uniqueIds = (): Specification => specificationOf(uniqueIdsModel, {});

/** Each `timestamp` is greater than all that were returned before it was invoked. */
export const timestampOracle = (): Specification => specificationOf(timestampOracleModel, {});

export interface SpecificationOptions<S> extends SearchBudget {
  /** The object's name, in verdicts and sentences. */
  readonly name: string;
  /** Names of the operations that it knows. */
  readonly operations: readonly string[];
  init(): S;
  /**
   * The state after `call`, or undefined when the call could not have had its outcome in `state`. Pure: it changes neither.
   * States are plain data, equal when their canonical JSON is. An outcome of 'info' means that the call may have taken
   * effect with any output (which is then undefined). Failed operations never get here.
   */
  step(state: S, call: Call): S | undefined;
  /** Operations that never change a state: they need no choice in the search. Default: none. */
  readonly observers?: readonly string[];
  /** Whether `step` looks at the client. If not, the search is quicker. Default: true. */
  readonly byClient?: boolean;
}

/** A specification of one's own, decided by the general search. Throws ConfigError for an empty name or no operations. */
export function specification<S>(options: SpecificationOptions<S>): Specification {
  const { name, operations, observers = [], byClient = true } = options;
  if (name === '') throw new ConfigError('specification.name', name, 'a name');
  if (operations.length === 0) throw new ConfigError('specification.operations', operations, 'at least one name');
  const stranger = observers.find((f) => !operations.includes(f));
  if (stranger !== undefined)
    throw new ConfigError('specification.observers', stranger, `one of ${canonicalJson(operations)}`);
  const model: ObjectModel<S> = {
    name,
    noun: name,
    operations,
    init: () => options.init(),
    step: (state, call) => options.step(state, call),
    observes: (f) => observers.includes(f),
    byClient,
  };
  return specificationOf(model, options);
}
