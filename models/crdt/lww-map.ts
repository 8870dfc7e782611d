/**
 * LWW-map: a register by wall clock for each field, so that writes to different fields never cost each other; deleting a field writes
 * "not there", which stays as a tombstone for ever (Cassandra's rows without their garbage collection).
 */
import type { Crdt } from './crdt.ts';
import { later, neverWritten, stamped, type LwwState } from './lww-register.ts';

export type LwwMapState<T> = Readonly<Record<string, LwwState<T>>>;

export type LwwMapChange<T> =
  { readonly f: 'put'; readonly field: string; readonly value: T } | { readonly f: 'delete'; readonly field: string };

export const lwwMap = <T>(): Crdt<LwwMapState<T>, LwwMapChange<T>, Readonly<Record<string, T>>> => ({
  name: 'LWW-map',
  empty: () => ({}),
  apply(state, change, at) {
    const written = stamped(change.f === 'put' ? change.value : null, at);
    return { ...state, [change.field]: later(state[change.field] ?? neverWritten<T>(), written) };
  },
  merge(a, b) {
    const merged: Record<string, LwwState<T>> = { ...a };
    for (const field of Object.keys(b))
      merged[field] = later(merged[field] ?? neverWritten<T>(), b[field] as LwwState<T>);
    return merged;
  },
  value: (state) =>
    Object.fromEntries(Object.entries(state).flatMap(([field, { value }]) => (value === null ? [] : [[field, value]]))),
});
