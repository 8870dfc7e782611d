/**
 * The walk that the searches for a linearization share: depth first from completion to completion. At each it places, as
 * late as possible ("just in time"), the step that completes there, and before it whatever else is open. From Wing and
 * Gong, "Testing and verifying concurrent objects" (1993), and Lowe, "Testing for linearizability" (2017).
 *
 * A configuration is known by (next completion, set of open steps already placed, state, indefinite steps used), a few
 * words however long the history is; one that failed is not entered again. What the object does is the subclass's.
 */
import type { Status } from '../verdict.ts';
import { ConfigurationMemo } from './configuration-memo.ts';
import { NONE, type Windows } from './search-window.ts';
import { FOREVER, type Span } from './span.ts';

export interface SearchResult<T extends Span> {
  readonly status: Status;
  /** Branching moves made; steps placed without a choice are not counted. */
  readonly steps: number;
  /**
   * When violated: the sequence number of the last completion that the search came to and could not pass. Everything
   * before it is linearizable; the first completion that no order explains is this one or a later one.
   */
  readonly reached: number;
  /** When held: the steps in an order that explains the history; optional steps may be left out. */
  readonly order?: readonly T[];
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

/** Configurations that are known to fail: before this completion, with at least these indefinite steps used, by class. */
interface DeadEnd {
  readonly position: number;
  readonly used: readonly number[];
}

/** What is noted on the trail, to be undone: `4 × step + tag`. */
const PLACED = 0;
const PLACED_INDEFINITE = 1;
const PASSED_PLACED = 2;
const PASSED_EXPIRED = 3;

export abstract class IntervalSearch<T extends Span> {
  readonly steps: readonly T[];
  readonly windows: Windows;
  /** Per slot: the open step in it, or NONE. */
  protected readonly open: Int32Array;
  /** The number of the state that the object is in. */
  protected value: number;
  private readonly budget: number;
  private readonly memo: ConfigurationMemo;
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
  private taken = 0;
  private begun = false;
  private readonly deadEnds: DeadEnd[] = [];
  /** The furthest completion since the last dead end was noted. */
  private recent = 0;

  /** `steps` by invocation; `budget`: branching moves before the answer is `undecided`. */
  constructor(steps: readonly T[], windows: Windows, initial: number, budget: number) {
    this.steps = steps;
    this.windows = windows;
    this.value = initial;
    this.budget = budget;
    this.open = new Int32Array(windows.slotCount).fill(NONE);
    this.placed = new Int32Array((windows.slotCount + 31) >>> 5);
    this.invoked = new Int32Array(windows.classes.length);
    this.used = new Int32Array(windows.classes.length);
    this.listed = new Int32Array(windows.effectCount * 2);
    this.memo = new ConfigurationMemo(windows.returns.length + 1, this.used.length);
  }

  /** Whether open step `i` may be placed now. */
  protected abstract allowed(i: number): boolean;
  /** The state's number after step `i`, which is allowed. */
  protected abstract after(i: number): number;
  /** Whether open step `i` only observes and agrees with the present state: then it is placed without a choice. */
  protected abstract agrees(i: number): boolean;
  /** Whether an optional step that is about to complete is worth placing at all. */
  protected abstract worthPlacing(i: number): boolean;
  /** Counts step `i` in (1) or out (-1) of what is still to come. */
  protected abstract account(i: number, by: 1 | -1): void;
  /** Whether the history can still be explained without optional step `i`, which has just been left out. */
  protected abstract survives(i: number): boolean;

  /** Searches, or goes on where it stopped, until `limit` branching moves have been made in all: then it is `undecided`. */
  run(limit = this.budget): SearchResult<T> {
    let outcome = this.begun ? 'open' : this.begin();
    while (outcome !== 'done') {
      const frame = this.frames.at(-1);
      if (frame === undefined) return { status: 'violated', steps: this.taken, reached: this.reached() };
      if (this.taken >= limit && frame.next < frame.moves.length)
        return { status: 'undecided', steps: this.taken, reached: this.reached() };
      this.undo(frame);
      const move = frame.moves[frame.next++];
      if (move === undefined) {
        this.frames.pop();
        continue;
      }
      this.taken++;
      outcome = this.take(move);
      if (outcome === 'open') this.enter();
    }
    return { status: 'held', steps: this.taken, reached: FOREVER, order: this.order() };
  }

  private begin(): 'done' | 'open' | 'dead' {
    this.begun = true;
    this.arrive(1);
    const outcome = this.settle();
    if (outcome === 'open') this.enter();
    return outcome;
  }

  private take(move: number): 'done' | 'open' | 'dead' {
    if (move !== EXPIRE) {
      this.place(move, this.after(move));
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
      if (this.position > this.recent) this.recent = this.position;
      if (this.position === returns.length) return 'done';
      const next = returns[this.position] as number;
      const isPlaced = this.isPlaced(this.windows.slot[next] as number);
      if (isPlaced) this.pass(next, true);
      else if ((this.steps[next] as T).required || this.worthPlacing(next)) return 'open';
      else if (!this.expire(next)) return 'dead';
    }
  }

  /** Past the completion of an optional step that is left out; false when that leaves no way on. */
  private expire(i: number): boolean {
    this.pass(i, false);
    return this.survives(i);
  }

  /** Opens the configuration come to, unless it, or one that dominates it, was opened before. */
  private enter(): void {
    if (this.deadEnds.some(({ position, used }) => this.position < position && atLeast(this.used, used))) return;
    if (this.memo.seen(this.position, this.value, this.placed, this.used)) return;
    this.frames.push({ value: this.value, trail: this.trail.length, moves: this.moves(), next: 0 });
  }

  /** What can be placed next, in the order to be tried. */
  private moves(): number[] {
    const { slotCount, effect, classes } = this.windows;
    const open: number[] = [];
    for (let s = 0; s < slotCount; s++) {
      const i = this.open[s] as number;
      if (i !== NONE && !this.isPlaced(s) && this.allowed(i)) open.push(i);
    }
    open.sort((a, b) => (this.steps[a] as T).ret - (this.steps[b] as T).ret);
    const stamp = ++this.enumeration;
    const moves: number[] = [];
    if (!(this.steps[this.windows.returns[this.position] as number] as T).required) moves.push(EXPIRE);
    for (const i of open) {
      const kind = 2 * (effect[i] as number) + ((this.steps[i] as T).required ? 1 : 0);
      if (this.listed[kind] === stamp) continue;
      this.listed[kind] = stamp;
      moves.push(i);
    }
    for (let c = 0; c < classes.length; c++) {
      const i = this.available(c);
      if (i === NONE || this.listed[2 * (effect[i] as number)] === stamp) continue;
      if (this.allowed(i)) moves.push(i);
    }
    return moves;
  }

  /** The step that completes next; undefined after the last completion. */
  protected next(): number | undefined {
    return this.windows.returns[this.position];
  }

  /** The next step of a class of indefinite ones, the earliest invoked first; NONE when all invoked ones are used. */
  protected available(c: number): number {
    const used = this.used[c] as number;
    return used < (this.invoked[c] as number) ? ((this.windows.classes[c] as readonly number[])[used] as number) : NONE;
  }

  private placeObservers(): void {
    for (let s = 0; s < this.windows.slotCount; s++) {
      const i = this.open[s] as number;
      if (i !== NONE && !this.isPlaced(s) && this.agrees(i)) this.place(i, this.value);
    }
  }

  private place(i: number, value: number): void {
    const slot = this.windows.slot[i] as number;
    this.account(i, -1);
    this.value = value;
    if (slot === NONE) {
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
    this.open[slot] = NONE;
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
      if (s !== NONE) this.open[s] = sign === 1 ? i : NONE;
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

  private countUsed(i: number, by: 1 | -1): void {
    const c = this.windows.classOf[i] as number;
    this.used[c] = (this.used[c] as number) + by;
  }

  protected isPlaced(slot: number): boolean {
    return (((this.placed[slot >>> 5] as number) >>> (slot & 31)) & 1) === 1;
  }

  /** Flips the bit of a slot. */
  private mark(slot: number): void {
    this.placed[slot >>> 5] = (this.placed[slot >>> 5] as number) ^ (1 << (slot & 31));
  }

  /** Where the search has been trying to pass of late: the number of a completion. */
  get stuckAt(): number {
    return Math.min(this.recent, this.windows.returns.length - 1);
  }

  /** Indefinite steps used, by class, where the present path last had a choice before completion `position`; undefined: nowhere. */
  usedBefore(position: number): readonly number[] | undefined {
    return this.path().findLast((choice) => choice.position < position)?.used;
  }

  /** What is known to be too much used before some completion after `position`. */
  deadAfter(position: number): (readonly number[])[] {
    return this.deadEnds.filter((dead) => dead.position > position).map(({ used }) => used);
  }

  /**
   * Notes that no configuration before completion `position` that has used at least `used` indefinite steps leads on, and
   * gives up the present path up to where that was not so.
   */
  giveUp(position: number, used: readonly number[]): void {
    this.deadEnds.push({ position, used });
    this.recent = 0;
    const dead = this.path().findIndex((choice) => choice.position < position && atLeast(choice.used, used));
    if (dead >= 0) this.frames.length = dead + 1;
    const frame = this.frames.at(-1);
    if (dead >= 0 && frame !== undefined) frame.next = frame.moves.length;
  }

  /** The choices of the present path, with where each was and what was used until then. */
  private path(): DeadEnd[] {
    const used = this.used.map(() => 0);
    let position = 0;
    let entry = 0;
    return this.frames.map(({ trail }) => {
      for (; entry < trail; entry++) {
        const [i, tag] = [Math.floor((this.trail[entry] as number) / 4), (this.trail[entry] as number) % 4];
        if (tag === PLACED_INDEFINITE)
          used[this.windows.classOf[i] as number] = (used[this.windows.classOf[i] as number] as number) + 1;
        else if (tag !== PLACED) position++;
      }
      return { position, used: [...used] };
    });
  }

  private reached(): number {
    const i = this.windows.returns[this.furthest];
    return i === undefined ? FOREVER : (this.steps[i] as T).ret;
  }

  private order(): T[] {
    const order: T[] = [];
    for (const entry of this.trail) {
      if (entry % 4 === PLACED || entry % 4 === PLACED_INDEFINITE) order.push(this.steps[Math.floor(entry / 4)] as T);
    }
    return order;
  }
}

const atLeast = (counts: Int32Array | readonly number[], least: readonly number[]): boolean =>
  least.every((count, c) => (counts[c] as number) >= count);
