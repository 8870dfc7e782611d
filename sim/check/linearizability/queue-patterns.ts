/**
 * Bad patterns of a first-in-first-out queue in which every value is enqueued at most once: O(n log n).
 *
 * A history without open dequeues is linearizable if and only if it has none of these:
 * 1. a value dequeued that was never enqueued;
 * 2. a dequeue that ended before the enqueue of its value began;
 * 3. a value dequeued twice;
 * 4. a enqueued before b (in real time), b dequeued, and a dequeued after that or not at all;
 * 5. a dequeue that found the queue empty although at every instant of it some value was certainly in the queue, from the
 *    end of its enqueue to the beginning of its dequeue.
 * From Henzinger, Sezgin and Vafeiadis, "Aspect-oriented linearizability proofs", CONCUR 2013, and Bouajjani, Emmi, Enea
 * and Hamza, "On reducing linearizability to state reachability", ICALP 2015.
 *
 * Here also: an open enqueue counts if and only if its value was dequeued. An open dequeue may have taken a value that
 * nobody else did. Each value that was overtaken (pattern 4) without having been dequeued needs one that was invoked
 * before the overtaking was over: they are matched, earliest to earliest, and if that fails nothing helps. (What was
 * enqueued before an overtaken value was overtaken too, so the matching makes no new pattern 4.) A pattern 5 that is left
 * might be mended by another matching: `certain` is false, and the caller has to search.
 */
import type { Operation } from '../../history/operation.ts';
import type { ObjectConflict } from './object-model.ts';
import { FOREVER, valueKey, type Span } from './span.ts';

/** A value's way through the queue. */
interface Passage {
  readonly key: unknown;
  readonly enqueued: Span;
  readonly dequeued: Span | undefined;
}

/** `certain`: the pattern stands whatever open dequeues did. */
export type QueuePattern = { readonly conflict: ObjectConflict; readonly certain: boolean };

export const isEmpty = ({ source }: Span): boolean => (source.output ?? null) === null;

/** The first pattern found; undefined when there is none, 'repeated' when a value was enqueued twice. */
export function queuePattern(spans: readonly Span[]): QueuePattern | 'repeated' | undefined {
  const enqueued = new Map<unknown, Span>();
  for (const span of spans) {
    if (span.source.f !== 'enqueue') continue;
    const key = valueKey(span.source.input);
    if (enqueued.has(key)) return 'repeated';
    enqueued.set(key, span);
  }
  const dequeued = new Map<unknown, Span>();
  const empty: Span[] = [];
  const open: Span[] = [];
  for (const span of spans) {
    if (span.source.f !== 'dequeue') continue;
    if (!span.required) {
      open.push(span);
      continue;
    }
    if (isEmpty(span)) {
      empty.push(span);
      continue;
    }
    const key = valueKey(span.source.output);
    const from = enqueued.get(key);
    const other = dequeued.get(key);
    if (from === undefined) return { conflict: neverEnqueued(span, key), certain: true };
    if (span.ret < from.call) return { conflict: tooEarly(span, from), certain: true };
    if (other !== undefined) return { conflict: twice(other, span, from), certain: true };
    dequeued.set(key, span);
  }
  const passages: Passage[] = [];
  for (const [key, span] of enqueued) {
    if (span.required || dequeued.has(key)) passages.push({ key, enqueued: span, dequeued: dequeued.get(key) });
  }
  const matched = matchOvertaken(passages, open);
  return 'conflict' in matched ? matched : neverEmpty(matched.passages, empty, open.length === 0);
}

/** When the value's enqueue ended, as far as that is certain; an optional one's end says nothing. */
const inAt = ({ enqueued }: Passage): number => (enqueued.required ? enqueued.ret : FOREVER);
const outAt = ({ dequeued }: Passage): number => dequeued?.call ?? FOREVER;

/** A value that was not dequeued although a later one was, in `limit` at the latest. */
interface Overtaken {
  readonly a: Passage;
  readonly b: Passage;
  readonly limit: number;
}

/** Pattern 4; without it, the passages, those overtaken through an open dequeue. */
function matchOvertaken(
  passages: readonly Passage[],
  open: readonly Span[],
): QueuePattern | { readonly passages: readonly Passage[] } {
  const byCall = passages.filter((b) => b.dequeued !== undefined).sort((a, b) => a.enqueued.call - b.enqueued.call);
  const firstOut = firstOfSuffix(byCall);
  const overtaken: Overtaken[] = [];
  for (const a of passages) {
    const b = firstOut[firstAfter(byCall, inAt(a))];
    const limit = b?.dequeued?.ret ?? FOREVER;
    if (b === undefined || outAt(a) <= limit) continue;
    if (a.dequeued !== undefined) return { conflict: overtaking(a, b), certain: true };
    overtaken.push({ a, b, limit });
  }
  overtaken.sort((x, y) => x.limit - y.limit);
  const through = new Map<Passage, Span>();
  for (const [i, { a, b, limit }] of overtaken.entries()) {
    const dequeue = open[i];
    if (dequeue === undefined || dequeue.call > limit) return { conflict: overtaking(a, b), certain: true };
    through.set(a, dequeue);
  }
  if (through.size === 0) return { passages };
  return { passages: passages.map((a) => (through.has(a) ? { ...a, dequeued: through.get(a) } : a)) };
}

/** Per index: of the passages from there on, the one whose dequeue ended first. */
function firstOfSuffix(byCall: readonly Passage[]): (Passage | undefined)[] {
  const first: (Passage | undefined)[] = Array.from({ length: byCall.length });
  let best: Passage | undefined;
  for (let i = byCall.length - 1; i >= 0; i--) {
    const b = byCall[i] as Passage;
    if (best === undefined || (b.dequeued as Span).ret < (best.dequeued as Span).ret) best = b;
    first[i] = best;
  }
  return first;
}

/** The first passage whose enqueue began after `instant`. */
function firstAfter(byCall: readonly Passage[], instant: number): number {
  let low = 0;
  let high = byCall.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((byCall[middle] as Passage).enqueued.call < instant) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Pattern 5. */
function neverEmpty(passages: readonly Passage[], empty: readonly Span[], certain: boolean): QueuePattern | undefined {
  const stays = passages.filter((passage) => inAt(passage) < outAt(passage)).sort((a, b) => inAt(a) - inAt(b));
  const waiting = [...empty].sort((a, b) => a.call - b.call);
  let chain: Passage[] = [];
  let next = 0;
  for (const span of waiting) {
    // The stretch of values that overlap each other up to the beginning of this dequeue.
    for (; next < stays.length && inAt(stays[next] as Passage) < span.call; next++) {
      chain = extended(chain, stays[next] as Passage);
    }
    const holding = [...chain];
    for (let i = next; i < stays.length; i++) {
      const end = outAt(holding.at(-1) ?? (stays[i] as Passage));
      if (holding.length === 0 || end > span.ret || inAt(stays[i] as Passage) > end) break;
      if (outAt(stays[i] as Passage) > end) holding.push(stays[i] as Passage);
    }
    const needed = holding.filter((passage) => outAt(passage) > span.call);
    const last = needed.at(-1);
    if (last === undefined || outAt(last) <= span.ret) continue;
    const until = needed.findIndex((passage) => outAt(passage) > span.ret);
    const from = needed.slice(0, until + 1);
    return { conflict: foundEmpty(span, from), certain };
  }
  return undefined;
}

/** The chain of overlapping stays with one more: one that ends later, or a new chain. */
function extended(chain: Passage[], passage: Passage): Passage[] {
  const last = chain.at(-1);
  if (last === undefined || inAt(passage) > outAt(last)) return [passage];
  if (outAt(passage) > outAt(last)) chain.push(passage);
  return chain;
}

const neverEnqueued = (dequeue: Span, key: unknown): ObjectConflict => ({
  kind: 'never-written',
  steps: [dequeue],
  sentence(words, operations) {
    const writer = operations.find((op) => op.f === 'enqueue' && valueKey(op.input) === key);
    return `${words.subject(dequeue.source)}${whyNot(writer, dequeue, words.value(dequeue.source.output), (op) => words.named(op))}`;
  },
});

function whyNot(writer: Operation | undefined, dequeue: Span, value: string, named: (op: Operation) => string): string {
  if (writer === undefined) return `, but nobody had enqueued ${value}`;
  if (writer.outcome === 'fail') return ` although ${named(writer)} failed and nobody else enqueued it`;
  return writer.invoked > dequeue.ret
    ? `, but ${named(writer)} was invoked only after that`
    : `, but nobody else enqueued ${value}`;
}

const tooEarly = (dequeue: Span, enqueue: Span): ObjectConflict => ({
  kind: 'read-before-write',
  steps: [dequeue, enqueue],
  sentence: (words) =>
    `${words.subject(dequeue.source)}, but ${words.named(enqueue.source)} was invoked only after that`,
});

const twice = (first: Span, second: Span, enqueue: Span): ObjectConflict => ({
  kind: 'dequeued-twice',
  steps: [enqueue, first, second],
  sentence(words) {
    const [a, b] = first.ret < second.ret ? [first, second] : [second, first];
    return `${words.subject(b.source)} although ${words.subject(a.source)} too, and it was enqueued only once`;
  },
});

const overtaking = (a: Passage, b: Passage): ObjectConflict => ({
  kind: 'overtaken',
  steps: [a.enqueued, b.enqueued, ...[b.dequeued, a.dequeued].filter((span) => span !== undefined)],
  sentence(words) {
    const [from, value] = [words.subject((b.dequeued as Span).source), words.value(a.enqueued.source.input)];
    const what =
      a.dequeued === undefined
        ? `nobody had dequeued ${value}`
        : `${value} was dequeued only later, by ${words.named(a.dequeued.source)} invoked at ${words.instant(a.dequeued.source.invokedAt)}`;
    return `${from} although ${what}; ${words.ended(a.enqueued.source, b.enqueued.source)}`;
  },
});

const foundEmpty = (span: Span, holding: readonly Passage[]): ObjectConflict => ({
  kind: 'not-empty',
  steps: [
    span,
    ...holding.flatMap(({ enqueued, dequeued }) => (dequeued === undefined ? [enqueued] : [enqueued, dequeued])),
  ],
  sentence(words) {
    const values = holding.map(({ enqueued }) => words.value(enqueued.source.input)).join(', then ');
    return `${words.named(span.source)} found ${words.object} empty (${words.interval(span.source)}) although ${values} was in it all that time`;
  },
});
