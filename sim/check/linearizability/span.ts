/** What every linearizability checker needs of an operation: its interval in events, and whether it certainly happened. */
import { canonicalJson } from '../../base/json.ts';
import type { Operation } from '../../history/operation.ts';

/** The completion of an operation that never completed: after every event. */
export const FOREVER = Number.MAX_SAFE_INTEGER;

export interface Span {
  /** Sequence number of the invocation. */
  readonly call: number;
  /** Sequence number of the completion, or FOREVER. */
  readonly ret: number;
  /** It certainly took effect, between `call` and `ret`; otherwise it may have, and then only between them. */
  readonly required: boolean;
  readonly source: Operation;
}

/** The span of an operation that did not fail. */
export function spanOf(operation: Operation): Span {
  const required = operation.outcome === 'ok';
  return { call: operation.invoked, ret: required ? operation.completed : FOREVER, required, source: operation };
}

/** Optional spans without their deadlines: more than is true is allowed, so a violation that is left is one. */
export const withoutDeadlines = (spans: readonly Span[]): readonly Span[] =>
  spans.map((span) => (span.required || span.ret === FOREVER ? span : { ...span, ret: FOREVER }));

/**
 * The history as it stood just after event `last`: later operations are gone, those still open may or may not have
 * taken effect. Linearizability is prefix-closed, so a violation in the prefix is one in the whole.
 * `relaxed`: the step as one that may have happened until `ret`; undefined when it only observes.
 */
export function prefixOf<T extends Span>(
  steps: readonly T[],
  last: number,
  relaxed: (step: T, ret: number) => T | undefined,
): T[] {
  const prefix: T[] = [];
  for (const step of steps) {
    if (step.call > last) continue;
    const kept = step.ret <= last ? step : relaxed(step, FOREVER);
    if (kept !== undefined) prefix.push(kept);
  }
  return prefix;
}

/**
 * A value as the key of a Map: equal for values that are equal as data. Primitives are themselves (`-0` is `0`), undefined
 * is null, everything else its canonical JSON, marked so that no string equals it.
 */
export function valueKey(value: unknown): unknown {
  return typeof value === 'object' && value !== null ? `\u0000${canonicalJson(value)}` : (value ?? null);
}
