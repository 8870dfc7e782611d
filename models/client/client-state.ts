/** What a client remembers; gone with a crash. */
import type { Micros } from '../../sim/index.ts';
import type { PolicyStates } from '../resilience/chain.ts';

export interface ClientState {
  /** Number of the next operation. */
  next: number;
  /** Operations that may still begin. */
  left: number;
  /** When the next one is intended, µs on the client's clock, not rounded. */
  due: number;
  /** Operations in progress. */
  open: number;
  /** Sessions in use so far, and those of them that are free: operations of one session never overlap. */
  sessions: number;
  free: number[];
  /** Intended, but no connection was free. */
  backlog: Intended[];
  /** What the arrival process remembers, if anything. */
  arrivals?: unknown;
  /** Index of the target that last answered. */
  preferred: number;
  /** Thousandths of a token. */
  budget: number;
  /** What the policies around its calls remember, if it has any. */
  policies?: PolicyStates;
}

/** An operation that is due. */
export interface Intended {
  readonly n: number;
  /** When it is meant to begin. */
  readonly at: Micros;
  /** Which entry of a recording it repeats. */
  readonly entry?: number;
}
