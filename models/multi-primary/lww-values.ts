/**
 * Last write wins: a key's whole value is a register by wall clock (crdt/lww-register.ts). Also a set or a number is kept whole: the
 * node that takes a change applies it to the value it has and stamps the outcome, so that of two that are changed at the same time
 * one change is gone. The default of many stores; it converges, and promises nothing else.
 */
import { reject } from '../../sim/index.ts';
import { lwwRegister, type LwwState } from '../crdt/lww-register.ts';
import { changed } from '../replication/changed.ts';
import type { StoredValue } from '../replication/command.ts';
import type { ConflictPolicy } from './conflict-policy.ts';

/** Takes every change but a compare-and-set, of which nobody could say whether it holds. */
export function lwwValues(): ConflictPolicy<LwwState<StoredValue>> {
  const register = lwwRegister<StoredValue>();
  return {
    ...register,
    name: 'last write wins',
    apply(state, { change }, at) {
      const value = change.f === 'cas' ? undefined : changed(state.value, change);
      if (value === undefined) throw reject('unsupported', `last write wins knows no ${change.f}`);
      return register.apply(state, { value }, at);
    },
    value: ({ value }) => ({ value }),
  };
}
