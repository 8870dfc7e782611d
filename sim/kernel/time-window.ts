/**
 * The events that are not due soon: an unsorted far list, and before it, when there are many, a window of buckets, each holding
 * what is due within one short span. Adding is a multiplication and an append; order is made one bucket at a time, when the
 * clock gets there. With few events there is no window: what is due up to the *horizon* is the heap's, the rest waits in the
 * far list, so that deadlines that are mostly cancelled never make the heap taller.
 *
 * An event is touched where it lies in its slot only when it is added and when its bucket opens: in long queues a touch is a
 * cache miss. So far list and window keep time, sequence number and slot of their own. Laying a window is a counting sort of the
 * far list's front into one array; what is added to a bucket of the window later is chained through the slots. Entries of the far
 * list never move, so that an event can be taken out of it in one step; a hole is filled by the next event that is added.
 *
 * A window's span follows from a sample of the due times: up to their median, or up to their first eighth where that is far
 * denser than the rest (delays of 1 µs beside delays of an hour). Should a sample mislead and leave nearly all behind, the next
 * window covers everything; so a far event is looked at a bounded number of times on average.
 *
 * An event belongs where its bucket number says, (time - origin) × scale, computed in one and the same way for all; that
 * is monotone in time however it is rounded, where comparing times with rounded limits between buckets would not be.
 *
 * After the lazy and ladder queues: R. Rönngren, R. Ayani, "A comparative study of parallel and sequential priority queue
 * algorithms", ACM TOMACS 7(2), 1997; W. T. Tang, R. Goh, I. Thng, "Ladder queue", ACM TOMACS 15(3), 2005.
 */
import { NEVER, type Micros } from '../base/time.ts';
import type { DueRun } from './due-run.ts';
import type { EventSlots } from './event-slots.ts';
import { AT, ELSEWHERE, INTS, NEXT, PLACE, PREVIOUS, REALS, SEQUENCE } from './event-slots.ts';
import { FarList } from './far-list.ts';

/** Far events per bucket of a new window; a few more are pushed into it before it opens. */
const PER_BUCKET = 2;
const FEWEST_BUCKETS = 64;
/** The place of an event in the chain of bucket b is FIRST_BUCKET - b; a place of 0 and more is, or was, an index in the far list. */
const FIRST_BUCKET = ELSEWHERE - 1;
const NONE = -1;
/** The horizon is this many times as far away as the events that are due soon. */
const ROOM = 8;

export class TimeWindow {
  /** Entries of buckets that are not open yet; those of cancelled events count. */
  private inBuckets = 0;
  private readonly far: FarList;
  /** Bucket b of the array is from starts[b] to starts[b + 1]. */
  private starts = new Int32Array(0);
  private times = new Float64Array(0);
  private sequences = new Float64Array(0);
  private slots = new Int32Array(0);
  /** The chain of each bucket, newest first. */
  private heads = new Int32Array(0);
  /** Bucket number of each far entry, while a window is laid. */
  private numbers = new Int32Array(0);
  private buckets = 1;
  private origin: Micros = 0;
  /** Buckets per microsecond. */
  private scale = 1;
  /** The first bucket number that is not open yet. */
  private closed = 1;
  private coverAll = false;
  private room = ROOM;
  private pushedBefore = 0;
  private chain = new Int32Array(64);
  private readonly events: EventSlots;

  constructor(events: EventSlots) {
    this.events = events;
    this.far = new FarList(events);
  }

  /** Entries in the far list and in buckets. */
  get size(): number {
    return this.far.size + this.inBuckets;
  }

  /** Events in the far list. */
  get farSize(): number {
    return this.far.size;
  }

  /** Takes the event in, unless it is due in the open bucket, up to the horizon or before: then false. */
  add(at: Micros, sequence: number, slot: number): boolean {
    const number = (at - this.origin) * this.scale;
    if (number < this.closed) return false;
    if (number < this.buckets) this.link(number | 0, slot);
    else this.far.add(at, sequence, slot);
    return true;
  }

  /** Whether the event is in the far list and, due at `at`, would be there again. */
  staysFar(slot: number, at: Micros): boolean {
    return (at - this.origin) * this.scale >= this.buckets && this.far.holds(slot);
  }

  /** Moves an event within the far list. Only when it stays there. */
  moveFar(slot: number, at: Micros, sequence: number): void {
    this.far.move(slot, at, sequence);
  }

  /** Takes out an event whose PLACE is not ELSEWHERE, before its slot is released. */
  remove(slot: number): void {
    const { ints } = this.events;
    const place = ints[slot * INTS + PLACE] as number;
    if (place > ELSEWHERE) {
      // Else it is in a bucket's array: its entry is dropped when the bucket opens.
      if (this.far.holds(slot)) this.far.remove(slot);
      return;
    }
    this.inBuckets--;
    const next = ints[slot * INTS + NEXT] as number;
    const previous = ints[slot * INTS + PREVIOUS] as number;
    if (previous === NONE) this.heads[FIRST_BUCKET - place] = next;
    else ints[previous * INTS + NEXT] = next;
    if (next !== NONE) ints[next * INTS + PREVIOUS] = previous;
  }

  /** Puts an event into the far list, whatever its time: for filling the window anew by `lay`. */
  spill(slot: number): void {
    const { reals } = this.events;
    this.far.add(reals[slot * REALS + AT] as number, reals[slot * REALS + SEQUENCE] as number, slot);
  }

  /** Moves all buckets back to the far list. */
  gather(): void {
    for (; this.closed < this.buckets; this.closed++) {
      const b = this.closed;
      for (let i = this.starts[b] as number; i < (this.starts[b + 1] as number); i++) {
        if (this.isLive(i)) this.spill(this.slots[i] as number);
      }
      for (let slot = this.heads[b] as number; slot !== NONE;) {
        const next = this.events.ints[slot * INTS + NEXT] as number;
        this.spill(slot);
        slot = next;
      }
      this.heads[b] = NONE;
    }
    this.inBuckets = 0;
  }

  /**
   * Sets a new horizon and takes all events up to it out of the far list. Only when all buckets are empty. What is due soon lies
   * before the horizon, with some room so that this is seldom; what is due eight times as far away as all that does not.
   * `pushed`: how many events have been pushed so far.
   */
  drain(now: Micros, pushed: number, take: (at: Micros, sequence: number, slot: number) => void): void {
    // A look at the whole list should be paid for by as many pushes: else the next horizon lies further away.
    this.room = pushed - this.pushedBefore < this.far.end ? Math.min(4 * this.room, 2 ** 30) : ROOM;
    this.pushedBefore = pushed;
    this.origin = Math.min(NEVER, now + this.room * this.far.reach(now));
    this.scale = 1;
    this.buckets = 1;
    this.closed = 1;
    this.coverAll = false;
    this.far.drain(this.origin, take);
  }

  /** Forgets everything. The far list's memory is let go. */
  clear(): void {
    this.heads.fill(NONE);
    this.far.clear();
    this.inBuckets = 0;
    this.drain(0, 0, () => {});
  }

  /** Lays a new window over the front of the far list. Only when all buckets are empty and the far list is not. */
  lay(): void {
    const { far } = this;
    const count = far.size;
    far.compact();
    const first = far.first();
    const { eighth, half } = far.sample();
    // Equal density would make `half` four times as far away as `eighth`.
    let span = half - first;
    let share = count / 2;
    if (span + 1 > 16 * (eighth - first + 1)) {
      span = eighth - first;
      share = count / 8;
    }
    if (this.coverAll) {
      span = far.last() - first + 1;
      share = count;
    }
    this.buckets = Math.max(FEWEST_BUCKETS, Math.ceil(share / PER_BUCKET));
    this.origin = first;
    this.scale = 1 / Math.max(1, span / this.buckets);
    this.closed = 0;
    this.makeRoom();
    this.distribute();
    this.coverAll = (count - far.size) * 16 < count;
  }

  /** Opens the next bucket that holds anything and puts its events into `run`, in the order in which they were added. */
  open(run: DueRun): void {
    const { heads, starts, events } = this;
    let b = this.closed;
    while ((heads[b] as number) === NONE && starts[b] === starts[b + 1]) b++;
    this.closed = b + 1;
    const end = starts[b + 1] as number;
    for (let i = starts[b] as number; i < end; i++) {
      this.inBuckets--;
      if (!this.isLive(i)) continue;
      const slot = this.slots[i] as number;
      events.ints[slot * INTS + PLACE] = ELSEWHERE;
      run.add(this.times[i] as number, this.sequences[i] as number, slot);
    }
    if ((heads[b] as number) !== NONE) this.openChain(b, run);
  }

  private openChain(b: number, run: DueRun): void {
    const { ints, reals } = this.events;
    let count = 0;
    for (let slot = this.heads[b] as number; slot !== NONE; slot = ints[slot * INTS + NEXT] as number) {
      if (count === this.chain.length) this.growChain();
      this.chain[count++] = slot;
    }
    this.heads[b] = NONE;
    this.inBuckets -= count;
    while (count > 0) {
      const slot = this.chain[--count] as number;
      ints[slot * INTS + PLACE] = ELSEWHERE;
      run.add(reals[slot * REALS + AT] as number, reals[slot * REALS + SEQUENCE] as number, slot);
    }
  }

  /** Whether the event of an entry in the buckets' array is still pending. */
  private isLive(entry: number): boolean {
    return this.events.reals[(this.slots[entry] as number) * REALS + SEQUENCE] === this.sequences[entry];
  }

  /** A counting sort: how many go into each bucket, where each bucket begins, and then each to its place. */
  private distribute(): void {
    const { far, numbers, starts, origin, scale, buckets } = this;
    const { end, times, slots, sequences } = far;
    starts.fill(0, 0, buckets + 2);
    for (let i = 0; i < end; i++) {
      // Holes and what stays far count for one bucket more.
      const number =
        (slots[i] as number) < 0 ? buckets : Math.min(buckets, ((times[i] as number) - origin) * scale) | 0;
      numbers[i] = number;
      starts[number] = (starts[number] as number) + 1;
    }
    for (let b = 1; b <= buckets; b++) starts[b] = (starts[b] as number) + (starts[b - 1] as number);
    for (let i = end - 1; i >= 0; i--) {
      const number = numbers[i] as number;
      if (number === buckets) continue;
      const entry = (starts[number] as number) - 1;
      starts[number] = entry;
      this.times[entry] = times[i] as number;
      this.sequences[entry] = sequences[i] as number;
      this.slots[entry] = slots[i] as number;
      far.leave(i);
      this.inBuckets++;
    }
    starts[buckets] = this.inBuckets;
  }

  private makeRoom(): void {
    const { end } = this.far;
    if (this.heads.length < this.buckets + 2) {
      this.heads = new Int32Array(2 * this.buckets + 2).fill(NONE);
      this.starts = new Int32Array(2 * this.buckets + 2);
    }
    if (this.numbers.length >= end) return;
    const capacity = Math.max(1_024, 2 * end);
    this.numbers = new Int32Array(capacity);
    this.times = new Float64Array(capacity);
    this.sequences = new Float64Array(capacity);
    this.slots = new Int32Array(capacity);
  }

  private link(b: number, slot: number): void {
    const { ints } = this.events;
    const head = this.heads[b] as number;
    const i = slot * INTS;
    ints[i + PLACE] = FIRST_BUCKET - b;
    ints[i + NEXT] = head;
    ints[i + PREVIOUS] = NONE;
    if (head !== NONE) ints[head * INTS + PREVIOUS] = slot;
    this.heads[b] = slot;
    this.inBuckets++;
  }

  private growChain(): void {
    const chain = new Int32Array(this.chain.length * 2);
    chain.set(this.chain);
    this.chain = chain;
  }
}
