/**
 * The contract of resilience policies: what stands around a call, such as a retry, a circuit breaker or a bulkhead.
 *
 * A policy is plain functions over a plain state that its host keeps for it, so that it is recorded, and gone with a crash, like any
 * state. It gets the call as something that it may make not at all, once, or several times, one after the other or side by side;
 * several policies nest, the first outermost: `[timeout, retry, breaker]` retries through the breaker until the time is up
 * (the same nesting as in Polly, resilience4j and cockatiel, whose wrappers these follow).
 *
 * Every policy: ends with what the call ended with, or with a CallError of its own; never waits beyond `scope.expires`, which is how
 * a time limit outside bounds every wait inside; gives back what it holds when it is cancelled (in `finally`); draws nothing when
 * there is nothing to decide; reads its state afresh after each wait. One more attempt has one more `scope.attempt`, by which a
 * caller with several targets turns to the next.
 */
import { CallError } from '../../sim/index.ts';
import type { Context, Flow, Micros } from '../../sim/index.ts';

/** What a call knows of itself. */
export interface CallScope {
  /** Nobody waits for the answer after this instant of the node's clock. Infinity: whenever it comes. */
  readonly expires: Micros;
  /** 0 is the first; retries and hedges count on. */
  readonly attempt: number;
  /** 0 is the most important; less important calls are given up first. */
  readonly priority: number;
  /** What the call is about: the entry of a fallback's memory. */
  readonly key: string;
  /** The call is sent twice and the first server to begin it tells the other: a name for the pair, and the other's attempt. */
  readonly tie?: { readonly id: string; readonly other: number };
}

/** The call: may be made several times. */
export type Attempt<T> = (scope: CallScope) => Flow<T>;

/** What a policy may use of its node. */
export type PolicyContext = Pick<
  Context,
  'self' | 'clock' | 'random' | 'sleep' | 'wait' | 'signal' | 'any' | 'count' | 'gauge' | 'mark' | 'note'
>;

/** Where a policy runs. */
export interface PolicyHost<S> {
  readonly ctx: PolicyContext;
  /** The policy's state as it is now. */
  read(): S;
  /** Changes it in place; `recipe` cannot wait. */
  update<R>(recipe: (state: S) => R): R;
  /** A signal or a metric of this policy alone, although several of its kind run on the node. */
  named(name: string): string;
}

export interface Policy<S = unknown> {
  /** Names its metrics; two in one chain need two names. */
  readonly name: string;
  /** The state at boot. */
  init(): S;
  around<T>(call: Attempt<T>, scope: CallScope, host: PolicyHost<S>): Flow<T>;
}

/** How a call ended, for those who learn from it. */
export interface Ending {
  readonly ok: boolean;
  /** From the beginning of the call to its end. */
  readonly latency: Micros;
  /** When, on the node's monotonic clock. */
  readonly now: Micros;
}

/** A refusal by a policy: the call was not made. */
export const refused = (code: string, message: string): CallError => new CallError('overloaded', code, message, true);

/** The time was over before the call was made. */
export const expired = (message: string): CallError => new CallError('timeout', 'expired', message, true);
