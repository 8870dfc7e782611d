/**
 * The contract of rate limiting policies: may this request pass now?
 *
 * A policy is plain functions over a plain state. Every policy: never lets through more than it promises (each file says how much
 * in which window); answers `retryAfter` such that a request of the same cost, alone, passes then and not a microsecond earlier;
 * leaves the state as it was when it refuses; copes with a `now` that stands still.
 */
import type { Micros } from '../../sim/index.ts';

export interface Admission {
  readonly admitted: boolean;
  /** Requests of cost 1 that would still be admitted at this instant. */
  readonly remaining: number;
  /** 0 when admitted; otherwise how long until it would be; NEVER when it never will. */
  readonly retryAfter: Micros;
  /** How long an admitted request is held back before it may go on. 0, except in a leaking bucket. */
  readonly delay: Micros;
  /** How long until the count is as good as new if nobody asks any more. */
  readonly resetAfter: Micros;
}

export interface LimiterPolicy<S> {
  readonly name: string;
  /** Requests of cost 1 that are admitted at once at most, for the `limit` header. */
  readonly limit: number;
  /** What has been admitted counts for at most this long: whoever has lost its counts owes nobody anything after it. */
  readonly memory: Micros;
  init(now: Micros): S;
  /** Asks for `cost` (a whole number of at least 1) at `now` (never less than at an earlier call). */
  admit(state: S, now: Micros, cost: number): Admission;
  /** True when the state is as good as new, so that it may be forgotten. */
  idle(state: S, now: Micros): boolean;
}
