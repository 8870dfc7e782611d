/**
 * A binary heap of slots ordered by (time, sequence number), over typed arrays.
 *
 * Removing the first walks the hole down to a leaf, choosing the smaller child by arithmetic and not by a branch that a
 * processor would guess wrong half of the time, and then lifts the last entry into it. An entry carries its sequence
 * number: that settles ties, and shows that an entry is stale when its slot was released or holds another event by now.
 */
import type { Micros } from '../base/time.ts';
import type { EventSlots } from './event-slots.ts';
import { REALS, SEQUENCE } from './event-slots.ts';

export class TimeHeap {
  /** Entries, stale ones included. */
  size = 0;
  /**
   * The root was removed and not filled again yet. Handling an event mostly pushes another: that one goes in at the root, and
   * is sorted in by the same walk that the removal would have needed.
   */
  private vacant = false;
  /** Time and sequence number of each entry, in turn. */
  private keys: Float64Array;
  private slots: Int32Array;
  private readonly events: EventSlots;

  constructor(events: EventSlots, capacity: number) {
    this.events = events;
    this.keys = new Float64Array(capacity * 2);
    this.slots = new Int32Array(capacity);
  }

  push(at: Micros, sequence: number, slot: number): void {
    if (this.vacant) {
      this.vacant = false;
      this.lift(this.sink(0, ++this.size), at, sequence, slot);
      return;
    }
    if (this.size === this.slots.length) this.grow();
    this.lift(this.size++, at, sequence, slot);
  }

  /** Makes the first entry readable by `firstTime`, `firstSlot` and `firstIsLive`. */
  settle(): void {
    if (!this.vacant) return;
    this.vacant = false;
    const size = this.size;
    if (size === 0) return;
    const hole = this.sink(0, size);
    this.lift(hole, this.keys[size * 2] as number, this.keys[size * 2 + 1] as number, this.slots[size] as number);
  }

  /** Time of the first entry. Only when settled and `size` > 0. */
  firstTime(): Micros {
    return this.keys[0] as number;
  }

  firstSlot(): number {
    return this.slots[0] as number;
  }

  /** Whether the first entry's event is still pending. */
  firstIsLive(): boolean {
    return this.events.reals[(this.slots[0] as number) * REALS + SEQUENCE] === this.keys[1];
  }

  /** Removes the first entry. Only when settled and `size` > 0. */
  removeFirst(): void {
    this.size--;
    this.vacant = true;
  }

  /** Drops the stale entries and puts the rest in order again. */
  compact(): void {
    this.settle();
    const { keys, slots } = this;
    const reals = this.events.reals;
    let kept = 0;
    for (let i = 0; i < this.size; i++) {
      const slot = slots[i] as number;
      const sequence = keys[i * 2 + 1] as number;
      if (reals[slot * REALS + SEQUENCE] !== sequence) continue;
      const at = keys[i * 2] as number;
      // Entries 0 … kept - 1 are a heap already, and the place `kept` was read before.
      this.lift(kept++, at, sequence, slot);
    }
    this.size = kept;
  }

  /** The slot of entry `index`, from 0 to `size` - 1, in no useful order. */
  slotAt(index: number): number {
    return this.slots[index] as number;
  }

  clear(): void {
    this.size = 0;
    this.vacant = false;
  }

  /** Moves the hole at `hole` down to a leaf of a heap of `size` entries and returns its place. */
  private sink(hole: number, size: number): number {
    const { keys, slots } = this;
    let child = 2 * hole + 1;
    while (child + 1 < size) {
      const k = child * 2;
      const left = keys[k] as number;
      const right = keys[k + 2] as number;
      // Ties are rare or come in rows, so this branch is guessed right.
      if (right === left) child += Number((keys[k + 3] as number) < (keys[k + 1] as number));
      else child += Number(right < left);
      keys[hole * 2] = keys[child * 2] as number;
      keys[hole * 2 + 1] = keys[child * 2 + 1] as number;
      slots[hole] = slots[child] as number;
      hole = child;
      child = 2 * hole + 1;
    }
    if (child < size) {
      keys[hole * 2] = keys[child * 2] as number;
      keys[hole * 2 + 1] = keys[child * 2 + 1] as number;
      slots[hole] = slots[child] as number;
      hole = child;
    }
    return hole;
  }

  /** Puts an entry into the hole at `hole`, or above. */
  private lift(hole: number, at: Micros, sequence: number, slot: number): void {
    const { keys, slots } = this;
    while (hole > 0) {
      const parent = (hole - 1) >> 1;
      const above = keys[parent * 2] as number;
      if (above < at || (above === at && (keys[parent * 2 + 1] as number) < sequence)) break;
      keys[hole * 2] = above;
      keys[hole * 2 + 1] = keys[parent * 2 + 1] as number;
      slots[hole] = slots[parent] as number;
      hole = parent;
    }
    keys[hole * 2] = at;
    keys[hole * 2 + 1] = sequence;
    slots[hole] = slot;
  }

  private grow(): void {
    const keys = new Float64Array(this.keys.length * 2);
    const slots = new Int32Array(this.slots.length * 2);
    keys.set(this.keys);
    slots.set(this.slots);
    this.keys = keys;
    this.slots = slots;
  }
}
