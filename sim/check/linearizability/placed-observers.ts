/**
 * Completes an order of updates, such as a replicated log, with the operations that only observe and are not in it: each is placed
 * as early as it agrees with the object, after every update that was complete before it began and after every observer that
 * was. To be early never hinders a later observer, so if they can be placed at all, they are. O(n log n).
 */
import type { Operation } from '../../history/operation.ts';
import { callOf, type Call } from './object-model.ts';
import type { Replay } from './order-witness.ts';
import { spanOf, type Span } from './span.ts';

interface Part {
  readonly updates: Operation[];
  readonly observers: Span[];
}

/** `order` with the observers among `operations` that it leaves out; those that fit nowhere stay out. */
export function withObservers(
  operations: readonly Operation[],
  order: readonly number[],
  replay: Replay,
): readonly number[] {
  const named = new Set(order);
  const missing = operations.filter(
    ({ id, f, outcome, output }) => outcome === 'ok' && output !== undefined && replay.observes(f) && !named.has(id),
  );
  if (missing.length === 0) return order;
  const byId = new Map(operations.map((operation) => [operation.id, operation]));
  const parts = new Map<string, Part>();
  const partOf = (operation: Operation): Part => {
    const name = replay.partOf(operation);
    let part = parts.get(name);
    if (part === undefined) parts.set(name, (part = { updates: [], observers: [] }));
    return part;
  };
  for (const id of order) {
    const operation = byId.get(id);
    // What is named twice, or nowhere, is for the validation to refuse.
    if (operation === undefined) return order;
    partOf(operation).updates.push(operation);
  }
  for (const operation of missing) partOf(operation).observers.push(spanOf(operation));
  return [...parts.values()].flatMap((part) => placed(part, replay));
}

function placed({ updates, observers }: Part, replay: Replay): number[] {
  observers.sort((a, b) => a.call - b.call);
  const least = earliestPlaces(updates, observers);
  const accepts = replay.acceptor();
  const isPlaced = observers.map(() => false);
  const result: number[] = [];
  let first = 0;
  for (let place = 0; place <= updates.length; place++) {
    const update = updates[place - 1];
    if (update !== undefined) {
      result.push(update.id);
      if (!replay.observes(update.f) || update.output !== undefined) accepts(callOf(spanOf(update)));
    }
    first = placeHere({ observers, least, isPlaced, place, accepts, result }, first);
  }
  return result;
}

interface Sweep {
  readonly observers: readonly Span[];
  readonly least: readonly number[];
  readonly isPlaced: boolean[];
  readonly place: number;
  accepts(call: Call): boolean;
  readonly result: number[];
}

/** Places what fits here, in order of invocation, until one that has to wait for another; returns the first one left. */
function placeHere({ observers, least, isPlaced, place, accepts, result }: Sweep, from: number): number {
  let earliestEnd = Infinity;
  for (let i = from; i < observers.length; i++) {
    const observer = observers[i] as Span;
    if (isPlaced[i]) continue;
    if ((least[i] as number) > place || observer.call > earliestEnd) break;
    if (accepts(callOf(observer))) {
      isPlaced[i] = true;
      result.push(observer.source.id);
    } else earliestEnd = Math.min(earliestEnd, observer.ret);
  }
  let first = from;
  while (isPlaced[first]) first++;
  return first;
}

/** By observer: how many updates come before it at least, since the last of them was complete when it began. */
function earliestPlaces(updates: readonly Operation[], observers: readonly Span[]): number[] {
  const byEnd = updates.map((update, i) => ({ ret: spanOf(update).ret, place: i + 1 })).sort((a, b) => a.ret - b.ret);
  let next = 0;
  let least = 0;
  return observers.map(({ call }) => {
    for (; next < byEnd.length && (byEnd[next] as { ret: number }).ret < call; next++)
      least = Math.max(least, (byEnd[next] as { place: number }).place);
    return least;
  });
}
