/** The events of the open bucket in order, taken from the front. What is pushed into the open bucket later goes elsewhere. */
import type { Micros } from '../base/time.ts';
import type { EventSlots } from './event-slots.ts';
import { REALS, SEQUENCE } from './event-slots.ts';

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

  /** Adds an entry, out of order: `sort` follows. Only when nothing is left of what was sorted before. */
  add(at: Micros, sequence: number, slot: number): void {
    const i = this.left++;
    if (i === this.slots.length) this.grow();
    this.times[i] = at;
    this.sequences[i] = sequence;
    this.slots[i] = slot;
    this.end = i + 1;
  }

  /**
   * Sorts the entries by insertion: at once when they came in order, as within one microsecond. Returns false when sorting so
   * would take too long; the entries are all there, in no useful order.
   */
  sort(): boolean {
    const { times, sequences, slots, left } = this;
    let patience = left * 16;
    for (let i = 1; i < left; i++) {
      const at = times[i] as number;
      const sequence = sequences[i] as number;
      let hole = i;
      while (hole > 0) {
        const before = times[hole - 1] as number;
        if (before < at || (before === at && (sequences[hole - 1] as number) < sequence)) break;
        times[hole] = before;
        hole--;
      }
      if (hole === i) continue;
      const slot = slots[i] as number;
      for (let j = i; j > hole; j--) {
        sequences[j] = sequences[j - 1] as number;
        slots[j] = slots[j - 1] as number;
      }
      times[hole] = at;
      sequences[hole] = sequence;
      slots[hole] = slot;
      patience -= i - hole;
      if (patience < 0) return false;
    }
    return true;
  }

  /** The slot of entry `index`, from 0 to `left` - 1, before anything was taken. */
  slotAt(index: number): number {
    return this.slots[index] as number;
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

  private grow(): void {
    const capacity = this.slots.length * 2;
    const times = new Float64Array(capacity);
    const sequences = new Float64Array(capacity);
    const slots = new Int32Array(capacity);
    times.set(this.times);
    sequences.set(this.sequences);
    slots.set(this.slots);
    this.times = times;
    this.sequences = sequences;
    this.slots = slots;
  }
}
