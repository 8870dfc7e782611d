/**
 * The contract of balancing policies: which of the backends that may be used gets the next request.
 *
 * A policy is plain functions over a plain state that the load balancer keeps for it (so that it is recorded, and lost in a crash,
 * like any state). Every policy: returns the index of one of the candidates; is given at least one candidate; draws only from the
 * source that it is given, and not at all when there is one candidate.
 */
import type { Micros, RandomStream } from '../../sim/index.ts';

/** A backend as a policy sees it. */
export interface BackendView {
  /** Its place in the balancer's list, stable for the whole run. */
  readonly index: number;
  /** Requests sent to it by this balancer that have not ended. */
  readonly inFlight: number;
  /** Relative capacity, above 0. */
  readonly weight: number;
}

/** The request to place. */
export interface Placing {
  /** What content hashing and affinity go by; '' when the balancer has no `keyOf`. */
  readonly key: string;
  /** The balancer's monotonic clock. */
  readonly now: Micros;
  readonly random: RandomStream;
}

/** How a request ended. */
export interface Ending {
  readonly ok: boolean;
  /** From sending to answer, µs on the balancer's clock. */
  readonly latency: Micros;
  readonly now: Micros;
}

export interface BalancerPolicy<S> {
  readonly name: string;
  /** The state for backends 0…count−1. */
  init(count: number): S;
  /** Chooses among `candidates` (ascending by index, at least one) and returns the index of the chosen backend. */
  pick(state: S, candidates: readonly BackendView[], placing: Placing): number;
  /** A request to `backend` has ended. */
  ended?(state: S, backend: number, ending: Ending): void;
}
