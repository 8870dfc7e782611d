/**
 * What a register checker needs of an operation: its interval in events, what it observed and what it wrote, as small
 * integers. Reads without a known value, and operations that certainly did not happen, are gone.
 */
import { canonicalJson } from '../../base/json.ts';
import { ConfigError } from '../../base/errors.ts';
import type { Operation } from '../../history/operation.ts';
import { spanOf, type Span } from './span.ts';

/** `from` of a step that observes nothing, `to` of a step that writes nothing. */
export const NOTHING = -1;
/** The number of the register's initial value. */
export const INITIAL = 0;
/** The error code of a compare-and-set that was refused because the value differed. */
export const PRECONDITION_FAILED = 'precondition-failed';

/** mismatch: a refused compare-and-set, which saw that the value was not `from`. */
export type StepKind = 'read' | 'write' | 'cas' | 'mismatch';

export interface RegisterStep extends Span {
  readonly kind: StepKind;
  /** The value observed (read, cas) or observed not to be there (mismatch); NOTHING for a write. */
  readonly from: number;
  /** The value written; NOTHING for a read and a mismatch. */
  readonly to: number;
}

/**
 * Numbers for values: equal values have equal numbers. Primitives are equal as in a Map (`-0` is `0`), everything else
 * when its canonical JSON is equal; undefined is null.
 */
export class ValueNumbers {
  private readonly primitives = new Map<unknown, number>();
  private readonly objects = new Map<string, number>();
  private readonly all: unknown[] = [];

  /** `initial` gets the number INITIAL. */
  constructor(initial: unknown) {
    this.of(initial);
  }

  get size(): number {
    return this.all.length;
  }

  of(value: unknown): number {
    if (typeof value === 'object' && value !== null) return this.numbered(this.objects, canonicalJson(value), value);
    return this.numbered(this.primitives, value ?? null, value ?? null);
  }

  valueOf(number: number): unknown {
    return this.all[number];
  }

  private numbered<K>(map: Map<K, number>, key: K, value: unknown): number {
    const known = map.get(key);
    if (known !== undefined) return known;
    map.set(key, this.all.length);
    return this.all.push(value) - 1;
  }
}

/** The two arguments of a compare-and-set. Throws ConfigError unless the input is `[from, to]`. */
export function casArguments({ id, input }: Pick<Operation, 'input'> & { id?: number }): readonly [unknown, unknown] {
  if (Array.isArray(input) && input.length === 2) return input as [unknown, unknown];
  throw new ConfigError(`${id === undefined ? '' : `operation ${id}: `}input of cas`, input, 'a pair [from, to]');
}

/** Whether the server refused the compare-and-set because the register held something else. */
export const refused = (operation: Operation): boolean =>
  operation.outcome === 'fail' && (operation.output === PRECONDITION_FAILED || operation.error === PRECONDITION_FAILED);

/** The steps of one register's operations, in order of invocation. Throws ConfigError for an operation no register has. */
export function registerSteps(
  operations: readonly Operation[],
  values: ValueNumbers,
  failedCasObserves: boolean,
): RegisterStep[] {
  const steps: RegisterStep[] = [];
  for (const operation of operations) {
    const step = registerStep(operation, values, failedCasObserves);
    if (step !== undefined) steps.push(step);
  }
  return steps.sort((a, b) => a.call - b.call);
}

function registerStep(
  operation: Operation,
  values: ValueNumbers,
  failedCasObserves: boolean,
): RegisterStep | undefined {
  const required = operation.outcome === 'ok';
  const common = spanOf(operation);
  switch (operation.f) {
    case 'read':
      if (!required || operation.output === undefined) return undefined;
      return { kind: 'read', from: values.of(operation.output), to: NOTHING, ...common };
    case 'write':
      if (operation.outcome === 'fail') return undefined;
      return { kind: 'write', from: NOTHING, to: values.of(operation.input), ...common };
    case 'cas': {
      const [a, b] = casArguments(operation);
      const from = values.of(a);
      if (operation.outcome === 'fail') {
        if (!failedCasObserves || !refused(operation)) return undefined;
        return { ...common, kind: 'mismatch', from, to: NOTHING, ret: operation.completed, required: true };
      }
      const to = values.of(b);
      // A compare-and-set of a value by itself changes nothing: it is a read, and when indefinite it is nothing at all.
      if (from !== to) return { kind: 'cas', from, to, ...common };
      return required ? { kind: 'read', from, to: NOTHING, ...common } : undefined;
    }
    default:
      throw new ConfigError(`operation ${operation.id}: f`, operation.f, "'read', 'write' or 'cas' on a register");
  }
}

/** The step as one that may have happened until `ret`; undefined when it only observes, so that it can be left out. */
export const relaxedStep = (step: RegisterStep, ret: number): RegisterStep | undefined =>
  step.to === NOTHING ? undefined : { ...step, ret, required: false };

/**
 * Without the optional writes whose value nobody could have observed: such a write, if it took effect, was overwritten
 * unseen, so leaving it out is never worse. (With a mismatch among the steps, any write may have been observed.)
 */
export function withoutUnobserved(steps: readonly RegisterStep[]): readonly RegisterStep[] {
  if (steps.some((step) => step.kind === 'mismatch')) return steps;
  let kept = steps;
  for (;;) {
    const observed = new Set<number>();
    for (const step of kept) if (step.from !== NOTHING) observed.add(step.from);
    const next = kept.filter((step) => step.required || observed.has(step.to));
    if (next.length === kept.length) return kept;
    kept = next;
  }
}
