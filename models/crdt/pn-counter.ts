/**
 * PN-counter: a counter that goes up and down. Two G-counters, one for what was added and one for what was taken away, since a slot
 * that could shrink would be raised again by a merge (INRIA RR-7506, 2011, specification 7). It knows no bound: two replicas that
 * each see 1 left may both take it.
 */
import { ConfigError } from '../../sim/index.ts';
import { advanced, joined } from '../versioning/version-vector.ts';
import type { Crdt } from './crdt.ts';
import { slotSum, type CounterChange, type GCounterState } from './g-counter.ts';

export interface PnCounterState {
  readonly added: GCounterState;
  readonly taken: GCounterState;
}

/** Applying a change that is no whole number throws ConfigError. */
export const pnCounter = (): Crdt<PnCounterState, CounterChange, number> => ({
  name: 'PN-counter',
  empty: () => ({ added: {}, taken: {} }),
  apply({ added, taken }, { by }, { replica }) {
    if (!Number.isSafeInteger(by)) throw new ConfigError('pnCounter.by', by, 'a whole number');
    return by >= 0 ? { added: advanced(added, replica, by), taken } : { added, taken: advanced(taken, replica, -by) };
  },
  merge: (a, b) => ({ added: joined(a.added, b.added), taken: joined(a.taken, b.taken) }),
  value: ({ added, taken }) => slotSum(added) - slotSum(taken),
});
