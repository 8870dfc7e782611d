/**
 * Orders that are forced by what was observed: when it is known which operations must come before which others, there is a
 * linearization if and only if no operation ended before one that must precede it began. (Let every operation take effect
 * as early as it can: at its own invocation, or with the last one that must precede it. That is early enough for all, or
 * one ended before another that must precede it began.)
 */
import type { Span } from './span.ts';

/**
 * Spans in groups, all of one group before all of the next; undefined is an empty one. Returns two spans, the second of which ended before the
 * first, of an earlier group, began; undefined when there are none. O(n).
 */
export function outOfOrder(groups: Iterable<readonly Span[] | undefined>): readonly [Span, Span] | undefined {
  let latest: Span | undefined;
  for (const group of groups) {
    if (group === undefined) continue;
    let next = latest;
    for (const span of group) {
      if (latest !== undefined && span.ret < latest.call) return [latest, span];
      if (next === undefined || span.call > next.call) next = span;
    }
    latest = next;
  }
  return undefined;
}
