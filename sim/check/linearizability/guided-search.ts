/**
 * Linearizability of a register with compare-and-set by a guided depth-first search: for values written more than once,
 * indefinite operations and refused compare-and-sets, where the question is NP-complete.
 *
 * The search goes from completion to completion. At each it places, as late as possible ("just in time"), the step
 * that completes there, and before it whatever else is open. From Wing and Gong (1993) and Lowe, "Testing for
 * linearizability" (2017), with seven rules; all are sound and complete, each only leaves out what cannot help:
 *
 * 1. window key: a configuration is known by (next completion, set of open steps already placed, value, indefinite
 *    steps used), a few words however long the history is; one that failed is not entered again;
 * 2. reads first: an open read or mismatch that the present value satisfies is placed at once, without branching;
 * 3. classes: indefinite steps with equal effect are interchangeable, so a count, and never mandatory;
 * 4. dominance: what failed with fewer indefinite steps used fails with more;
 * 5. observers: an optional write is placed only where a step can observe it next, else it is better left out;
 * 6. liveness: a value that still has to be observed is not overwritten when nothing is left to write it again;
 * 7. earliest deadline first: among open steps, the one that completes first is tried first; of equal effect, only that.
 *
 * Everything has a fixed order and the budget counts steps, so the answer, `undecided` included, is reproducible.
 */
import { IntervalSearch, type SearchResult } from './interval-search.ts';
import { INITIAL, NOTHING, withoutUnobserved } from './register-step.ts';
import type { RegisterStep } from './register-step.ts';
import { NONE, windowsOf } from './search-window.ts';

/** Searches for an order of `steps` (by invocation). `budget`: branching moves before the answer is `undecided`. */
export const searchRegister = (
  steps: readonly RegisterStep[],
  valueCount: number,
  budget: number,
): SearchResult<RegisterStep> => registerSearch(steps, valueCount, budget).run();

/** The same, to be run in portions. */
export const registerSearch = (
  steps: readonly RegisterStep[],
  valueCount: number,
  budget: number,
): IntervalSearch<RegisterStep> => new GuidedSearch(withoutUnobserved(steps), valueCount, budget);

class GuidedSearch extends IntervalSearch<RegisterStep> {
  /** Steps still to come that must observe a value, and steps still to come that can write it. */
  private readonly observersLeft: Int32Array;
  private readonly writersLeft: Int32Array;
  /** Like observersLeft, with those that may not happen. */
  private readonly interest: Int32Array;
  private readonly mismatches: boolean;
  private hopeless: boolean | undefined = undefined;

  constructor(steps: readonly RegisterStep[], valueCount: number, budget: number) {
    super(
      steps,
      windowsOf(steps, ({ kind, from, to }) => `${kind} ${from} ${to}`),
      INITIAL,
      budget,
    );
    this.observersLeft = new Int32Array(valueCount);
    this.writersLeft = new Int32Array(valueCount);
    this.interest = new Int32Array(valueCount);
    this.mismatches = steps.some((step) => step.kind === 'mismatch');
    for (let i = 0; i < steps.length; i++) this.account(i, 1);
  }

  override run(limit?: number): SearchResult<RegisterStep> {
    // Once it runs, what is placed counts no more among what is left.
    this.hopeless ??= this.unwritten();
    return this.hopeless ? { status: 'violated', steps: 0, reached: -1 } : super.run(limit);
  }

  protected allowed(i: number): boolean {
    const { from, to, required, kind } = this.steps[i] as RegisterStep;
    if (to === NOTHING || (kind === 'cas' && from !== this.value)) return false;
    if (to !== this.value && this.writersLeft[this.value] === 0) {
      const own = kind === 'cas' && required ? 1 : 0;
      if ((this.observersLeft[this.value] as number) > own) return false;
    }
    if (required) return true;
    if (to === this.value) return false;
    // Whoever observes an optional write comes right after it: now, unless it is the last step placed before a completion.
    return i === this.next() ? this.wanted(to) : this.observable(to);
  }

  protected after(i: number): number {
    const { to } = this.steps[i] as RegisterStep;
    return to === NOTHING ? this.value : to;
  }

  /** Rule 2. */
  protected agrees(i: number): boolean {
    const { kind, from } = this.steps[i] as RegisterStep;
    return kind === 'read' ? from === this.value : kind === 'mismatch' && from !== this.value;
  }

  protected worthPlacing(i: number): boolean {
    return this.wanted((this.steps[i] as RegisterStep).to);
  }

  protected survives(i: number): boolean {
    return !this.starved((this.steps[i] as RegisterStep).to);
  }

  /** Whether a step still to come may observe a write of `value`. */
  private wanted(value: number): boolean {
    return this.mismatches || (this.interest[value] as number) > 0;
  }

  /** Rule 5: whether an open step can observe `value`, were it written now. */
  private observable(value: number): boolean {
    const { slotCount, classes } = this.windows;
    for (let s = 0; s < slotCount; s++) {
      const i = this.open[s] as number;
      if (i === NONE || this.isPlaced(s)) continue;
      const step = this.steps[i] as RegisterStep;
      if (step.kind === 'mismatch' ? step.from !== value : step.from === value) return true;
    }
    for (let c = 0; c < classes.length; c++) {
      const i = this.available(c);
      if (i !== NONE && (this.steps[i] as RegisterStep).from === value) return true;
    }
    return false;
  }

  protected account(i: number, by: 1 | -1): void {
    const { from, to, required, kind } = this.steps[i] as RegisterStep;
    if (to !== NOTHING) this.writersLeft[to] = (this.writersLeft[to] as number) + by;
    if (from === NOTHING || kind === 'mismatch') return;
    this.interest[from] = (this.interest[from] as number) + by;
    if (required) this.observersLeft[from] = (this.observersLeft[from] as number) + by;
  }

  /** Whether a value must still be observed, is not there, and can no longer be written. */
  private starved(value: number): boolean {
    return value !== this.value && (this.observersLeft[value] as number) > 0 && this.writersLeft[value] === 0;
  }

  private unwritten(): boolean {
    for (let v = 0; v < this.observersLeft.length; v++) if (this.starved(v)) return true;
    return false;
  }
}
