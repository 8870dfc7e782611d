/**
 * The two facts that contradict each other, for the common ways in which a register goes wrong. Each finding is a proof
 * by itself; what fits none of them is explained by its smallest failing part alone.
 */
import { casArguments, INITIAL, NOTHING } from './register-step.ts';
import type { RegisterStep, ValueNumbers } from './register-step.ts';
import { FOREVER } from './span.ts';
import type { Operation } from '../../history/operation.ts';

/** What the culprit observed, and why that cannot be. */
export type Evidence =
  /** Nothing ever wrote the value. */
  | { readonly kind: 'never-written' }
  /** The only writes of the value failed, if perhaps later (aborted read), or were invoked after the culprit had ended. */
  | { readonly kind: 'aborted-read' | 'read-before-write'; readonly writer: Operation }
  /** A value written once was replaced by a compare-and-set, before or as well as by the culprit. */
  | { readonly kind: 'lost-cas'; readonly cas: RegisterStep }
  /**
   * The value was over. `newer` ended before the culprit began and shows another value; `last`, of that same value (the
   * same step, mostly), began after `older` had ended, which shows that the culprit's value came first.
   * `older` is undefined for the initial value; `all`: it is the last of several writes of the value.
   */
  | {
      readonly kind: 'stale-read' | 'new-old-inversion';
      readonly newer: RegisterStep;
      readonly last: RegisterStep;
      readonly older: RegisterStep | undefined;
      readonly all: boolean;
    };

/** Looks for evidence against `culprit` in the shortest failing prefix; `operations`: the whole history of the register. */
export function evidenceAgainst(
  culprit: RegisterStep,
  prefix: readonly RegisterStep[],
  operations: readonly Operation[],
  values: ValueNumbers,
): Evidence | undefined {
  if (culprit.kind === 'mismatch') return undefined;
  const writers = prefix.filter((step) => step.to === culprit.from && step.source.id !== culprit.source.id);
  if (writers.length === 0 && culprit.from !== INITIAL) return unwritten(culprit, operations, values);
  const once = writers.length === (culprit.from === INITIAL ? 0 : 1);
  return (once ? replaced(culprit, prefix) : undefined) ?? overwritten(culprit, prefix, writers, once);
}

/** The operations that the evidence needs to have happened, culprit included. */
export function provingIds(culprit: RegisterStep, evidence: Evidence): number[] {
  const ids = new Set([culprit.source.id]);
  if (evidence.kind === 'lost-cas') ids.add(evidence.cas.source.id);
  if (evidence.kind === 'stale-read' || evidence.kind === 'new-old-inversion') {
    for (const step of [evidence.newer, evidence.last, evidence.older]) {
      if (step?.required === true && !(step === evidence.older && evidence.all)) ids.add(step.source.id);
    }
  }
  return [...ids];
}

function unwritten(culprit: RegisterStep, operations: readonly Operation[], values: ValueNumbers): Evidence {
  let writer: Operation | undefined;
  for (const operation of operations) {
    if (writtenBy(operation, values) !== culprit.from || operation.id === culprit.source.id) continue;
    if (writer === undefined || (operation.outcome === 'fail' && writer.outcome !== 'fail')) writer = operation;
  }
  if (writer === undefined) return { kind: 'never-written' };
  return {
    kind: writer.outcome === 'fail' && writer.invoked < culprit.ret ? 'aborted-read' : 'read-before-write',
    writer,
  };
}

function writtenBy(operation: Operation, values: ValueNumbers): number {
  if (operation.f === 'write') return values.of(operation.input);
  if (operation.f !== 'cas') return NOTHING;
  const [from, to] = casArguments(operation);
  return values.of(from) === values.of(to) ? NOTHING : values.of(to);
}

/** A compare-and-set that took the culprit's value away for good. */
function replaced(culprit: RegisterStep, prefix: readonly RegisterStep[]): Evidence | undefined {
  for (const cas of prefix) {
    if (cas.kind !== 'cas' || !cas.required || cas.from !== culprit.from || cas.source.id === culprit.source.id)
      continue;
    if (culprit.kind === 'cas' || cas.ret < culprit.call) return { kind: 'lost-cas', cas };
  }
  return undefined;
}

function overwritten(
  culprit: RegisterStep,
  prefix: readonly RegisterStep[],
  writers: readonly RegisterStep[],
  once: boolean,
): Evidence | undefined {
  const others = prefix.filter((step) => step.source.id !== culprit.source.id && step.kind !== 'mismatch');
  const older = once ? firstSignOf(culprit.from, others) : lastToEnd(writers);
  const end = older?.ret ?? (culprit.from === INITIAL && once ? -1 : FOREVER);
  if (end === FOREVER) return undefined;
  const all = !once;
  let best: RegisterStep | undefined;
  for (const step of others) {
    if (!step.required || step.ret > culprit.call || step.call < end || !refutes(step, culprit.from)) continue;
    if (
      best === undefined ||
      preference(step) > preference(best) ||
      (preference(step) === preference(best) && step.ret > best.ret)
    ) {
      best = step;
    }
  }
  if (best !== undefined) return { kind: kindOf(best), newer: best, last: best, older, all };
  return split(culprit, others, end, older, all);
}

/** Evidence in two steps on another value that was written once: one ended in time, another one began late enough. */
function split(
  culprit: RegisterStep,
  others: readonly RegisterStep[],
  end: number,
  older: RegisterStep | undefined,
  all: boolean,
): Evidence | undefined {
  const writersOf = new Map<number, number>();
  for (const step of others) if (step.to !== NOTHING) writersOf.set(step.to, (writersOf.get(step.to) ?? 0) + 1);
  const elsewhere = others.filter((step) => !shows(step, culprit.from));
  for (const last of elsewhere) {
    if (last.call < end) continue;
    for (const value of last.required ? [last.to, last.from] : [last.to]) {
      if (value === NOTHING || writersOf.get(value) !== (value === INITIAL ? undefined : 1)) continue;
      const newer = firstSignOf(value, elsewhere);
      if (newer !== undefined && newer.ret < culprit.call) return { kind: kindOf(newer), newer, last, older, all };
    }
  }
  return undefined;
}

/** What ended first of all that certainly happened with a value there. */
function firstSignOf(value: number, steps: readonly RegisterStep[]): RegisterStep | undefined {
  let first: RegisterStep | undefined;
  for (const step of steps) {
    if (step.required && shows(step, value) && (first === undefined || step.ret < first.ret)) first = step;
  }
  return first;
}

/** Whether the register held something else at or just after the step's instant. */
const refutes = (step: RegisterStep, value: number): boolean => (step.to === NOTHING ? step.from : step.to) !== value;

const shows = (step: RegisterStep, value: number): boolean => step.to === value || step.from === value;

function lastToEnd(steps: readonly RegisterStep[]): RegisterStep | undefined {
  let last: RegisterStep | undefined;
  for (const step of steps) if (last === undefined || step.ret > last.ret) last = step;
  return last;
}

/** A write says more than a compare-and-set, and that more than a read. */
const preference = (step: RegisterStep): number => (step.kind === 'write' ? 2 : step.kind === 'cas' ? 1 : 0);

const kindOf = (newer: RegisterStep): 'stale-read' | 'new-old-inversion' =>
  newer.kind === 'read' ? 'new-old-inversion' : 'stale-read';
