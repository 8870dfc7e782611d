/**
 * Sequential consistency by depth-first search over merges of the sessions, when values repeat or when what the reads force
 * leaves the order open. The question is NP-complete (Gibbons and Korach, 1997).
 *
 * A configuration is how far each chain has been taken, and the value of each key that somebody still has to read. Rules, all
 * sound and complete:
 *   1. memo: a configuration that failed is not entered again;
 *   2. reads first: a read that can be placed is placed at once, it changes nothing;
 *   3. silent writes: a write that nobody will read, over a value that nobody will read, is placed at once;
 *   4. liveness: a value that somebody has to read, and nobody can write again, is not overwritten;
 *   5. observers: an indefinite write is placed only where somebody still has to read its value;
 *   6. given edges: a step waits for what is known to come before it;
 *   7. order: what completed first is tried first, so that histories of good stores go straight through.
 */
import type { PartialOrder } from './partial-order.ts';
import { NONE } from './session-steps.ts';
import type { Sessions, SessionStep } from './session-steps.ts';
import type { Status } from '../verdict.ts';

export interface MergeResult {
  readonly status: Status;
  /** Branching moves made. */
  readonly steps: number;
  /** When held: the steps in an order that explains everything. */
  readonly order?: readonly number[];
}

interface Frame {
  /** Length of the trail when the frame was entered. */
  readonly trail: number;
  readonly moves: readonly number[];
  next: number;
}

/** Searches for a merge. `order`: what is known to come before what. `happened`: which indefinite steps must be in it. */
export function searchMerge(
  sessions: Sessions,
  order: PartialOrder,
  happened: Uint8Array,
  budget: number,
): MergeResult {
  return new MergeSearch(sessions, order, happened).run(budget);
}

class MergeSearch {
  private readonly steps: readonly SessionStep[];
  private readonly order: PartialOrder;
  /** Must be placed. */
  private readonly required: Uint8Array;
  private readonly waiting: Int32Array;
  private readonly placed: Uint8Array;
  private readonly values: Int32Array;
  /** By key × values: steps still to come that must read it, that may, and that can write it. */
  private readonly mustRead: Int32Array;
  private readonly mayRead: Int32Array;
  private readonly mayWrite: Int32Array;
  private readonly ready = new Set<number>();
  private readonly trail: { readonly step: number; readonly value: number }[] = [];
  private readonly failed = new Set<string>();
  private readonly size: number;
  private left: number;

  constructor({ steps, keys, values }: Sessions, order: PartialOrder, happened: Uint8Array) {
    this.steps = steps;
    this.order = order;
    this.size = values.size;
    this.required = Uint8Array.from(steps, (step) => (step.definite || happened[step.index] === 1 ? 1 : 0));
    this.left = this.required.reduce((sum, one) => sum + one, 0);
    this.waiting = new Int32Array(steps.length);
    this.placed = new Uint8Array(steps.length);
    this.values = new Int32Array(keys);
    this.mustRead = new Int32Array(keys * this.size);
    this.mayRead = new Int32Array(keys * this.size);
    this.mayWrite = new Int32Array(keys * this.size);
    for (const step of steps) {
      this.count(step, 1);
      for (const { to } of order.after(step.index)) this.waiting[to] = (this.waiting[to] as number) + 1;
    }
    for (const step of steps) if (this.waiting[step.index] === 0) this.ready.add(step.index);
  }

  run(budget: number): MergeResult {
    let steps = 0;
    const frames: Frame[] = [this.enter()];
    for (;;) {
      if (this.left === 0) return { status: 'held', steps, order: this.trail.map(({ step }) => step) };
      const frame = frames.at(-1);
      if (frame === undefined) return { status: 'violated', steps };
      this.undo(frame.trail);
      const move = frame.moves[frame.next++];
      if (move === undefined) {
        frames.pop();
        continue;
      }
      if (++steps > budget) return { status: 'undecided', steps: budget };
      this.place(move);
      frames.push(this.enter());
    }
  }

  /** Places what costs nothing, and lists the moves from there. A frame of a configuration that failed before has none. */
  private enter(): Frame {
    for (let free = this.freeStep(); free !== undefined; free = this.freeStep()) this.place(free);
    const trail = this.trail.length;
    const name = this.name();
    if (this.failed.has(name)) return { trail, moves: [], next: 0 };
    // Entered means: it succeeds now, or it has failed by the time that it is met again.
    this.failed.add(name);
    const moves = [...this.ready].filter((index) => this.mayMove(this.steps[index] as SessionStep));
    return {
      trail,
      moves: moves.toSorted(
        (a, b) => (this.steps[a] as SessionStep).op.completed - (this.steps[b] as SessionStep).op.completed || a - b,
      ),
      next: 0,
    };
  }

  private freeStep(): number | undefined {
    for (const index of this.ready) {
      const step = this.steps[index] as SessionStep;
      if (step.to === NONE ? this.values[step.key] === step.from : this.isSilent(step)) return index;
    }
    return undefined;
  }

  private isSilent({ key, from, to, index }: SessionStep): boolean {
    if (from !== NONE || this.required[index] === 0) return false;
    const now = this.values[key] as number;
    return this.mayRead[key * this.size + to] === 0 && this.mayRead[key * this.size + now] === 0;
  }

  private mayMove({ key, from, to, index }: SessionStep): boolean {
    const now = this.values[key] as number;
    if (to === NONE || (from !== NONE && from !== now)) return false;
    if (this.required[index] === 0 && this.mayRead[key * this.size + to] === 0) return false;
    const slot = key * this.size + now;
    const others = (this.mustRead[slot] as number) - (from === now && this.required[index] === 1 ? 1 : 0);
    const again = (this.mayWrite[slot] as number) - (to === now ? 1 : 0);
    return others <= 0 || to === now || again > 0;
  }

  private place(index: number): void {
    const step = this.steps[index] as SessionStep;
    this.trail.push({ step: index, value: this.values[step.key] as number });
    this.placed[index] = 1;
    this.left -= this.required[index] as number;
    this.count(step, -1);
    if (step.to !== NONE) this.values[step.key] = step.to;
    this.ready.delete(index);
    for (const { to } of this.order.after(index))
      if ((this.waiting[to] = (this.waiting[to] as number) - 1) === 0) this.ready.add(to);
  }

  private undo(length: number): void {
    while (this.trail.length > length) {
      const { step: index, value } = this.trail.pop() as { step: number; value: number };
      const step = this.steps[index] as SessionStep;
      this.placed[index] = 0;
      this.left += this.required[index] as number;
      this.count(step, 1);
      this.values[step.key] = value;
      this.ready.add(index);
      for (const { to } of this.order.after(index)) {
        this.waiting[to] = (this.waiting[to] as number) + 1;
        this.ready.delete(to);
      }
    }
  }

  private count({ key, from, to, index }: SessionStep, by: number): void {
    if (from !== NONE) {
      const slot = key * this.size + from;
      this.mayRead[slot] = (this.mayRead[slot] as number) + by;
      if (this.required[index] === 1) this.mustRead[slot] = (this.mustRead[slot] as number) + by;
    }
    if (to !== NONE) {
      const slot = key * this.size + to;
      this.mayWrite[slot] = (this.mayWrite[slot] as number) + by;
    }
  }

  /** The configuration: how far each chain has come, and each value that somebody may still read. */
  private name(): string {
    const places: number[] = [];
    for (const chain of this.order.chains) {
      let low = 0;
      let high = chain.length;
      while (low < high) {
        const middle = (low + high) >>> 1;
        if (this.placed[chain[middle] as number] === 1) low = middle + 1;
        else high = middle;
      }
      places.push(low);
    }
    for (let key = 0; key < this.values.length; key++) {
      const now = this.values[key] as number;
      places.push(this.mayRead[key * this.size + now] === 0 ? NONE : now);
    }
    return places.join(' ');
  }
}
