/**
 * Generators of ids. Unique ids: no two `generate` return the same, whatever the order. A timestamp oracle: each `timestamp`
 * is greater than all before, so the order of the timestamps must agree with real time (precedence.ts). O(n log n).
 */
import { ConfigError } from '../../base/errors.ts';
import type { Operation } from '../../history/operation.ts';
import type { Call, ObjectConflict, ObjectModel } from './object-model.ts';
import { outOfOrder } from './precedence.ts';
import { valueKey, type Span } from './span.ts';

/** A whole number, or several, the first being the most significant: a hybrid of time and sequence number. */
type Timestamp = number | readonly number[];

const isTimestamp = (value: unknown): value is Timestamp =>
  Array.isArray(value) ? value.length > 0 && value.every(Number.isSafeInteger) : Number.isSafeInteger(value);

function compare(a: Timestamp, b: Timestamp): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  const [x, y] = [[a].flat() as number[], [b].flat() as number[]];
  for (let i = 0; i < Math.min(x.length, y.length); i++) {
    const difference = (x[i] as number) - (y[i] as number);
    if (difference !== 0) return difference;
  }
  return x.length - y.length;
}

function verifyId(op: Operation): void {
  if (op.outcome === 'ok' && (op.output ?? null) === null)
    throw new ConfigError(`operation ${op.id}: output of generate`, op.output, 'an id');
}

function verifyTimestamp(op: Operation): void {
  if (op.outcome === 'ok' && !isTimestamp(op.output))
    throw new ConfigError(`operation ${op.id}: output of timestamp`, op.output, 'a whole number or a list of them');
}

const requiredOf = (spans: readonly Span[]): readonly Span[] => spans.filter(({ required }) => required);

function repeated(spans: readonly Span[]): ObjectConflict | undefined {
  const owners = new Map<unknown, Span>();
  for (const span of requiredOf(spans)) {
    const key = valueKey(span.source.output);
    const other = owners.get(key);
    if (other !== undefined) return issuedTwice(other, span);
    owners.set(key, span);
  }
  return undefined;
}

const issuedTwice = (first: Span, second: Span): ObjectConflict => ({
  kind: 'issued-twice',
  steps: [first, second],
  sentence(words) {
    const [a, b] = first.ret < second.ret ? [first, second] : [second, first];
    return `${words.subject(b.source)} although ${words.subject(a.source)} too`;
  },
});

export const uniqueIdsModel: ObjectModel<readonly unknown[]> = {
  name: 'unique ids',
  noun: 'generator',
  operations: ['generate'],
  verify: verifyId,
  init: () => [],
  step: (ids, { output, outcome }: Call) =>
    outcome !== 'ok' ? ids : ids.includes(valueKey(output)) ? undefined : [...ids, valueKey(output)],
  observes: () => false,
  byClient: false,
  acceptor() {
    const ids = new Set<unknown>();
    return ({ output, outcome }) => outcome !== 'ok' || ids.size < ids.add(valueKey(output)).size;
  },
  decide(spans) {
    const conflict = repeated(spans);
    return conflict === undefined ? { status: 'held', steps: 0 } : { status: 'violated', steps: 0, conflict };
  },
  trimmed: requiredOf,
  outputs: () => [],
};

function notIncreasing(spans: readonly Span[]): ObjectConflict | undefined {
  const again = repeated(spans);
  if (again !== undefined) return again;
  const ordered = [...requiredOf(spans)];
  ordered.sort((a, b) => compare(a.source.output as Timestamp, b.source.output as Timestamp));
  const pair = outOfOrder(ordered.map((span) => [span]));
  if (pair === undefined) return undefined;
  const [smaller, greater] = pair;
  return {
    kind: 'order',
    steps: [greater, smaller],
    sentence: (words) =>
      `${words.subject(smaller.source)}, not more than ${words.value(greater.source.output)}; but ${words.ended(greater.source, smaller.source)}`,
  };
}

export const timestampOracleModel: ObjectModel<Timestamp | null> = {
  name: 'timestamp oracle',
  noun: 'oracle',
  operations: ['timestamp'],
  verify: verifyTimestamp,
  init: () => null,
  step: (last, { output, outcome }) => {
    if (outcome !== 'ok') return last;
    return last === null || compare(output as Timestamp, last) > 0 ? (output as Timestamp) : undefined;
  },
  observes: () => false,
  byClient: false,
  decide(spans) {
    const conflict = notIncreasing(spans);
    return conflict === undefined ? { status: 'held', steps: 0 } : { status: 'violated', steps: 0, conflict };
  },
  trimmed: requiredOf,
  outputs: () => [],
};
