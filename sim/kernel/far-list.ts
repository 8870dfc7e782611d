/**
 * An unsorted list of events with their times. An entry stays where it is until its event leaves; its place is noted in the event's
 * slot. Holes are linked to one another, the last one first.
 */
import type { Micros } from '../base/time.ts';
import type { EventSlots } from './event-slots.ts';
import { ELSEWHERE, INTS, PLACE } from './event-slots.ts';

const SAMPLES = 64;
const NONE = -1;

export class FarList {
  /** Events in the list. */
  size = 0;
  /** Entries are before this index, holes included. */
  end = 0;
  times = new Float64Array(0);
  sequences = new Float64Array(0);
  /** A negative slot is a hole: NONE - 1 - (the next hole). */
  slots = new Int32Array(0);
  private hole = NONE;
  private readonly events: EventSlots;

  constructor(events: EventSlots) {
    this.events = events;
  }

  add(at: Micros, sequence: number, slot: number): void {
    let index = this.hole;
    if (index === NONE) index = this.end === this.slots.length ? this.grow() : this.end++;
    else this.hole = NONE - 1 - (this.slots[index] as number);
    this.times[index] = at;
    this.sequences[index] = sequence;
    this.slots[index] = slot;
    this.size++;
    this.events.ints[slot * INTS + PLACE] = index;
  }

  /** Whether an event whose PLACE is an index is here, and not in a window that it has been moved to. */
  holds(slot: number): boolean {
    const place = this.events.ints[slot * INTS + PLACE] as number;
    return place >= 0 && this.slots[place] === slot;
  }

  /** Changes an event's time. */
  move(slot: number, at: Micros, sequence: number): void {
    const index = this.events.ints[slot * INTS + PLACE] as number;
    this.times[index] = at;
    this.sequences[index] = sequence;
  }

  remove(slot: number): void {
    this.leave(this.events.ints[slot * INTS + PLACE] as number);
  }

  /** Makes a hole at `index`, where an event was. */
  leave(index: number): void {
    this.slots[index] = NONE - 1 - this.hole;
    this.hole = index;
    this.size--;
  }

  /** The earliest time; Infinity when there is none. */
  first(): Micros {
    let first = Infinity;
    for (let i = 0; i < this.end; i++) {
      if ((this.slots[i] as number) >= 0 && (this.times[i] as number) < first) first = this.times[i] as number;
    }
    return first;
  }

  /** The latest time; 0 when there is none. */
  last(): Micros {
    let last = 0;
    for (let i = 0; i < this.end; i++) {
      if ((this.slots[i] as number) >= 0 && (this.times[i] as number) > last) last = this.times[i] as number;
    }
    return last;
  }

  /** About the first eighth and the median of the times. Only when there are any. */
  sample(): { readonly eighth: Micros; readonly half: Micros } {
    const sample = new Float64Array(SAMPLES);
    const step = this.end / SAMPLES;
    for (let i = 0; i < SAMPLES; i++) {
      let index = Math.floor(i * step);
      while ((this.slots[index] as number) < 0) index = index + 1 === this.end ? 0 : index + 1;
      sample[i] = this.times[index] as number;
    }
    sample.sort((x, y) => x - y);
    return { eighth: sample[SAMPLES / 8] as number, half: sample[SAMPLES / 2] as number };
  }

  /** Closes the gaps when there are more of them than events. */
  compact(): void {
    if (this.end <= 2 * this.size) return;
    let kept = 0;
    for (let i = 0; i < this.end; i++) {
      const slot = this.slots[i] as number;
      if (slot < 0) continue;
      this.times[kept] = this.times[i] as number;
      this.sequences[kept] = this.sequences[i] as number;
      this.slots[kept] = slot;
      this.events.ints[slot * INTS + PLACE] = kept++;
    }
    this.end = kept;
    this.hole = NONE;
  }

  /**
   * How far ahead of `now` the events lie up to the first gap: a gap is where none is for three powers of two. To within a factor
   * of two, from above. 0 when there are none.
   */
  reach(now: Micros): Micros {
    let present = 0;
    let furthest = 0;
    for (let i = 0; i < this.end; i++) {
      if ((this.slots[i] as number) < 0) continue;
      const ahead = (this.times[i] as number) - now;
      if (ahead > furthest) furthest = ahead;
      // Half an hour and more is one power, the last.
      present |= 1 << (31 - Math.clz32(Math.min(ahead, 0x7fff_ffff) | 1));
    }
    if (present === 0) return 0;
    const lowest = 31 - Math.clz32(present & -present);
    const above = (present >>> lowest) | 0;
    // Bit k: nothing in the powers k + 1 to k + 3.
    const gaps = above & ~((above >>> 1) | (above >>> 2) | (above >>> 3));
    const highest = lowest + 31 - Math.clz32(gaps & -gaps);
    return highest === 30 ? furthest : Math.min(furthest, (1 << highest) * 2);
  }

  /** Takes out everything that is due up to `until`. */
  drain(until: Micros, take: (at: Micros, sequence: number, slot: number) => void): void {
    const { end, slots, times, sequences } = this;
    const { ints } = this.events;
    for (let i = 0; i < end; i++) {
      const slot = slots[i] as number;
      if (slot < 0 || (times[i] as number) > until) continue;
      ints[slot * INTS + PLACE] = ELSEWHERE;
      this.leave(i);
      take(times[i] as number, sequences[i] as number, slot);
    }
    if (this.size === 0) {
      this.end = 0;
      this.hole = NONE;
    } else this.compact();
  }

  /** Forgets everything and lets the memory go. */
  clear(): void {
    this.size = this.end = 0;
    this.hole = NONE;
    this.times = new Float64Array(0);
    this.sequences = new Float64Array(0);
    this.slots = new Int32Array(0);
  }

  /** Makes room for one more at least, and returns the index of the first. */
  private grow(): number {
    const capacity = Math.max(64, this.slots.length * 2);
    const times = new Float64Array(capacity);
    const sequences = new Float64Array(capacity);
    const slots = new Int32Array(capacity);
    times.set(this.times);
    sequences.set(this.sequences);
    slots.set(this.slots);
    this.times = times;
    this.sequences = sequences;
    this.slots = slots;
    return this.end++;
  }
}
