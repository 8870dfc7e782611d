/**
 * G-counter: a counter that only grows. One slot a replica, which that replica alone raises; merging takes the larger of each slot,
 * and the value is their sum (Shapiro et al., "A comprehensive study of convergent and commutative replicated data types", INRIA
 * RR-7506, 2011, specification 6).
 */
import { ConfigError } from '../../sim/index.ts';
import { joined } from '../versioning/version-vector.ts';
import type { Crdt } from './crdt.ts';

export type GCounterState = Readonly<Record<string, number>>;

export interface CounterChange {
  /** How much is added: a whole number; for a G-counter 0 or more. */
  readonly by: number;
}

/** `slots` with that of `replica` raised by `by`. */
export const raised = (slots: GCounterState, replica: string, by: number): GCounterState => ({
  ...slots,
  [replica]: (slots[replica] ?? 0) + by,
});

export const slotSum = (slots: GCounterState): number => Object.values(slots).reduce((sum, slot) => sum + slot, 0);

/** Applying a change that is negative or no whole number throws ConfigError. */
export const gCounter = (): Crdt<GCounterState, CounterChange, number> => ({
  name: 'G-counter',
  empty: () => ({}),
  apply(state, { by }, { replica }) {
    if (!Number.isSafeInteger(by) || by < 0) throw new ConfigError('gCounter.by', by, 'a whole number of at least 0');
    return raised(state, replica, by);
  },
  merge: joined,
  value: slotSum,
});
