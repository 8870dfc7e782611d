/**
 * The smallest part of a history that still cannot be explained.
 *
 * 1. The shortest failing prefix, by binary search over completions: its last completion is the culprit.
 * 2. Relaxing: a step that only observes is left out, any other becomes *optional* (it happened between its events, or
 *    not at all). Whatever the whole history does, the relaxed one can do, so its failing is a proof. Leaving a write
 *    out would not be: the read that it explains would become a violation of our own making.
 * 3. Optional steps that cannot matter are left out.
 *
 * A trial that runs out of steps counts as "may be explainable", so the result is always a proof, only less small.
 */
import type { Status } from '../verdict.ts';
import { prefixOf, type Span } from './span.ts';

/** Search steps for one trial, and for all trials of one counterexample. */
const TRIAL_STEPS = 20_000;
const ALL_STEPS = 400_000;

/** A decision procedure's answer for one object's steps. */
export interface Decision<C extends Conflict = Conflict> {
  readonly status: Status;
  /** Search steps; 0 when no search was needed. */
  readonly steps: number;
  /** When a pattern decided. */
  readonly conflict?: C | undefined;
  /** When a search decided: see SearchResult. */
  readonly reached?: number;
}

/** Steps that contradict each other by themselves. */
export interface Conflict {
  readonly kind: string;
  readonly steps: readonly Span[];
}

/** How one kind of object is decided and relaxed. */
export interface Reduction<T extends Span, C extends Conflict = Conflict> {
  decide(steps: readonly T[], budget: number): Decision<C>;
  /** The step as one that may have happened until `ret`; undefined when it only observes. */
  relaxed(step: T, ret: number): T | undefined;
  /** Without the optional steps that cannot matter. */
  trimmed(steps: readonly T[]): readonly T[];
  /** Which steps to relax first: the lowest. */
  rank(step: T): number;
}

/** Counts the steps of all trials of one counterexample. */
export class Trials<T extends Span, C extends Conflict = Conflict> {
  readonly reduction: Reduction<T, C>;
  private left = ALL_STEPS;

  constructor(reduction: Reduction<T, C>) {
    this.reduction = reduction;
  }

  decide(steps: readonly T[], budget = TRIAL_STEPS): Decision<C> {
    if (this.left <= 0) return { status: 'undecided', steps: 0 };
    const decision = this.reduction.decide(steps, Math.min(budget, this.left));
    // What needs no search still takes time: 64 steps looked at are one.
    this.left -= decision.steps + (steps.length >>> 6);
    return decision;
  }

  fails(steps: readonly T[]): boolean {
    return this.decide(steps).status === 'violated';
  }
}

export interface FailingPrefix<T extends Span, C extends Conflict = Conflict> {
  readonly steps: readonly T[];
  /** The step whose completion nothing explains. */
  readonly culprit: T;
  readonly decision: Decision<C>;
}

/** The shortest failing prefix of `steps`, for which `decision` found a violation. */
export function shortestFailingPrefix<T extends Span, C extends Conflict>(
  steps: readonly T[],
  decision: Decision<C>,
  trials: Trials<T, C>,
): FailingPrefix<T, C> {
  const ends = steps.filter((step) => step.required).sort((a, b) => a.ret - b.ret);
  const prefixAt = (end: number): T[] =>
    prefixOf(steps, (ends[end] as T).ret, (step, ret) => trials.reduction.relaxed(step, ret));
  let low = 0;
  let high = ends.length - 1;
  let found = decision;
  const attempt = (end: number): boolean => {
    const trial = trials.decide(prefixAt(end), ALL_STEPS);
    if (trial.status !== 'violated') return false;
    high = end;
    found = trial;
    return true;
  };
  // The search proved everything before the completion that it reached to be linearizable.
  const reached = ends.findIndex((step) => step.ret === decision.reached);
  if (reached > 0) low = attempt(reached) ? reached : reached + 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (!attempt(middle)) low = middle + 1;
  }
  return { steps: prefixAt(high), culprit: ends[high] as T, decision: found };
}

/** Relaxes every step but those of `kept` (by their operations). */
function relaxedExcept<T extends Span>(
  steps: readonly T[],
  kept: ReadonlySet<number>,
  { relaxed, trimmed }: Pick<Reduction<T>, 'relaxed' | 'trimmed'>,
): readonly T[] {
  const result: T[] = [];
  for (const step of steps) {
    const left = !step.required || kept.has(step.source.id) ? step : relaxed(step, step.ret);
    if (left !== undefined) result.push(left);
  }
  return trimmed(result);
}

/** The core of a failing prefix: relaxed greedily as far as it still fails. `proof`: ids of operations that suffice, if known. */
export function coreOf<T extends Span, C extends Conflict>(
  prefix: FailingPrefix<T, C>,
  proof: readonly number[] | undefined,
  trials: Trials<T, C>,
): readonly T[] {
  const { reduction } = trials;
  const known = proof ?? prefix.decision.conflict?.steps.map((step) => step.source.id);
  let core = prefix.steps;
  if (known !== undefined) {
    const start = relaxedExcept(prefix.steps, new Set(known), reduction);
    if (trials.fails(start)) core = start;
  }
  if (core === prefix.steps) core = lastSteps(prefix, trials);
  const order = core.filter((step) => step.required && step.source.id !== prefix.culprit.source.id);
  order.sort((a, b) => reduction.rank(a) - reduction.rank(b) || a.call - b.call);
  const kept = new Set(core.filter((step) => step.required).map((step) => step.source.id));
  for (const step of order) {
    kept.delete(step.source.id);
    const smaller = relaxedExcept(core, kept, reduction);
    if (trials.fails(smaller)) core = smaller;
    else kept.add(step.source.id);
  }
  return core;
}

/** Keeps the last few steps before the culprit, twice as many each time, until that fails. */
function lastSteps<T extends Span, C extends Conflict>(
  prefix: FailingPrefix<T, C>,
  trials: Trials<T, C>,
): readonly T[] {
  const byEnd = prefix.steps.filter((step) => step.required).sort((a, b) => b.ret - a.ret);
  for (let count = 4; count < byEnd.length; count *= 2) {
    const kept = new Set(byEnd.slice(0, count).map((step) => step.source.id));
    const trial = relaxedExcept(prefix.steps, kept, trials.reduction);
    if (trials.fails(trial)) return trial;
  }
  return trials.reduction.trimmed(prefix.steps);
}
