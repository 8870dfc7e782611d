/** The events of the open bucket in order, taken from the front. What is pushed into the open bucket later goes elsewhere. */
import type { Micros } from '../base/time.ts';
import type { EventSlots } from './event-slots.ts';
import { AT, REALS, SEQUENCE } from './event-slots.ts';

export class DueRun {
  /** Entries that were not taken yet, stale ones included. */
  left = 0;
  private end = 0;
  private times = new Float64Array(64);
  private sequences = new Float64Array(64);
  private slots = new Int32Array(64);
  private readonly events: EventSlots;

  constructor(events: EventSlots) {
    this.events = events;
  }

  /**
   * Fills the empty run from `chain`, where the newest of `count` events comes first, by insertion: at once when they were
   * pushed in order, as within one microsecond. Returns false, and stays empty, when sorting so would take too long.
   */
  fill(chain: Int32Array, count: number): boolean {
    if (count > this.slots.length) this.grow(count);
    const { times, sequences, slots } = this;
    const reals = this.events.reals;
    let patience = count * 16;
    for (let i = 0; i < count; i++) {
      const slot = chain[count - 1 - i] as number;
      const at = reals[slot * REALS + AT] as number;
      const sequence = reals[slot * REALS + SEQUENCE] as number;
      let hole = i;
      while (hole > 0) {
        const before = times[hole - 1] as number;
        if (before < at || (before === at && (sequences[hole - 1] as number) < sequence)) break;
        times[hole] = before;
        sequences[hole] = sequences[hole - 1] as number;
        slots[hole] = slots[hole - 1] as number;
        hole--;
      }
      times[hole] = at;
      sequences[hole] = sequence;
      slots[hole] = slot;
      patience -= i - hole;
      if (patience < 0) return false;
    }
    this.left = this.end = count;
    return true;
  }

  /** Time of the first entry. Only when `left` > 0. */
  firstTime(): Micros {
    return this.times[this.end - this.left] as number;
  }

  firstSlot(): number {
    return this.slots[this.end - this.left] as number;
  }

  firstIsLive(): boolean {
    const first = this.end - this.left;
    return this.events.reals[(this.slots[first] as number) * REALS + SEQUENCE] === this.sequences[first];
  }

  removeFirst(): void {
    this.left--;
  }

  /** How many of the entries left are stale. */
  staleCount(): number {
    let stale = 0;
    for (let i = this.end - this.left; i < this.end; i++) {
      const sequence = this.events.reals[(this.slots[i] as number) * REALS + SEQUENCE];
      if (sequence !== this.sequences[i]) stale++;
    }
    return stale;
  }

  clear(): void {
    this.left = 0;
  }

  private grow(count: number): void {
    const capacity = Math.max(count, this.slots.length * 2);
    this.times = new Float64Array(capacity);
    this.sequences = new Float64Array(capacity);
    this.slots = new Int32Array(capacity);
  }
}
