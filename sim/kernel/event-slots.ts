/**
 * The records of pending events: 64 bytes each, side by side in one buffer, so that an event is one cache line.
 * A freed slot goes on a free list and is used again first; the buffer doubles when it is full.
 *
 * A slot's handle is generation × 2^24 + slot. Freeing a slot raises the generation, so an old handle is recognised as
 * stale until the slot has been used 2^29 times more.
 */
import type { Micros } from '../base/time.ts';

/** An event handle: generation × 2^24 + slot, so at most 2^24 pending events. 0 is never a handle. */
export type EventHandle = number;
export const NO_EVENT: EventHandle = 0;

/** The most slots a handle can tell apart. */
export const MAX_SLOTS = 2 ** 24;
const SLOT_MASK = MAX_SLOTS - 1;
const LAST_HANDLE = 2 ** 53 - MAX_SLOTS;

/** A record is 8 doubles wide: 4 doubles, then 8 integers. */
export const REALS = 8;
export const AT = 0;
export const HANDLE = 1;
export const SEQUENCE = 2;
export const CAUSE = 3;

/** The same record as 16 integers: these are the last 8. */
export const INTS = 16;
export const NODE = 8;
export const A = 9;
export const B = 10;
export const C = 11;
export const KIND = 12;
/** Where the ordering structure keeps the event; ELSEWHERE when it cannot be taken out in one step. */
export const PLACE = 13;
export const NEXT = 14;
export const PREVIOUS = 15;

export const ELSEWHERE = -1;
/** Set in KIND when the slot holds a payload, so that the others need not touch the payload array. */
const HAS_PAYLOAD = 256;

export const slotOf = (handle: EventHandle): number => handle & SLOT_MASK;

export class EventSlots {
  /** The records as doubles. Replaced when the slots grow. */
  reals: Float64Array;
  /** The records as integers, over the same buffer. */
  ints: Int32Array;
  /** Slots in use. */
  size = 0;
  /** Slots used at least once: the ones to visit. */
  used = 0;
  private capacity: number;
  private freeSlot = -1;
  private readonly payloads: unknown[] = [];

  constructor(capacity: number) {
    this.capacity = capacity;
    const buffer = new ArrayBuffer(capacity * REALS * 8);
    this.reals = new Float64Array(buffer);
    this.ints = new Int32Array(buffer);
  }

  /** Fills a free slot and returns its number. The caller keeps `size` below MAX_SLOTS. */
  take(at: Micros, sequence: number, cause: number, kind: number, payload: unknown): number {
    let slot = this.freeSlot;
    if (slot >= 0) this.freeSlot = this.ints[slot * INTS + NEXT] as number;
    else slot = this.fresh();
    const reals = this.reals;
    const r = slot * REALS;
    reals[r + AT] = at;
    reals[r + HANDLE] = -(reals[r + HANDLE] as number);
    reals[r + SEQUENCE] = sequence;
    reals[r + CAUSE] = cause;
    const i = slot * INTS;
    this.ints[i + KIND] = kind & 255;
    this.ints[i + PLACE] = ELSEWHERE;
    if (payload !== undefined) {
      this.ints[i + KIND] = (kind & 255) | HAS_PAYLOAD;
      this.payloads[slot] = payload;
    }
    this.size++;
    return slot;
  }

  /** Empties a slot: its handle and its sequence number are no longer found, its payload is let go. */
  release(slot: number): void {
    const reals = this.reals;
    const r = slot * REALS;
    reals[r + HANDLE] = -this.nextHandle(reals[r + HANDLE] as number, slot);
    reals[r + SEQUENCE] = -1;
    const i = slot * INTS;
    if ((this.ints[i + KIND] as number) >= HAS_PAYLOAD) this.payloads[slot] = undefined;
    this.ints[i + NEXT] = this.freeSlot;
    this.freeSlot = slot;
    this.size--;
  }

  /** Gives a slot in use another time, cause and payload, and the handle that releasing and taking it would have given it. */
  renew(slot: number, at: Micros, sequence: number, cause: number, payload: unknown): EventHandle {
    const reals = this.reals;
    const r = slot * REALS;
    const handle = this.nextHandle(reals[r + HANDLE] as number, slot);
    reals[r + AT] = at;
    reals[r + HANDLE] = handle;
    reals[r + SEQUENCE] = sequence;
    reals[r + CAUSE] = cause;
    const i = slot * INTS + KIND;
    const kind = this.ints[i] as number;
    if (kind >= HAS_PAYLOAD || payload !== undefined) {
      this.payloads[slot] = payload;
      this.ints[i] = payload === undefined ? kind & 255 : kind | HAS_PAYLOAD;
    }
    return handle;
  }

  private nextHandle(handle: EventHandle, slot: number): EventHandle {
    return handle >= LAST_HANDLE ? MAX_SLOTS + slot : handle + MAX_SLOTS;
  }

  payloadOf(slot: number): unknown {
    return (this.ints[slot * INTS + KIND] as number) >= HAS_PAYLOAD ? this.payloads[slot] : undefined;
  }

  /** Whether the handle's event is still pending. */
  holds(handle: EventHandle): boolean {
    return handle > 0 && this.reals[slotOf(handle) * REALS + HANDLE] === handle;
  }

  private fresh(): number {
    if (this.used === this.capacity) {
      this.capacity = Math.min(this.capacity * 2, MAX_SLOTS);
      const old = this.reals;
      const buffer = new ArrayBuffer(this.capacity * REALS * 8);
      this.reals = new Float64Array(buffer);
      this.ints = new Int32Array(buffer);
      this.reals.set(old);
    }
    const slot = this.used++;
    this.reals[slot * REALS + HANDLE] = -(MAX_SLOTS + slot);
    this.payloads.push(undefined);
    return slot;
  }
}
