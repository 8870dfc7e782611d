/** What a client remembers; gone with a crash. */
import type { Micros } from '../../sim/index.ts';

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
  /** Index of the target that last answered. */
  preferred: number;
  /** Thousandths of a token. */
  budget: number;
}

/** An operation that is due. */
export interface Intended {
  readonly n: number;
  readonly at: Micros;
}
