/**
 * A yardstick: the event loop one writes first. A binary heap of event objects ordered by (time, sequence number);
 * cancelling marks the object. Nothing is tuned, and nothing is left out that the order needs.
 */
export interface HeapEvent {
  at: number;
  sequence: number;
  kind: number;
  node: number;
  a: number;
  payload: unknown;
  cancelled: boolean;
}

const before = (x: HeapEvent, y: HeapEvent): boolean => x.at < y.at || (x.at === y.at && x.sequence < y.sequence);

export class ObjectHeap {
  now = 0;
  private readonly heap: HeapEvent[] = [];
  private lastSequence = 0;

  /** Entries, cancelled ones included. */
  get length(): number {
    return this.heap.length;
  }

  push(at: number, kind: number, node: number, a: number, payload: unknown): HeapEvent {
    const event = { at, sequence: ++this.lastSequence, kind, node, a, payload, cancelled: false };
    const heap = this.heap;
    let hole = heap.length;
    heap.push(event);
    while (hole > 0) {
      const parent = (hole - 1) >> 1;
      const above = heap[parent] as HeapEvent;
      if (before(above, event)) break;
      heap[hole] = above;
      hole = parent;
    }
    heap[hole] = event;
    return event;
  }

  cancel(event: HeapEvent): void {
    event.cancelled = true;
    event.payload = undefined;
  }

  /** The next event that was not cancelled; undefined at the end. */
  pop(): HeapEvent | undefined {
    for (;;) {
      const first = this.removeFirst();
      if (first === undefined) return undefined;
      if (first.cancelled) continue;
      this.now = first.at;
      return first;
    }
  }

  /** The bare loop: pops and handles `events` events, or all there are. Returns how many. */
  run(handle: (event: HeapEvent) => void, events: number): number {
    for (let n = 0; n < events; n++) {
      const event = this.pop();
      if (event === undefined) return n;
      handle(event);
    }
    return events;
  }

  private removeFirst(): HeapEvent | undefined {
    const heap = this.heap;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    let hole = 0;
    for (;;) {
      let child = 2 * hole + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && before(heap[child + 1] as HeapEvent, heap[child] as HeapEvent)) child++;
      if (before(last, heap[child] as HeapEvent)) break;
      heap[hole] = heap[child] as HeapEvent;
      hole = child;
    }
    heap[hole] = last;
    return first;
  }
}
