/**
 * G-counter: a counter that only grows. One slot a replica, which that replica alone raises; merging takes the larger of each slot,
 * and the value is their sum (Shapiro et al., "A comprehensive study of convergent and commutative replicated data types", INRIA
 * RR-7506, 2011, specification 6).
 */
import { ConfigError } from '../../sim/index.ts';
import { advanced, joined, type VersionVector } from '../versioning/version-vector.ts';
import type { Crdt } from './crdt.ts';

/** By replica, what it has counted: a version vector whose updates may count for more than one. */
export type GCounterState = VersionVector;

export interface CounterChange {
  /** How much is added: a whole number; for a G-counter 0 or more. */
  readonly by: number;
}

export const slotSum = (slots: GCounterState): number => Object.values(slots).reduce((sum, slot) => sum + slot, 0);

/** Applying a change that is negative or no whole number throws ConfigError. */
export const gCounter = (): Crdt<GCounterState, CounterChange, number> => ({
  name: 'G-counter',
  empty: () => ({}),
  apply(state, { by }, { replica }) {
    if (!Number.isSafeInteger(by) || by < 0) throw new ConfigError('gCounter.by', by, 'a whole number of at least 0');
    return advanced(state, replica, by);
  },
  merge: joined,
  value: slotSum,
});
