/**
 * A linearization that somebody offers, such as the protocol's own log, validated in O(n): it names every operation that
 * succeeded, none that failed, none ended before one that stands earlier began, and each returned what the object, run
 * in that order, returns. Objects are independent: only the order within each counts.
 */
import type { Operation } from '../../history/operation.ts';
import { callOf, type Call } from './object-model.ts';
import { spanOf, type Span } from './span.ts';

export interface Replay {
  /** A fresh object that accepts calls in their order, or refuses one. */
  acceptor(): (call: Call) => boolean;
  partOf(operation: Operation): string;
  /** Operations that only observe, and may be missing when what they saw is unknown. */
  observes(f: string): boolean;
}

interface Replayed {
  readonly accepts: (call: Call) => boolean;
  latest: Span | undefined;
}

/** Why `order` (operation ids) is no linearization of `operations`; undefined when it is one. */
export function refuseOrder(
  operations: readonly Operation[],
  order: readonly number[],
  replay: Replay,
): string | undefined {
  const left = new Map(operations.map((operation) => [operation.id, operation]));
  const parts = new Map<string, Replayed>();
  for (const id of order) {
    const operation = left.get(id);
    if (operation === undefined) return `operation ${id} stands in it twice, or is none of those judged`;
    left.delete(id);
    const what = `operation ${id}, ${operation.client}'s ${operation.f}`;
    if (operation.outcome === 'fail') return `${what}, failed`;
    const name = replay.partOf(operation);
    const part = parts.get(name) ?? { accepts: replay.acceptor(), latest: undefined };
    parts.set(name, part);
    const span = spanOf(operation);
    if (part.latest !== undefined && span.ret < part.latest.call)
      return `${what}, ended before operation ${part.latest.source.id}, which stands earlier, was invoked`;
    if (part.latest === undefined || span.call > part.latest.call) part.latest = span;
    if (!part.accepts(callOf(span))) return `${what}, could not have had its outcome there`;
  }
  for (const { id, f, outcome, output, client } of left.values()) {
    if (outcome !== 'ok' || (replay.observes(f) && output === undefined)) continue;
    return `operation ${id}, ${client}'s ${f}, succeeded and is missing`;
  }
  return undefined;
}
