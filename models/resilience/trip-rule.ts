/** The contract of trip rules: when a circuit breaker opens, and whether its probes close it again. */
import type { Ending } from './policy.ts';

/** Probes that have ended: of those, which failed, and which took longer than the rule allows. */
export interface Probed {
  all: number;
  failed: number;
  slow: number;
}

export interface TripRule<S = unknown> {
  readonly name: string;
  /** The state of a circuit that has just closed. */
  init(): S;
  /** Notes how a call ended; true: open. */
  opens(state: S, ending: Ending): boolean;
  /** Whether the probes of a half-open circuit that have ended open it again; it closes when `left` is 0 and none of them does. */
  failsAgain(probes: Probed, left: number): boolean;
  /** Whether a call of this latency counts as slow. */
  isSlow(latency: number): boolean;
}
