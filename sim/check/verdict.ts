import type { Micros } from '../base/time.ts';

/** held: no violation in this run; violated: with a witness; undecided: the step budget ran out first. */
export type Status = 'held' | 'violated' | 'undecided';

/** Why one operation must come before another: real time, reads-from, overwrites, session. Operation ids. */
export interface Edge {
  readonly before: number;
  readonly after: number;
  readonly reason: string;
}

/** The part of a history that is legal by itself: what completed before the first operation that cannot come next. */
export interface ExplainedPrefix {
  /** How many operations certainly happened in it. */
  readonly operations: number;
  /** The last of them, in an order in which they can have happened one after the other. Operation ids. */
  readonly order: readonly number[];
}

/** What contradicts the property, small enough to read. */
export interface Witness {
  /** The contradiction in the user's terms, with clients, values and instants. */
  readonly sentence: string;
  /** The instant of the first event that no legal behaviour explains. */
  readonly at: Micros;
  /** Ids of the operations that suffice to contradict the property. */
  readonly operations: readonly number[];
  /** Those of them that certainly happened; the others may have. */
  readonly mandatory?: readonly number[];
  readonly edges?: readonly Edge[];
  /** Where the history is legal up to an operation: the prefix before that. */
  readonly explained?: ExplainedPrefix;
  /** Trace event ids. */
  readonly events?: readonly number[];
  readonly facts?: Readonly<Record<string, unknown>>;
  readonly nodes?: readonly string[];
}

/** One property's answer for one run. */
export interface Verdict {
  /** The property's name. */
  readonly check: string;
  readonly kind: 'always' | 'sometimes' | 'eventually' | 'history' | 'slo';
  readonly status: Status;
  readonly message: string;
  readonly witness?: Witness;
  /** Steps the search took, where there was one. */
  readonly steps?: number;
}
