/**
 * The contract of balancing policies: which of the backends that may be used gets the next request.
 *
 * A policy is plain functions over a plain state that the load balancer keeps for it (so that it is recorded, and lost in a
 * crash, like any state). Every policy: returns the index of one of the candidates; is given at least one candidate; draws only
 * from the source that it is given, and not at all when there is one candidate.
 */
import type { Micros, RandomStream } from '../../sim/index.ts';

/** A backend, for as long as the balancer runs. */
export interface BackendIdentity {
  /** Its place in the balancer's list, stable for the whole run. */
  readonly index: number;
  /** Its node's name. */
  readonly id: string;
  /** Relative capacity, above 0. */
  readonly weight: number;
}

/** A backend as a policy sees it when it chooses. While a backend starts slowly its weight is smaller. */
export interface BackendView extends BackendIdentity {
  /** Requests sent to it by this balancer that have not ended. */
  readonly inFlight: number;
}

/** The request to place. */
export interface Placing {
  /** What hashing goes by; '' when the balancer has no `keyOf`. */
  readonly key: string;
  /** The balancer's monotonic clock. */
  readonly now: Micros;
  readonly random: RandomStream;
}

/** How a request ended. */
export interface Ending {
  readonly ok: boolean;
  /** It failed definitely: the backend said no, which shows that it is alive. */
  readonly refused: boolean;
  /** From sending to answer, µs on the balancer's clock. */
  readonly latency: Micros;
  readonly now: Micros;
}

export interface BalancerPolicy<S> {
  readonly name: string;
  /** True: it chooses as if all weights were equal, and a balancer that is given weights refuses it. Default false. */
  readonly ignoresWeights?: boolean;
  /** The state for these backends, ascending by index. */
  init(backends: readonly BackendIdentity[]): S;
  /** Chooses among `candidates` (ascending by index, at least one) and returns the index of the chosen backend. */
  pick(state: S, candidates: readonly BackendView[], placing: Placing): number;
  /** A request to `backend` has ended. */
  ended?(state: S, backend: number, ending: Ending): void;
}

/** Whether `a` has fewer requests in progress per weight than `b`. */
export const isLessLoaded = (a: BackendView, b: BackendView): boolean => a.inFlight * b.weight < b.inFlight * a.weight;
