/** A first-in first-out ring of handles: the events due at this very instant. */
import type { EventHandle } from './event-slots.ts';
import { NO_EVENT } from './event-slots.ts';

export class InstantRing {
  /** Handles in the ring, stale ones included. */
  size = 0;
  private handles = new Float64Array(64);
  private head = 0;

  push(handle: EventHandle): void {
    if (this.size === this.handles.length) this.grow();
    this.handles[(this.head + this.size++) & (this.handles.length - 1)] = handle;
  }

  /** The first handle; NO_EVENT when the ring is empty. */
  first(): EventHandle {
    return this.size === 0 ? NO_EVENT : (this.handles[this.head] as number);
  }

  /** Only when `size` > 0. */
  removeFirst(): void {
    this.head = (this.head + 1) & (this.handles.length - 1);
    this.size--;
  }

  /** Keeps the handles that `live` holds for, in their order. */
  keep(live: (handle: EventHandle) => boolean): void {
    const mask = this.handles.length - 1;
    let kept = 0;
    for (let i = 0; i < this.size; i++) {
      const handle = this.handles[(this.head + i) & mask] as number;
      if (live(handle)) this.handles[(this.head + kept++) & mask] = handle;
    }
    this.size = kept;
  }

  clear(): void {
    this.size = 0;
  }

  private grow(): void {
    const old = this.handles;
    const handles = new Float64Array(old.length * 2);
    for (let i = 0; i < this.size; i++) handles[i] = old[(this.head + i) & (old.length - 1)] as number;
    this.handles = handles;
    this.head = 0;
  }
}
