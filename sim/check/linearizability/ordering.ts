/** What a counterexample says of the order of its operations, whatever the object is. */
import type { Operation } from '../../history/operation.ts';
import type { Edge } from '../verdict.ts';
import type { Span } from './span.ts';
import type { Words } from './words.ts';

/** Indefinite operations explained one by one. */
const MOST_INDEFINITE = 8;
/** Of more operations than this, only those that certainly happened are put in order. */
const MOST_ORDERED = 60;

/** Real time between the operations, without what follows from other edges. */
export function realTimeEdges(all: readonly Span[], words: Words): Edge[] {
  const core = all.length > MOST_ORDERED ? all.filter(({ required }) => required).slice(-MOST_ORDERED) : all;
  const edges: Edge[] = [];
  for (const a of core) {
    for (const b of core) {
      if (a.ret >= b.call || core.some((c) => a.ret < c.call && c.ret < b.call)) continue;
      const [x, y] = [a.source, b.source];
      const reason = `real time: ${x.client} ended at ${words.instant(x.completedAt)}, ${y.client} began at ${words.instant(y.invokedAt)}`;
      edges.push({ before: x.id, after: y.id, reason });
    }
  }
  return edges;
}

/** The last event of a history before `event`; -1 when there is none. */
export function lastEventBefore(event: number, operations: readonly Operation[]): number {
  let last = -1;
  for (const op of operations) {
    if (op.invoked < event && op.invoked > last) last = op.invoked;
    if (op.completed < event && op.completed > last) last = op.completed;
  }
  return last;
}

/** Why no operation of unknown outcome saves it: those that could have mattered one by one, `others` of them together. */
export function indefiniteReasons(
  relevant: readonly Span[],
  named: (op: Operation) => string,
  words: Words,
  others: number,
  whyOthers: string,
): unknown[] {
  const reasons: unknown[] = relevant.slice(0, MOST_INDEFINITE).map(({ source }) => ({
    operation: source.id,
    why: `${named(source)} may have taken effect at any time from ${words.instant(source.invokedAt)}; wherever it is placed, the contradiction stays`,
  }));
  if (others > 0) reasons.push({ operations: others, why: whyOthers });
  return reasons;
}
