/**
 * Linearizability of a first-in-first-out queue: `enqueue` puts its input at the end, `dequeue` takes the first value, or
 * returns null when there is none.
 *
 * Unique values are decided by patterns (queue-patterns.ts), values that repeat by the general search; and so is a queue
 * found empty that can only have been empty if open dequeues took the right values.
 */
import type { Call, ObjectModel } from './object-model.ts';
import { isEmpty, queuePattern } from './queue-patterns.ts';
import { decideBySearch } from './sequential-search.ts';
import { valueKey, type Span } from './span.ts';

type Items = readonly unknown[];

function step(items: Items, { f, input, output, outcome }: Call): Items | undefined {
  if (f === 'enqueue') return [...items, input];
  if (outcome === 'ok' && valueKey(items[0]) !== valueKey(output)) return undefined;
  return items.length === 0 ? items : items.slice(1);
}

/** Without the optional enqueues of what nobody is known to have dequeued: they could only be in the way. */
function withoutIdle(spans: readonly Span[]): readonly Span[] {
  const taken = new Set<unknown>();
  for (const span of spans) {
    if (span.source.f === 'dequeue' && span.required) taken.add(valueKey(span.source.output));
  }
  return spans.filter((span) => span.required || span.source.f !== 'enqueue' || taken.has(valueKey(span.source.input)));
}

export const fifoQueueModel: ObjectModel<Items> = {
  name: 'fifo queue',
  noun: 'queue',
  operations: ['enqueue', 'dequeue'],
  init: () => [],
  step,
  observes: () => false,
  byClient: false,
  decide(spans, budget) {
    const found = queuePattern(spans);
    if (found === undefined) return { status: 'held', steps: 0 };
    if (found !== 'repeated' && found.certain) return { status: 'violated', steps: 0, conflict: found.conflict };
    return decideBySearch(spans, fifoQueueModel, budget);
  },
  trimmed: withoutIdle,
  outputs(spans, culprit) {
    if (culprit.source.f !== 'dequeue') return [];
    const gone = new Set(
      spans.filter((span) => span !== culprit && !isEmpty(span)).map(({ source }) => valueKey(source.output)),
    );
    const left = spans.filter(({ source }) => source.f === 'enqueue' && !gone.has(valueKey(source.input)));
    return [...left.map(({ source }) => source.input), null];
  },
  acceptor() {
    const items: unknown[] = [];
    let head = 0;
    return ({ f, input, output, outcome }) => {
      if (f === 'enqueue') items.push(input);
      else if (outcome === 'ok' && valueKey(items[head]) !== valueKey(output)) return false;
      else if (head < items.length) head++;
      return true;
    };
  },
};
