/**
 * MV-register: a register that keeps, side by side, the values of writes that knew nothing of each other ("siblings"), until a write
 * that has seen them replaces them.
 *
 * A write comes with its context, the version vector that its client read. With vectors alone two clients that write through one
 * replica from the same context could not be told from one after the other, and the first would be lost: so it is kept by dotted
 * version vectors (versioning/dotted-version-vectors.ts), whose merge is the join of this type.
 */
import { dottedVersionVectors, type DottedCell } from '../versioning/dotted-version-vectors.ts';
import type { VersionVector } from '../versioning/version-vector.ts';
import type { Crdt } from './crdt.ts';

export interface MvChange<T> {
  readonly value: T;
  /** What the writer has read: those siblings are replaced. It may be ahead of the replica that it writes to. */
  readonly context: VersionVector;
}

/** The values of the siblings, and the context that a client writes back with. */
export interface Siblings<T> {
  readonly values: readonly T[];
  readonly context: VersionVector;
}

export function mvRegister<T>(): Crdt<DottedCell, MvChange<T>, Siblings<T>> {
  const { empty, write, merge, read } = dottedVersionVectors();
  return {
    name: 'MV-register',
    empty: () => empty,
    apply: (state, { value, context }, { replica, wall }) =>
      write(state, value, context, { actor: replica, at: wall }) ?? state,
    merge,
    value: (state) => read(state) as Siblings<T>,
  };
}
