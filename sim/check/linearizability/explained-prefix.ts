/**
 * What of a failing history can be explained: everything before the completion that nothing explains, in an order in which it
 * can have happened one operation after the other. For people, who see then what the culprit would have had to come after.
 */
import type { ExplainedPrefix } from '../verdict.ts';
import type { Conflict, FailingPrefix, Reduction } from './counterexample.ts';
import type { SearchResult } from './interval-search.ts';
import { FOREVER, type Span } from './span.ts';

/** Branching moves for finding an order. */
export const ORDER_BUDGET = 20_000;
/** Longer prefixes are not put into an order. */
const MOST_STEPS = 20_000;
/** The last operations of the order that are told. */
const MOST_TOLD = 40;

/** Undefined when the prefix is too long, and when no order was found within the budget of `search`. */
export function explainedPrefix<T extends Span, C extends Conflict>(
  { steps, culprit }: FailingPrefix<T, C>,
  { relaxed }: Pick<Reduction<T, C>, 'relaxed'>,
  search: (steps: readonly T[]) => SearchResult<T>,
): ExplainedPrefix | undefined {
  if (steps.length > MOST_STEPS) return undefined;
  const before = steps.flatMap((step) => (step === culprit ? (relaxed(step, FOREVER) ?? []) : step));
  const { order } = search(before);
  if (order === undefined) return undefined;
  const told = order.slice(-MOST_TOLD).map(({ source }) => source.id);
  return { operations: before.filter(({ required }) => required).length, order: told };
}
