/**
 * What a failure detector is: it is told when a sign of life came, and says how much the silence since then speaks against its
 * sender.
 *
 * It turns silence into a level of suspicion that grows as long as nothing is heard, and has a threshold above which it suspects
 * (Hayashibara et al. 2004 call that an accrual detector; a plain timeout is the special case whose level is the share of the
 * timeout that is over). Completeness: silence that goes on is suspected in the end. Accuracy is a matter of luck with the network: in
 * an asynchronous system no detector can have both for certain (Chandra and Toueg 1996).
 *
 * The state is kept in that of the node which watches, plain data, one for each peer. Instants are of its own monotonic clock, µs.
 */
import type { Micros } from '../../sim/index.ts';

export interface FailureDetector<S> {
  readonly name: string;
  /** The level from which on it suspects. */
  readonly threshold: number;
  /** Begins to watch a peer, as if it had just been heard. */
  watch(now: Micros): S;
  /** A sign of life, now. Changes the state in place. */
  heard(state: S, now: Micros): void;
  /** 0 or more, in the detector's own unit; never falls while nothing is heard. */
  level(state: S, now: Micros): number;
}

export const suspects = <S>(detector: FailureDetector<S>, state: S, now: Micros): boolean =>
  detector.level(state, now) >= detector.threshold;
