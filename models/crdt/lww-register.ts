/**
 * LWW-register: of two writes the one with the later stamp stays, and the stamp is the writing replica's own wall clock, then its
 * name (Johnson and Thomas, RFC 677, 1975; INRIA RR-7506, 2011, specification 8). Replicas converge, and that is all: of writes that
 * are made at the same time all but one are thrown away, acknowledged or not, and a replica whose clock is behind loses even to writes
 * that it has seen. Equal stamps, as two writes within a microsecond or a clock set back make them, are decided by the values.
 */
import { canonicalJson } from '../../sim/index.ts';
import type { Crdt, Origin } from './crdt.ts';

export interface LwwState<T> {
  /** null: never written. */
  readonly value: T | null;
  /** The writer's wall clock, µs. */
  readonly wall: number;
  readonly replica: string;
}

/** Before every write. */
export const neverWritten = <T>(): LwwState<T> => ({ value: null, wall: Number.MIN_SAFE_INTEGER, replica: '' });

const isLater = <T>(a: LwwState<T>, b: LwwState<T>): boolean =>
  a.wall !== b.wall
    ? a.wall > b.wall
    : a.replica !== b.replica
      ? a.replica > b.replica
      : canonicalJson(a.value) > canonicalJson(b.value);

/** The one that stays. */
export const later = <T>(a: LwwState<T>, b: LwwState<T>): LwwState<T> => (isLater(b, a) ? b : a);

export const stamped = <T>(value: T | null, { wall, replica }: Origin): LwwState<T> => ({ value, wall, replica });

/** Values are plain data; null cannot be told from never written. */
export const lwwRegister = <T>(): Crdt<LwwState<T>, { readonly value: T }, T | null> => ({
  name: 'LWW-register',
  empty: neverWritten,
  apply: (state, { value }, at) => later(state, stamped(value, at)),
  merge: later,
  value: ({ value }) => value,
});
