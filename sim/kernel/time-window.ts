/**
 * The events that are not due soon, for long queues: an unsorted far list, and before it a window of buckets, each an
 * unsorted chain of what is due within one short span. Adding is a multiplication and a link; order is made one bucket at a
 * time, when the clock gets there. Taking an event out again is one step too, so that cancelled timeouts leave nothing.
 *
 * When the window is used up, the next one is laid over the front of the far list. Its span follows from a sample of
 * the due times: up to their median, or up to their first eighth where that is far denser than the rest (delays of 1 µs
 * beside delays of an hour). Should a sample mislead and leave nearly all behind, the next window covers everything; so a
 * far event is looked at a bounded number of times on average.
 *
 * An event belongs where its bucket number says, (time - origin) × scale, computed in one and the same way for all; that
 * is monotone in time however it is rounded, where comparing times with rounded limits between buckets would not be.
 *
 * After the lazy and ladder queues: R. Rönngren, R. Ayani, "A comparative study of parallel and sequential priority queue
 * algorithms", ACM TOMACS 7(2), 1997; W. T. Tang, R. Goh, I. Thng, "Ladder queue", ACM TOMACS 15(3), 2005.
 */
import type { Micros } from '../base/time.ts';
import type { EventSlots } from './event-slots.ts';
import { AT, ELSEWHERE, INTS, NEXT, PLACE, PREVIOUS, REALS } from './event-slots.ts';

/** Far events per bucket of a new window; a few more are pushed into it before it opens. */
const PER_BUCKET = 2;
const FEWEST_BUCKETS = 64;
const SAMPLES = 64;
/** The place of an event in bucket b is FIRST_BUCKET - b; a place of 0 and more is an index in the far list. */
const FIRST_BUCKET = ELSEWHERE - 1;
const NONE = -1;

export class TimeWindow {
  /** Events in the far list and in buckets. */
  size = 0;
  /** Events in the far list. */
  farSize = 0;
  private farTimes = new Float64Array(0);
  private farSlots = new Int32Array(0);
  private heads = new Int32Array(0);
  private buckets = 0;
  private origin: Micros = 0;
  /** Buckets per microsecond; 0 while there is no window, when every time counts as being in the open bucket. */
  private scale = 0;
  /** The first bucket number that is not open yet. */
  private closed = 1;
  private coverAll = false;
  private chain = new Int32Array(64);
  private readonly events: EventSlots;

  constructor(events: EventSlots) {
    this.events = events;
  }

  /** Takes the event in, unless it is due in the open bucket or before: then false. */
  add(at: Micros, slot: number): boolean {
    const number = (at - this.origin) * this.scale;
    if (number < this.closed) return false;
    if (number < this.buckets) this.link(number | 0, slot);
    else this.addFar(at, slot);
    this.size++;
    return true;
  }

  /** Takes out an event whose PLACE is not ELSEWHERE. */
  remove(slot: number): void {
    const ints = this.events.ints;
    const place = ints[slot * INTS + PLACE] as number;
    this.size--;
    if (place >= 0) {
      this.removeFar(place);
      return;
    }
    const next = ints[slot * INTS + NEXT] as number;
    const previous = ints[slot * INTS + PREVIOUS] as number;
    if (previous === NONE) this.heads[FIRST_BUCKET - place] = next;
    else ints[previous * INTS + NEXT] = next;
    if (next !== NONE) ints[next * INTS + PREVIOUS] = previous;
  }

  /** Adds to the far list. It does not count in `size`: see `add` and `spill`. */
  private addFar(at: Micros, slot: number): void {
    const index = this.farSize++;
    if (index === this.farSlots.length) this.growFar();
    this.farTimes[index] = at;
    this.farSlots[index] = slot;
    this.events.ints[slot * INTS + PLACE] = index;
  }

  /** Puts an event into the far list, whatever its time: for filling the window anew by `lay`. */
  spill(slot: number): void {
    this.addFar(this.events.reals[slot * REALS + AT] as number, slot);
    this.size++;
  }

  /** Moves all buckets back to the far list. */
  gather(): void {
    for (let b = this.closed; b < this.buckets; b++) {
      let slot = this.heads[b] as number;
      this.heads[b] = NONE;
      while (slot !== NONE) {
        const next = this.events.ints[slot * INTS + NEXT] as number;
        this.addFar(this.events.reals[slot * REALS + AT] as number, slot);
        slot = next;
      }
    }
    this.closed = this.buckets;
  }

  /** Takes all events out of the far list; no window is left, so every later time is due in the open bucket. */
  drain(take: (slot: number) => void): void {
    const ints = this.events.ints;
    for (let i = 0; i < this.farSize; i++) {
      const slot = this.farSlots[i] as number;
      ints[slot * INTS + PLACE] = ELSEWHERE;
      take(slot);
    }
    this.size -= this.farSize;
    this.farSize = 0;
    this.noWindow();
  }

  /** Forgets everything. The far list's memory is let go. */
  clear(): void {
    this.heads.fill(NONE);
    this.farTimes = new Float64Array(0);
    this.farSlots = new Int32Array(0);
    this.size = this.farSize = 0;
    this.noWindow();
  }

  private noWindow(): void {
    this.buckets = 0;
    this.scale = 0;
    this.origin = 0;
    this.closed = 1;
    this.coverAll = false;
  }

  /** Lays a new window over the front of the far list. Only when all buckets are empty and the far list is not. */
  lay(): void {
    const count = this.farSize;
    const first = this.firstFarTime();
    const sample = this.sample();
    const eighth = (sample[SAMPLES / 8] as number) - first;
    const half = (sample[SAMPLES / 2] as number) - first;
    // Equal density would make `half` four times `eighth`.
    let span = half;
    let share = count / 2;
    if (half + 1 > 16 * (eighth + 1)) {
      span = eighth;
      share = count / 8;
    }
    if (this.coverAll) {
      span = this.lastFarTime() - first + 1;
      share = count;
    }
    this.buckets = Math.max(FEWEST_BUCKETS, Math.ceil(share / PER_BUCKET));
    this.origin = first;
    this.scale = 1 / Math.max(1, span / this.buckets);
    this.closed = 0;
    if (this.heads.length < this.buckets) this.heads = new Int32Array(2 * this.buckets).fill(NONE);
    this.distribute();
    this.coverAll = (count - this.farSize) * 16 < count;
  }

  /** Opens the next bucket that holds anything and returns its events, newest first; `count` of them. */
  open(): { readonly chain: Int32Array; readonly count: number } {
    const heads = this.heads;
    let b = this.closed;
    while ((heads[b] as number) === NONE) b++;
    const ints = this.events.ints;
    let count = 0;
    for (let slot = heads[b] as number; slot !== NONE; slot = ints[slot * INTS + NEXT] as number) {
      if (count === this.chain.length) this.growChain();
      this.chain[count++] = slot;
      ints[slot * INTS + PLACE] = ELSEWHERE;
    }
    heads[b] = NONE;
    this.closed = b + 1;
    this.size -= count;
    return { chain: this.chain, count };
  }

  private distribute(): void {
    const { farTimes, farSlots, origin, scale, buckets } = this;
    // Backwards, so that what fills a gap was looked at already.
    for (let i = this.farSize - 1; i >= 0; i--) {
      const number = ((farTimes[i] as number) - origin) * scale;
      if (number >= buckets) continue;
      const slot = farSlots[i] as number;
      this.removeFar(i);
      this.link(number | 0, slot);
    }
  }

  private link(b: number, slot: number): void {
    const ints = this.events.ints;
    const head = this.heads[b] as number;
    const i = slot * INTS;
    ints[i + PLACE] = FIRST_BUCKET - b;
    ints[i + NEXT] = head;
    ints[i + PREVIOUS] = NONE;
    if (head !== NONE) ints[head * INTS + PREVIOUS] = slot;
    this.heads[b] = slot;
  }

  private removeFar(index: number): void {
    const last = --this.farSize;
    if (index === last) return;
    const slot = this.farSlots[last] as number;
    this.farTimes[index] = this.farTimes[last] as number;
    this.farSlots[index] = slot;
    this.events.ints[slot * INTS + PLACE] = index;
  }

  private firstFarTime(): Micros {
    let first = this.farTimes[0] as number;
    for (let i = 1; i < this.farSize; i++) first = Math.min(first, this.farTimes[i] as number);
    return first;
  }

  private lastFarTime(): Micros {
    let last = this.farTimes[0] as number;
    for (let i = 1; i < this.farSize; i++) last = Math.max(last, this.farTimes[i] as number);
    return last;
  }

  /** Due times from all over the far list, in order. */
  private sample(): Float64Array {
    const sample = new Float64Array(SAMPLES + 1);
    const step = this.farSize / SAMPLES;
    for (let i = 0; i < SAMPLES; i++) sample[i] = this.farTimes[Math.floor(i * step)] as number;
    sample[SAMPLES] = Infinity;
    return sample.sort((x, y) => x - y);
  }

  private growFar(): void {
    const capacity = Math.max(4096, this.farSlots.length * 2);
    const times = new Float64Array(capacity);
    const slots = new Int32Array(capacity);
    times.set(this.farTimes);
    slots.set(this.farSlots);
    this.farTimes = times;
    this.farSlots = slots;
  }

  private growChain(): void {
    const chain = new Int32Array(this.chain.length * 2);
    chain.set(this.chain);
    this.chain = chain;
  }
}
