/**
 * MV-register: a register that keeps, side by side, the values of writes that knew nothing of each other ("siblings"), until a write
 * that has seen them replaces them.
 *
 * A write comes with its context, the version vector that its client read. Each sibling carries a dot of its own, (replica, number),
 * apart from the vector of all that was seen: with vectors alone two clients that write through one replica from the same context
 * could not be told from one after the other, and the first would be lost (dotted version vectors: Preguiça, Baquero, Almeida, Fonte
 * and Gonçalves, "Dotted version vectors: logical clocks for optimistic replication", 2010).
 */
import { joined, knows, type VersionVector } from '../versioning/version-vector.ts';
import type { Crdt } from './crdt.ts';

export interface Sibling<T> {
  readonly value: T;
  readonly replica: string;
  readonly number: number;
}

export interface MvState<T> {
  /** By replica and number, in the order of that text. */
  readonly siblings: Readonly<Record<string, Sibling<T>>>;
  /** Every write seen, replaced ones included. */
  readonly seen: VersionVector;
}

export interface MvChange<T> {
  readonly value: T;
  /** What the writer has read: those siblings are replaced. */
  readonly context: VersionVector;
}

/** The values of the siblings, and the context that a client writes back with. */
export interface Siblings<T> {
  readonly values: readonly T[];
  readonly context: VersionVector;
}

export const mvRegister = <T>(): Crdt<MvState<T>, MvChange<T>, Siblings<T>> => ({
  name: 'MV-register',
  empty: () => ({ siblings: {}, seen: {} }),
  apply({ siblings, seen }, { value, context }, { replica }) {
    const number = (seen[replica] ?? 0) + 1;
    const kept = Object.entries(siblings).filter(([, dot]) => !knows(context, dot.replica, dot.number));
    const own = { value, replica, number };
    // The context can be ahead of this replica: what the client has read elsewhere is replaced when it comes.
    return {
      siblings: Object.fromEntries([...kept, [`${replica}/${number}`, own]]),
      seen: { ...joined(seen, context), [replica]: Math.max(number, context[replica] ?? 0) },
    };
  },
  merge(a, b) {
    const siblings: Record<string, Sibling<T>> = {};
    for (const [name, dot] of Object.entries(a.siblings))
      if (b.siblings[name] !== undefined || !knows(b.seen, dot.replica, dot.number)) siblings[name] = dot;
    for (const [name, dot] of Object.entries(b.siblings))
      if (a.siblings[name] !== undefined || !knows(a.seen, dot.replica, dot.number)) siblings[name] = dot;
    return { siblings, seen: joined(a.seen, b.seen) };
  },
  value: ({ siblings, seen }) => ({
    values: Object.keys(siblings)
      .toSorted()
      .map((name) => (siblings[name] as Sibling<T>).value),
    context: seen,
  }),
});
