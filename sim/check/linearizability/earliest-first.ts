/** A heap of spans: the one that completes first is taken first. */
import type { Span } from './span.ts';

export class EarliestFirst {
  private readonly heap: Span[] = [];

  add(span: Span): void {
    const { heap } = this;
    let at = heap.push(span) - 1;
    while (at > 0) {
      const up = (at - 1) >>> 1;
      if ((heap[up] as Span).ret <= span.ret) break;
      heap[at] = heap[up] as Span;
      at = up;
    }
    heap[at] = span;
  }

  first(): Span | undefined {
    return this.heap[0];
  }

  /** Drops the first. */
  take(): void {
    const { heap } = this;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let at = 0;
    for (;;) {
      let down = 2 * at + 1;
      if (down >= heap.length) break;
      if (down + 1 < heap.length && (heap[down + 1] as Span).ret < (heap[down] as Span).ret) down++;
      if ((heap[down] as Span).ret >= last.ret) break;
      heap[at] = heap[down] as Span;
      at = down;
    }
    heap[at] = last;
  }
}
