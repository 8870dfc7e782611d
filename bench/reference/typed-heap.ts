/**
 * A yardstick: a good bare event loop. A 4-ary heap over typed arrays ordered by (time, sequence number), events in slots
 * with a free list, cancelling by generation with the entry left behind. It has what a loop needs and nothing else: no
 * limits, no checks, no causes.
 */
const SLOTS = 2 ** 24;

export class TypedHeap {
  /** The popped event. */
  now = 0;
  kind = 0;
  node = 0;
  a = 0;
  payload: unknown = undefined;
  /** Entries, cancelled ones included. */
  length = 0;
  private times: Float64Array;
  private sequences: Float64Array;
  private entries: Int32Array;
  private kinds: Uint8Array;
  private nodes: Int32Array;
  private as: Int32Array;
  private generations: Uint32Array;
  private cancelled: Uint8Array;
  private readonly payloads: unknown[];
  private readonly free: Int32Array;
  private freeCount = 0;
  private lastSequence = 0;

  /** `capacity` is fixed: entries, cancelled ones included, at once. */
  constructor(capacity: number) {
    this.times = new Float64Array(capacity);
    this.sequences = new Float64Array(capacity);
    this.entries = new Int32Array(capacity);
    this.kinds = new Uint8Array(capacity);
    this.nodes = new Int32Array(capacity);
    this.as = new Int32Array(capacity);
    this.generations = new Uint32Array(capacity).fill(1);
    this.cancelled = new Uint8Array(capacity);
    this.payloads = Array.from({ length: capacity }, () => undefined);
    this.free = Int32Array.from({ length: capacity }, (_, i) => capacity - 1 - i);
    this.freeCount = capacity;
  }

  /** Returns generation × 2^24 + slot. */
  push(at: number, kind: number, node: number, a: number, payload: unknown): number {
    if (this.freeCount === 0) throw new Error(`the reference heap is full: ${this.length} entries`);
    const slot = this.free[--this.freeCount] as number;
    this.kinds[slot] = kind;
    this.nodes[slot] = node;
    this.as[slot] = a;
    if (payload !== undefined) this.payloads[slot] = payload;
    this.lift(this.length++, at, ++this.lastSequence, slot);
    return (this.generations[slot] as number) * SLOTS + slot;
  }

  cancel(handle: number): void {
    const slot = handle & (SLOTS - 1);
    if ((this.generations[slot] as number) * SLOTS + slot !== handle) return;
    this.cancelled[slot] = 1;
    this.payloads[slot] = undefined;
  }

  /** Fills the fields with the next event that was not cancelled; false at the end. */
  pop(): boolean {
    while (this.length > 0) {
      const slot = this.entries[0] as number;
      const at = this.times[0] as number;
      this.removeFirst();
      const live = this.cancelled[slot] === 0;
      if (live) {
        this.now = at;
        this.kind = this.kinds[slot] as number;
        this.node = this.nodes[slot] as number;
        this.a = this.as[slot] as number;
        this.payload = this.payloads[slot];
        if (this.payload !== undefined) this.payloads[slot] = undefined;
      }
      this.cancelled[slot] = 0;
      this.generations[slot] = (this.generations[slot] as number) + 1;
      this.free[this.freeCount++] = slot;
      if (live) return true;
    }
    return false;
  }

  /** The bare loop: pops and handles `events` events, or all there are. Returns how many. */
  run(handle: (heap: TypedHeap) => void, events: number): number {
    for (let n = 0; n < events; n++) {
      if (!this.pop()) return n;
      handle(this);
    }
    return events;
  }

  private removeFirst(): void {
    const { times, sequences, entries } = this;
    const length = --this.length;
    if (length === 0) return;
    const at = times[length] as number;
    const sequence = sequences[length] as number;
    let hole = 0;
    for (let child = 1; child < length; child = 4 * hole + 1) {
      let least = child;
      const end = Math.min(child + 4, length);
      for (let i = child + 1; i < end; i++) {
        const t = times[i] as number;
        const u = times[least] as number;
        if (t < u || (t === u && (sequences[i] as number) < (sequences[least] as number))) least = i;
      }
      const t = times[least] as number;
      if (at < t || (at === t && sequence < (sequences[least] as number))) break;
      times[hole] = t;
      sequences[hole] = sequences[least] as number;
      entries[hole] = entries[least] as number;
      hole = least;
    }
    times[hole] = at;
    sequences[hole] = sequence;
    entries[hole] = entries[length] as number;
  }

  private lift(hole: number, at: number, sequence: number, slot: number): void {
    const { times, sequences, entries } = this;
    while (hole > 0) {
      const parent = (hole - 1) >> 2;
      // A new entry has the greatest sequence number, so it stays below its equals.
      if ((times[parent] as number) <= at) break;
      times[hole] = times[parent] as number;
      sequences[hole] = sequences[parent] as number;
      entries[hole] = entries[parent] as number;
      hole = parent;
    }
    times[hole] = at;
    sequences[hole] = sequence;
    entries[hole] = slot;
  }
}
