/**
 * The smallest part of a history that still cannot be explained.
 *
 * 1. The shortest failing prefix, by binary search over completions: its last completion is the culprit.
 * 2. Relaxing: a read or mismatch is left out, a write or compare-and-set becomes *optional* (it happened between its
 *    events, or not at all). Whatever the whole history does, the relaxed one can do, so its failing is a proof.
 *    Leaving a write out would not be: the read that it explains would become a violation of our own making.
 * 3. Optional writes that cannot matter are left out.
 *
 * A trial that runs out of steps counts as "may be explainable", so the result is always a proof, only less small.
 */
import { decideRegister } from './register-decision.ts';
import type { Decision } from './register-decision.ts';
import { FOREVER, NOTHING, prefixOf, withoutUnobserved } from './register-step.ts';
import type { RegisterStep } from './register-step.ts';

/** Search steps for one trial, and for all trials of one counterexample. */
const TRIAL_STEPS = 20_000;
const ALL_STEPS = 400_000;

/** Counts the steps of all trials of one counterexample. */
export class Trials {
  private left = ALL_STEPS;
  private readonly valueCount: number;

  constructor(valueCount: number) {
    this.valueCount = valueCount;
  }

  decide(steps: readonly RegisterStep[], budget = TRIAL_STEPS): Decision {
    const decision = decideRegister(steps, this.valueCount, Math.min(budget, this.left));
    this.left -= decision.steps;
    return decision;
  }

  fails(steps: readonly RegisterStep[]): boolean {
    return this.decide(steps).status === 'violated';
  }
}

export interface FailingPrefix {
  readonly steps: readonly RegisterStep[];
  /** The step whose completion nothing explains. */
  readonly culprit: RegisterStep;
  readonly decision: Decision;
}

/** The shortest failing prefix of `steps`, for which `decision` found a violation. */
export function shortestFailingPrefix(
  steps: readonly RegisterStep[],
  decision: Decision,
  trials: Trials,
): FailingPrefix {
  const ends = steps.filter((step) => step.required).sort((a, b) => a.ret - b.ret);
  const prefixAt = (end: number): RegisterStep[] => prefixOf(steps, (ends[end] as RegisterStep).ret);
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
  return { steps: prefixAt(high), culprit: ends[high] as RegisterStep, decision: found };
}

/** Relaxes every step but those of `kept` (by their operations). */
function relaxedExcept(steps: readonly RegisterStep[], kept: ReadonlySet<number>): readonly RegisterStep[] {
  const relaxed: RegisterStep[] = [];
  for (const step of steps) {
    if (!step.required || kept.has(step.source.id)) relaxed.push(step);
    else if (step.to !== NOTHING) relaxed.push({ ...step, required: false });
  }
  return withoutUnobserved(relaxed);
}

/** The core of a failing prefix: relaxed greedily as far as it still fails. `proof`: ids of operations that suffice, if known. */
export function coreOf(
  prefix: FailingPrefix,
  proof: readonly number[] | undefined,
  trials: Trials,
): readonly RegisterStep[] {
  const known = proof ?? prefix.decision.conflict?.steps.map((step) => step.source.id);
  let core = prefix.steps;
  if (known !== undefined) {
    const start = relaxedExcept(prefix.steps, new Set(known));
    if (trials.fails(start)) core = start;
  }
  if (core === prefix.steps) core = lastSteps(prefix, trials);
  const order = core.filter((step) => step.required && step.source.id !== prefix.culprit.source.id);
  order.sort((a, b) => rank(a) - rank(b) || a.call - b.call);
  const kept = new Set(core.filter((step) => step.required).map((step) => step.source.id));
  for (const step of order) {
    kept.delete(step.source.id);
    const smaller = relaxedExcept(core, kept);
    if (trials.fails(smaller)) core = smaller;
    else kept.add(step.source.id);
  }
  return withoutSuperseded(core);
}

const rank = (step: RegisterStep): number => (step.kind === 'mismatch' ? 0 : step.kind === 'read' ? 1 : 2);

/** Keeps the last few steps before the culprit, twice as many each time, until that fails. */
function lastSteps(prefix: FailingPrefix, trials: Trials): readonly RegisterStep[] {
  const byEnd = prefix.steps.filter((step) => step.required).sort((a, b) => b.ret - a.ret);
  for (let count = 4; count < byEnd.length; count *= 2) {
    const kept = new Set(byEnd.slice(0, count).map((step) => step.source.id));
    const trial = relaxedExcept(prefix.steps, kept);
    if (trials.fails(trial)) return trial;
  }
  return withoutUnobserved(prefix.steps);
}

/**
 * Of the optional writes that ended before any required step began, only the last of each value: all that they can do
 * is to leave their value there, and each can do so by itself. (Not so with a compare-and-set whose value no plain
 * write leaves: then all stay.)
 */
function withoutSuperseded(core: readonly RegisterStep[]): readonly RegisterStep[] {
  let begin = FOREVER;
  for (const step of core) if (step.required && step.call < begin) begin = step.call;
  const last = new Map<number, RegisterStep>();
  const early = core.filter((step) => !step.required && step.ret < begin);
  for (const step of early) {
    if (step.kind !== 'write') continue;
    const other = last.get(step.to);
    if (other === undefined || other.ret < step.ret) last.set(step.to, step);
  }
  if (early.some((step) => !last.has(step.to))) return core;
  return core.filter((step) => step.required || step.ret >= begin || last.get(step.to) === step);
}
