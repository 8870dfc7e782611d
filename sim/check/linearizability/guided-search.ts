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
import type { Status } from '../verdict.ts';
import { ConfigurationMemo } from './configuration-memo.ts';
import { FOREVER, INITIAL, NOTHING, withoutUnobserved } from './register-step.ts';
import type { RegisterStep } from './register-step.ts';
import { windowsOf } from './search-window.ts';
import type { Windows } from './search-window.ts';

export interface SearchResult {
  readonly status: Status;
  /** Branching moves made; reads placed by rule 2 are not counted. */
  readonly steps: number;
  /**
   * When violated: the sequence number of the last completion that the search came to and could not pass. Everything
   * before it is linearizable; the first completion that no order explains is this one or a later one.
   */
  readonly reached: number;
  /** When held: the steps in an order that explains the history; optional steps may be left out. */
  readonly order?: readonly RegisterStep[];
}

/** Searches for an order of `steps` (by invocation). `budget`: branching moves before the answer is `undecided`. */
export function searchRegister(steps: readonly RegisterStep[], valueCount: number, budget: number): SearchResult {
  return new GuidedSearch(withoutUnobserved(steps), valueCount, budget).run();
}

/** A configuration with the moves still to be tried from it. */
interface Frame {
  readonly value: number;
  readonly trail: number;
  readonly moves: readonly number[];
  next: number;
}

/** The move that lets the step that completes next, an optional one, not have happened. */
const EXPIRE = -2;

/** What is noted on the trail, to be undone: `4 × step + tag`. */
const PLACED = 0;
const PLACED_INDEFINITE = 1;
const PASSED_PLACED = 2;
const PASSED_EXPIRED = 3;

class GuidedSearch {
  private readonly steps: readonly RegisterStep[];
  private readonly budget: number;
  private readonly windows: Windows;
  private readonly memo: ConfigurationMemo;
  /** Steps still to come that must observe a value, and steps still to come that can write it. */
  private readonly observersLeft: Int32Array;
  private readonly writersLeft: Int32Array;
  /** Like observersLeft, with those that may not happen. */
  private readonly interest: Int32Array;
  private readonly mismatches: boolean;
  /** Per slot: the open step in it, or NOTHING. */
  private readonly open: Int32Array;
  /** Per slot, one bit: the open step in it has been placed. */
  private readonly placed: Int32Array;
  /** Per class of indefinite steps: invoked so far, and used. */
  private readonly invoked: Int32Array;
  private readonly used: Int32Array;
  private readonly trail: number[] = [];
  private readonly frames: Frame[] = [];
  /** Per effect: the enumeration that last listed it, to list equal effects once. */
  private readonly listed: Int32Array;
  private enumeration = 0;
  private position = 0;
  private furthest = 0;
  private value = INITIAL;
  private taken = 0;

  constructor(steps: readonly RegisterStep[], valueCount: number, budget: number) {
    this.steps = steps;
    this.budget = budget;
    this.windows = windowsOf(steps);
    this.observersLeft = new Int32Array(valueCount);
    this.writersLeft = new Int32Array(valueCount);
    this.interest = new Int32Array(valueCount);
    this.mismatches = steps.some((step) => step.kind === 'mismatch');
    this.open = new Int32Array(this.windows.slotCount).fill(NOTHING);
    this.placed = new Int32Array((this.windows.slotCount + 31) >>> 5);
    this.invoked = new Int32Array(this.windows.classes.length);
    this.used = new Int32Array(this.windows.classes.length);
    this.listed = new Int32Array(this.windows.effectCount * 2);
    this.memo = new ConfigurationMemo(this.windows.returns.length + 1, this.used.length);
    for (let i = 0; i < steps.length; i++) this.account(i, 1);
  }

  run(): SearchResult {
    if (this.unwritten()) return { status: 'violated', steps: 0, reached: -1 };
    this.arrive(1);
    let outcome = this.settle();
    if (outcome === 'open') this.enter();
    while (outcome !== 'done') {
      const frame = this.frames.at(-1);
      if (frame === undefined) return { status: 'violated', steps: this.taken, reached: this.reached() };
      this.undo(frame);
      const move = frame.moves[frame.next++];
      if (move === undefined) {
        this.frames.pop();
        continue;
      }
      if (this.taken >= this.budget) return { status: 'undecided', steps: this.taken, reached: this.reached() };
      this.taken++;
      outcome = this.take(move);
      if (outcome === 'open') this.enter();
    }
    return { status: 'held', steps: this.taken, reached: FOREVER, order: this.order() };
  }

  private take(move: number): 'done' | 'open' | 'dead' {
    if (move !== EXPIRE) {
      this.place(move);
      return this.settle();
    }
    return this.expire(this.windows.returns[this.position] as number) ? this.settle() : 'dead';
  }

  /** Goes on as far as no choice is needed: rule 2, and past the completions of what is placed. */
  private settle(): 'done' | 'open' | 'dead' {
    const { returns } = this.windows;
    for (;;) {
      this.placeObservers();
      if (this.position > this.furthest) this.furthest = this.position;
      if (this.position === returns.length) return 'done';
      const next = returns[this.position] as number;
      const isPlaced = this.isPlaced(this.windows.slot[next] as number);
      const step = this.steps[next] as RegisterStep;
      if (isPlaced) this.pass(next, true);
      else if (step.required || this.wanted(step.to)) return 'open';
      else if (!this.expire(next)) return 'dead';
    }
  }

  /** Past the completion of an optional step that is left out; false when a value is then missing for ever. */
  private expire(i: number): boolean {
    this.pass(i, false);
    return !this.starved((this.steps[i] as RegisterStep).to);
  }

  /** Opens the configuration come to, unless it, or one that dominates it, was opened before (rules 1 and 4). */
  private enter(): void {
    if (this.memo.seen(this.position, this.value, this.placed, this.used)) return;
    this.frames.push({ value: this.value, trail: this.trail.length, moves: this.moves(), next: 0 });
  }

  /** What can be placed next, in the order to be tried. */
  private moves(): number[] {
    const { slotCount, effect, classes } = this.windows;
    const open: number[] = [];
    for (let s = 0; s < slotCount; s++) {
      const i = this.open[s] as number;
      if (i !== NOTHING && !this.isPlaced(s) && this.allowed(i)) open.push(i);
    }
    open.sort((a, b) => (this.steps[a] as RegisterStep).ret - (this.steps[b] as RegisterStep).ret);
    const stamp = ++this.enumeration;
    const moves: number[] = [];
    if (!(this.steps[this.windows.returns[this.position] as number] as RegisterStep).required) moves.push(EXPIRE);
    for (const i of open) {
      const kind = 2 * (effect[i] as number) + ((this.steps[i] as RegisterStep).required ? 1 : 0);
      if (this.listed[kind] === stamp) continue;
      this.listed[kind] = stamp;
      moves.push(i);
    }
    for (let c = 0; c < classes.length; c++) {
      const i = this.available(c);
      if (i === NOTHING || this.listed[2 * (effect[i] as number)] === stamp) continue;
      if (this.allowed(i)) moves.push(i);
    }
    return moves;
  }

  private allowed(i: number): boolean {
    const { from, to, required, kind } = this.steps[i] as RegisterStep;
    if (to === NOTHING || (kind === 'cas' && from !== this.value)) return false;
    if (to !== this.value && this.writersLeft[this.value] === 0) {
      const own = kind === 'cas' && required ? 1 : 0;
      if ((this.observersLeft[this.value] as number) > own) return false;
    }
    if (required) return true;
    if (to === this.value) return false;
    // Whoever observes an optional write comes right after it: now, unless it is the last step placed before a completion.
    return i === this.windows.returns[this.position] ? this.wanted(to) : this.observable(to);
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
      if (i === NOTHING || this.isPlaced(s)) continue;
      const step = this.steps[i] as RegisterStep;
      if (step.kind === 'mismatch' ? step.from !== value : step.from === value) return true;
    }
    for (let c = 0; c < classes.length; c++) {
      const i = this.available(c);
      if (i !== NOTHING && (this.steps[i] as RegisterStep).from === value) return true;
    }
    return false;
  }

  /** The next step of a class of indefinite ones, the earliest invoked first; NOTHING when all invoked ones are used. */
  private available(c: number): number {
    const used = this.used[c] as number;
    return used < (this.invoked[c] as number)
      ? ((this.windows.classes[c] as readonly number[])[used] as number)
      : NOTHING;
  }

  /** Rule 2. */
  private placeObservers(): void {
    for (let s = 0; s < this.windows.slotCount; s++) {
      const i = this.open[s] as number;
      if (i === NOTHING || this.isPlaced(s)) continue;
      const { kind, from } = this.steps[i] as RegisterStep;
      if (kind === 'read' ? from === this.value : kind === 'mismatch' && from !== this.value) this.place(i);
    }
  }

  private place(i: number): void {
    const step = this.steps[i] as RegisterStep;
    const slot = this.windows.slot[i] as number;
    this.account(i, -1);
    if (step.to !== NOTHING) this.value = step.to;
    if (slot === NOTHING) {
      this.countUsed(i, 1);
      this.trail.push(4 * i + PLACED_INDEFINITE);
    } else {
      this.mark(slot);
      this.trail.push(4 * i + PLACED);
    }
  }

  /** Goes past the completion of `i`: its slot is free, and the steps invoked before the next completion are open. */
  private pass(i: number, isPlaced: boolean): void {
    const slot = this.windows.slot[i] as number;
    if (isPlaced) this.mark(slot);
    else this.account(i, -1);
    this.open[slot] = NOTHING;
    this.trail.push(4 * i + (isPlaced ? PASSED_PLACED : PASSED_EXPIRED));
    this.position++;
    this.arrive(1);
  }

  /** Opens (1) or closes again (-1) the steps invoked between the last completion passed and the next one. */
  private arrive(sign: 1 | -1): void {
    const { firstArrival, slot, classOf } = this.windows;
    const end = firstArrival[this.position + 1] as number;
    for (let i = firstArrival[this.position] as number; i < end; i++) {
      const s = slot[i] as number;
      if (s !== NOTHING) this.open[s] = sign === 1 ? i : NOTHING;
      else this.invoked[classOf[i] as number] = (this.invoked[classOf[i] as number] as number) + sign;
    }
  }

  /** Back to the configuration of `frame`. */
  private undo(frame: Frame): void {
    while (this.trail.length > frame.trail) {
      const entry = this.trail.pop() as number;
      const i = Math.floor(entry / 4);
      const slot = this.windows.slot[i] as number;
      const tag = entry % 4;
      if (tag === PASSED_PLACED || tag === PASSED_EXPIRED) {
        this.arrive(-1);
        this.position--;
        this.open[slot] = i;
      }
      if (tag !== PASSED_PLACED) this.account(i, 1);
      if (tag === PLACED || tag === PASSED_PLACED) this.mark(slot);
      if (tag === PLACED_INDEFINITE) this.countUsed(i, -1);
    }
    this.value = frame.value;
  }

  /** Counts step `i` in (1) or out (-1) of what is still to come. */
  private account(i: number, by: 1 | -1): void {
    const { from, to, required, kind } = this.steps[i] as RegisterStep;
    if (to !== NOTHING) this.writersLeft[to] = (this.writersLeft[to] as number) + by;
    if (from === NOTHING || kind === 'mismatch') return;
    this.interest[from] = (this.interest[from] as number) + by;
    if (required) this.observersLeft[from] = (this.observersLeft[from] as number) + by;
  }

  private countUsed(i: number, by: 1 | -1): void {
    const c = this.windows.classOf[i] as number;
    this.used[c] = (this.used[c] as number) + by;
  }

  private isPlaced(slot: number): boolean {
    return (((this.placed[slot >>> 5] as number) >>> (slot & 31)) & 1) === 1;
  }

  /** Flips the bit of a slot. */
  private mark(slot: number): void {
    this.placed[slot >>> 5] = (this.placed[slot >>> 5] as number) ^ (1 << (slot & 31));
  }

  /** Whether a value must still be observed, is not there, and can no longer be written. */
  private starved(value: number): boolean {
    return value !== this.value && (this.observersLeft[value] as number) > 0 && this.writersLeft[value] === 0;
  }

  private unwritten(): boolean {
    for (let v = 0; v < this.observersLeft.length; v++) if (this.starved(v)) return true;
    return false;
  }

  private reached(): number {
    const i = this.windows.returns[this.furthest];
    return i === undefined ? FOREVER : (this.steps[i] as RegisterStep).ret;
  }

  private order(): RegisterStep[] {
    const order: RegisterStep[] = [];
    for (const entry of this.trail) {
      if (entry % 4 === PLACED || entry % 4 === PLACED_INDEFINITE)
        order.push(this.steps[Math.floor(entry / 4)] as RegisterStep);
    }
    return order;
  }
}
