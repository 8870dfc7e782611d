/**
 * The pending events of a run, in the order (time, sequence number): first scheduled, first run.
 *
 * A short queue is a heap of what is due before a horizon, and a list of the rest. A long one is a window of buckets
 * (time-window.ts); the heap then holds what falls into the bucket that is open. The order is the same.
 *
 * Events due at the present instant wait in a ring and not in the ordering structure. An event that was scheduled for this
 * instant earlier, while the clock was still behind it, is in the structure and has the smaller sequence number; so the
 * structure goes first while it has anything due, and the ring's order follows.
 */
import { AssertionError } from '../base/assert.ts';
import { ConfigError, SimulationError } from '../base/errors.ts';
import type { Micros } from '../base/time.ts';
import { NEVER } from '../base/time.ts';
import type { EventHandle } from './event-slots.ts';
import {
  A,
  AT,
  B,
  C,
  CAUSE,
  ELSEWHERE,
  EventSlots,
  HANDLE,
  INTS,
  KIND,
  MAX_SLOTS,
  NO_EVENT,
  NODE,
  PLACE,
  REALS,
  SEQUENCE,
  slotOf,
} from './event-slots.ts';
import { DueRun } from './due-run.ts';
import { InstantRing } from './instant-ring.ts';
import { TimeHeap } from './time-heap.ts';
import { TimeWindow } from './time-window.ts';

export type { EventHandle } from './event-slots.ts';
export { NO_EVENT } from './event-slots.ts';

export interface EventQueueOptions {
  /** Slots made at the start, from 1 to 2^24; they double when they are full. Default 256. */
  initialCapacity?: number;
  /** The most events that may be pending at once, from 1 to 2^24 - 1 (the default). One more throws SimulationError. */
  maxPending?: number;
}

/** Longer than this, the heap gives way to the window; with fewer than NARROW events left, it takes over again. */
const WIDE = 4096;
const NARROW = 1024;

const HEAP = 0;
const RUN = 1;
const RING = 2;

const NONE = -1;

const within = (field: string, value: number, most: number): number => {
  if (Number.isInteger(value) && value >= 1 && value <= most) return value;
  throw new ConfigError(field, value, `a whole number from 1 to ${most}`);
};

export class EventQueue {
  /** The popped event: its time in microseconds, and what was pushed with it. */
  at: Micros = 0;
  kind = 0;
  node = 0;
  a = 0;
  b = 0;
  c = 0;
  payload: unknown = undefined;
  /** The popped event's sequence number: 1 for the first push, and so on. */
  sequence = 0;
  /** `currentCause` as it was when the popped event was pushed. */
  cause = 0;
  /** Time of the last popped event. It may be raised from outside to an instant before which nothing is due. */
  now: Micros = 0;
  /** What is being handled: stored with each push. A sequence number by custom, 0 for none. */
  currentCause = 0;
  private readonly maxPending: number;
  private readonly slots: EventSlots;
  private readonly heap: TimeHeap;
  private readonly ring = new InstantRing();
  private readonly run: DueRun;
  private readonly window: TimeWindow;
  private lastSequence = 0;
  /** Entries of cancelled events in the heap, the run and the ring. */
  private stale = 0;
  /** The length of the heap beyond which all is laid out in a new window. */
  private heapLimit = WIDE;
  /** Where the first event is, as `firstSlot` found it. */
  private source = RING;
  /** The first event's slot if it was looked for and nothing changed since; else NONE. */
  private peeked = NONE;

  constructor(options: EventQueueOptions = {}) {
    this.maxPending = within('maxPending', options.maxPending ?? MAX_SLOTS - 1, MAX_SLOTS - 1);
    const capacity = within('initialCapacity', options.initialCapacity ?? 256, MAX_SLOTS);
    this.slots = new EventSlots(capacity);
    this.heap = new TimeHeap(this.slots, Math.min(capacity, 2 * WIDE));
    this.run = new DueRun(this.slots);
    this.window = new TimeWindow(this.slots);
  }

  /** Pending events; cancelled ones do not count. */
  get size(): number {
    return this.slots.size;
  }

  /**
   * Adds an event due at `at`: a whole number of microseconds, from `now` to below 2^52, else AssertionError.
   * `kind` is 0 to 255; `node`, `a`, `b` and `c` are 32-bit signed integers: what does not fit is cut off silently.
   * Throws SimulationError `queue-length` beyond `maxPending`.
   */
  push(at: Micros, kind: number, node: number, a: number, b: number, c: number, payload: unknown): EventHandle {
    if (!(at >= this.now && at < NEVER) || Math.floor(at) !== at) this.refuseTime(at);
    if (this.slots.size >= this.maxPending) this.refuseLength();
    this.peeked = NONE;
    const sequence = ++this.lastSequence;
    const slot = this.slots.take(at, sequence, this.currentCause, kind, payload);
    const ints = this.slots.ints;
    const i = slot * INTS;
    ints[i + NODE] = node;
    ints[i + A] = a;
    ints[i + B] = b;
    ints[i + C] = c;
    const handle = this.slots.reals[slot * REALS + HANDLE] as number;
    if (at === this.now) this.ring.push(handle);
    else if (!this.window.add(at, sequence, slot)) {
      this.heap.push(at, sequence, slot);
      if (this.heap.size > this.heapLimit) this.widen();
    }
    return handle;
  }

  /**
   * Cancels a pending event, if it still is that, and pushes it anew, for another time and with another payload. Cheaper than
   * both by themselves where it can be done in place, and not to be told from them otherwise.
   */
  rearm(handle: EventHandle, at: Micros, payload: unknown): EventHandle {
    if (!this.slots.holds(handle)) throw new AssertionError(`event ${handle} is not pending: it cannot be rearmed`);
    const slot = slotOf(handle);
    if (at <= this.now || !(at < NEVER) || Math.floor(at) !== at || !this.window.staysFar(slot, at)) {
      const { ints } = this.slots;
      const i = slot * INTS;
      const [kind, node] = [(ints[i + KIND] as number) & 255, ints[i + NODE] as number];
      const [a, b, c] = [ints[i + A] as number, ints[i + B] as number, ints[i + C] as number];
      this.cancel(handle);
      return this.push(at, kind, node, a, b, c, payload);
    }
    const sequence = ++this.lastSequence;
    this.window.moveFar(slot, at, sequence);
    return this.slots.renew(slot, at, sequence, this.currentCause, payload);
  }

  /** Takes a pending event back and lets its payload go. False when it has fired or was cancelled. */
  cancel(handle: EventHandle): boolean {
    if (!this.slots.holds(handle)) return false;
    this.peeked = NONE;
    const slot = slotOf(handle);
    const elsewhere = this.slots.ints[slot * INTS + PLACE] === ELSEWHERE;
    if (!elsewhere) this.window.remove(slot);
    this.slots.release(slot);
    if (elsewhere) this.boundStale();
    return true;
  }

  /** Whether the event has neither fired nor been cancelled. */
  isPending(handle: EventHandle): boolean {
    return this.slots.holds(handle);
  }

  /** When a pending event is due. AssertionError when it is not pending. */
  timeOf(handle: EventHandle): Micros {
    if (!this.slots.holds(handle)) throw new AssertionError(`event ${handle} is not pending: it has no time`);
    return this.slots.reals[slotOf(handle) * REALS + AT] as number;
  }

  /** When the first pending event is due; NEVER (2^52) when there is none. */
  peekTime(): Micros {
    const slot = this.peeked >= 0 ? this.peeked : this.firstSlot();
    this.peeked = slot;
    return slot < 0 ? NEVER : (this.slots.reals[slot * REALS + AT] as number);
  }

  /** Takes out the first event by (time, sequence number) into the public fields. False when there is none. */
  pop(): boolean {
    const popped = this.popUntil(NEVER);
    if (!popped) this.payload = undefined;
    return popped;
  }

  /** As `pop`, but false as well, and nothing happens, when the first event is due after `until`. */
  popUntil(until: Micros): boolean {
    const slot = this.peeked >= 0 ? this.peeked : this.firstSlot();
    const { reals, ints } = this.slots;
    const r = slot * REALS;
    if (slot < 0 || (reals[r + AT] as number) > until) {
      this.peeked = slot;
      return false;
    }
    this.peeked = NONE;
    if (this.source === RUN) this.run.removeFirst();
    else if (this.source === HEAP) this.heap.removeFirst();
    else this.ring.removeFirst();
    this.at = this.now = reals[r + AT] as number;
    this.sequence = reals[r + SEQUENCE] as number;
    this.cause = reals[r + CAUSE] as number;
    const i = slot * INTS;
    this.kind = (ints[i + KIND] as number) & 255;
    this.node = ints[i + NODE] as number;
    this.a = ints[i + A] as number;
    this.b = ints[i + B] as number;
    this.c = ints[i + C] as number;
    this.payload = this.slots.payloadOf(slot);
    this.slots.release(slot);
    return true;
  }

  /** The sequence number of a pending event. AssertionError when it is not pending. */
  sequenceOf(handle: EventHandle): number {
    if (!this.slots.holds(handle))
      throw new AssertionError(`event ${handle} is not pending: it has no sequence number`);
    return this.slots.reals[slotOf(handle) * REALS + SEQUENCE] as number;
  }

  /**
   * Takes out any pending event into the public fields, whenever it is due, and moves the clock to `at`, which is not before `now`:
   * for a run whose order is chosen. Nothing may be popped while something is pending that was due before `now`.
   */
  take(handle: EventHandle, at: Micros): void {
    if (!this.slots.holds(handle)) throw new AssertionError(`event ${handle} is not pending: it cannot be taken`);
    if (!(at >= this.now)) this.refuseTime(at);
    const { reals, ints } = this.slots;
    const slot = slotOf(handle);
    this.at = this.now = at;
    this.sequence = reals[slot * REALS + SEQUENCE] as number;
    this.cause = reals[slot * REALS + CAUSE] as number;
    const i = slot * INTS;
    this.kind = (ints[i + KIND] as number) & 255;
    this.node = ints[i + NODE] as number;
    this.a = ints[i + A] as number;
    this.b = ints[i + B] as number;
    this.c = ints[i + C] as number;
    this.payload = this.slots.payloadOf(slot);
    this.cancel(handle);
  }

  /** Visits the pending events in slot order, which is not time order. The visited event may be cancelled. */
  forEachPending(
    visit: (
      handle: EventHandle,
      at: Micros,
      kind: number,
      node: number,
      a: number,
      b: number,
      c: number,
      payload: unknown,
    ) => void,
  ): void {
    const slots = this.slots;
    for (let slot = 0; slot < slots.used; slot++) {
      const handle = slots.reals[slot * REALS + HANDLE] as number;
      if (handle <= NO_EVENT) continue;
      const ints = slots.ints;
      const i = slot * INTS;
      visit(
        handle,
        slots.reals[slot * REALS + AT] as number,
        (ints[i + KIND] as number) & 255,
        ints[i + NODE] as number,
        ints[i + A] as number,
        ints[i + B] as number,
        ints[i + C] as number,
        slots.payloadOf(slot),
      );
    }
  }

  /** Cancels every pending event. The clock and the sequence numbers stay as they are. */
  clear(): void {
    for (let slot = 0; slot < this.slots.used; slot++) {
      if ((this.slots.reals[slot * REALS + HANDLE] as number) > NO_EVENT) this.slots.release(slot);
    }
    this.heap.clear();
    this.run.clear();
    this.window.clear();
    this.ring.clear();
    this.stale = 0;
    this.peeked = NONE;
    this.heapLimit = WIDE;
    this.payload = undefined;
  }

  /** The slot of the first pending event, or -1; `source` says where it is. Stale entries before it are dropped. */
  private firstSlot(): number {
    const { heap, run, ring } = this;
    heap.settle();
    if (this.stale > 0) this.dropStale();
    while (run.left === 0 && heap.size === 0 && this.window.size > 0) this.openBucket();
    // On a tie the run's entry is older: the heap has what came after the bucket was opened, or all of it.
    let at = NEVER;
    this.source = RING;
    if (run.left > 0) {
      at = run.firstTime();
      this.source = RUN;
    }
    if (heap.size > 0 && heap.firstTime() < at) {
      at = heap.firstTime();
      this.source = HEAP;
    }
    if (ring.size > 0 && at > this.now) {
      const slot = this.firstOfRing();
      if (slot >= 0) {
        this.source = RING;
        return slot;
      }
    }
    if (this.source === RUN) return run.firstSlot();
    return this.source === HEAP ? heap.firstSlot() : -1;
  }

  private dropStale(): void {
    const { heap, run } = this;
    while (run.left > 0 && !run.firstIsLive()) {
      run.removeFirst();
      this.stale--;
    }
    while (heap.size > 0 && !heap.firstIsLive()) {
      heap.removeFirst();
      heap.settle();
      this.stale--;
    }
  }

  private firstOfRing(): number {
    while (this.ring.size > 0) {
      const handle = this.ring.first();
      if (this.slots.holds(handle)) return slotOf(handle);
      this.ring.removeFirst();
      this.stale--;
    }
    return -1;
  }

  /** Brings the next bucket of the window into the run; into the heap if it is too large and too mixed for that. */
  private openBucket(): void {
    const { window } = this;
    if (window.farSize === window.size) {
      if (window.size < NARROW) {
        this.narrow();
        return;
      }
      window.lay();
      this.heapLimit = Math.max(WIDE, this.slots.size >> 1);
    }
    const { run, heap } = this;
    window.open(run);
    if (run.sort()) return;
    const { reals } = this.slots;
    const count = run.left;
    for (let i = 0; i < count; i++) {
      const slot = run.slotAt(i);
      heap.push(reals[slot * REALS + AT] as number, reals[slot * REALS + SEQUENCE] as number, slot);
    }
    run.clear();
    this.heapLimit = Math.max(this.heapLimit, 2 * count);
  }

  /** The heap alone again. */
  private narrow(): void {
    this.window.drain(this.now, this.lastSequence, (at, sequence, slot) => this.heap.push(at, sequence, slot));
    this.heapLimit = WIDE;
  }

  /**
   * The heap has grown long: all is laid out in a new window. This costs a step for each pending event, and happens at most
   * once in a number of pushes that is in proportion to them.
   */
  private widen(): void {
    const { heap, run, window, slots } = this;
    heap.compact();
    window.gather();
    for (let i = 0; i < heap.size; i++) window.spill(heap.slotAt(i));
    for (; run.left > 0; run.removeFirst()) if (run.firstIsLive()) window.spill(run.firstSlot());
    heap.clear();
    this.compactRing();
    if (window.size < WIDE / 2) this.narrow();
    else {
      window.lay();
      this.heapLimit = Math.max(WIDE, slots.size >> 1);
    }
  }

  /** Keeps the stale entries below half of what is there. */
  private boundStale(): void {
    if (++this.stale <= 64 + ((this.heap.size + this.ring.size) >> 1) + this.run.left) return;
    this.heap.compact();
    this.compactRing();
  }

  private compactRing(): void {
    this.ring.keep((handle) => this.slots.holds(handle));
    this.stale = this.run.staleCount();
  }

  private refuseTime(at: Micros): never {
    throw new AssertionError(
      `event time ${at}: expected a whole number of microseconds from now (${this.now}) to below 2^52`,
    );
  }

  private refuseLength(): never {
    throw new SimulationError('queue-length', `more than ${this.maxPending} events pending at ${this.now} µs`);
  }
}
