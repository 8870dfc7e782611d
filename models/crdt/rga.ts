/**
 * RGA, replicated growable array: a sequence, such as a text, in which everybody inserts and deletes at any place (Roh, Jeon, Kim and
 * Lee, "Replicated abstract data types: building blocks for collaborative applications", J. Parallel and Distributed Computing 71(3), 2011).
 *
 * An element has an identifier, (counter, replica), with a counter above all that its replica has seen, and names the element that it was
 * inserted after. So the elements form a tree; the sequence is its walk, of elements inserted after the same one the latest first. That
 * is the order which the paper reaches by skipping later identifiers when an insertion arrives (shown equal by Attiya et al., PODC 2016),
 * written down for states instead of operations: a merge is a union. What somebody inserted at a place stays at that place, and a
 * run of insertions made one after the other at one replica is not torn apart. Deleted elements stay as tombstones, for others
 * may insert after them; the paper's removal of old ones needs to know what everybody has seen, and is left out.
 */
import { ConfigError } from '../../sim/index.ts';
import type { Crdt } from './crdt.ts';

export interface RgaElement<T> {
  readonly value: T;
  /** Identifier of the element that it was inserted after; '' for the front. */
  readonly after: string;
  readonly counter: number;
  readonly replica: string;
}

export interface RgaState<T> {
  /** By identifier. */
  readonly elements: Readonly<Record<string, RgaElement<T>>>;
  /** Identifiers of deleted elements. */
  readonly deleted: Readonly<Record<string, true>>;
  /** The highest counter seen. */
  readonly clock: number;
}

export type SequenceChange<T> =
  /** `at`: place in the visible sequence, from 0 to its length. */
  | { readonly f: 'insert'; readonly at: number; readonly value: T }
  /** `at`: place in the visible sequence. */
  | { readonly f: 'delete'; readonly at: number };

/** Identifiers of what is visible, in order. */
function visible<T>({ elements, deleted }: RgaState<T>): string[] {
  const children = new Map<string, string[]>();
  for (const [id, { after }] of Object.entries(elements)) {
    const siblings = children.get(after);
    if (siblings === undefined) children.set(after, [id]);
    else siblings.push(id);
  }
  // On the stack the earliest goes first, so that the latest is taken first.
  const earliestFirst = (a: string, b: string): number => {
    const [one, other] = [elements[a] as RgaElement<T>, elements[b] as RgaElement<T>];
    return one.counter - other.counter || (one.replica < other.replica ? -1 : 1);
  };
  const order: string[] = [];
  const stack = (children.get('') ?? []).sort(earliestFirst);
  for (let id = stack.pop(); id !== undefined; id = stack.pop()) {
    if (deleted[id] === undefined) order.push(id);
    stack.push(...(children.get(id) ?? []).sort(earliestFirst));
  }
  return order;
}

/** A change at a place that is not there throws ConfigError. */
export const rga = <T>(): Crdt<RgaState<T>, SequenceChange<T>, readonly T[]> => ({
  name: 'RGA',
  empty: () => ({ elements: {}, deleted: {}, clock: 0 }),
  apply(state, change, { replica }) {
    const { elements, deleted, clock } = state;
    const order = visible(state);
    const last = change.f === 'insert' ? order.length : order.length - 1;
    if (!Number.isInteger(change.at) || change.at < 0 || change.at > last)
      throw new ConfigError(`rga.${change.f}.at`, change.at, `a place in the sequence, from 0 to ${last}`);
    if (change.f === 'delete') return { elements, deleted: { ...deleted, [order[change.at] as string]: true }, clock };
    const counter = clock + 1;
    const after = change.at === 0 ? '' : (order[change.at - 1] as string);
    const element = { value: change.value, after, counter, replica };
    return { elements: { ...elements, [`${counter}@${replica}`]: element }, deleted, clock: counter };
  },
  merge: (a, b) => ({
    elements: { ...a.elements, ...b.elements },
    deleted: { ...a.deleted, ...b.deleted },
    clock: Math.max(a.clock, b.clock),
  }),
  value: (state) => visible(state).map((id) => (state.elements[id] as RgaElement<T>).value),
});
