/**
 * Retry policies. Names and formulae: M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
 *
 * With attempt n = 1 for the first retry and e(n) = min(cap, base · 2ⁿ⁻¹):
 * fixed `base`; exponential e(n); full jitter U(0, e(n)); equal jitter e(n)/2 + U(0, e(n)/2);
 * decorrelated jitter min(cap, U(base, 3 · previous)).
 */
import { ConfigError } from '../base/errors.ts';
import { ms, parseDuration, s, type Duration, type Micros } from '../base/time.ts';
import type { RandomStream } from '../random/stream.ts';
import type { Flow } from './actor.ts';
import { CallError } from './call-error.ts';
import type { Op } from './op.ts';

export interface RetryPolicy {
  /** Attempts in all, the first one included; at least 1. */
  readonly attempts: number;
  /** The wait before retry `n` (1, 2, …), given the wait before the one before it (0 at first). */
  delay(n: number, previous: Micros, random: RandomStream): Micros;
  /** Whether this failure is worth another attempt. Default: every CallError. */
  readonly retryable?: (error: CallError) => boolean;
}

export interface BackoffOptions {
  /** Attempts in all, the first one included. Default 3. */
  attempts?: number;
  /** Default 50 ms. */
  base?: Duration;
  /** Longest wait, at least `base`. Default 5 s. */
  cap?: Duration;
  retryable?: (error: CallError) => boolean;
}

type Delay = (n: number, previous: Micros, random: RandomStream, base: Micros, cap: Micros) => Micros;

const growth = (n: number, base: Micros, cap: Micros): Micros => {
  let wait = base;
  for (let i = 1; i < n && wait < cap; i++) wait *= 2;
  return Math.min(cap, wait);
};

const policy =
  (delay: Delay) =>
  (options: BackoffOptions = {}): RetryPolicy => {
    const { attempts = 3, retryable } = options;
    const base = parseDuration(options.base ?? ms(50), 'retry.base');
    const cap = parseDuration(options.cap ?? s(5), 'retry.cap');
    if (!Number.isInteger(attempts) || attempts < 1)
      throw new ConfigError('retry.attempts', attempts, 'a whole number of at least 1');
    if (cap < base) throw new ConfigError('retry.cap', cap, `a duration of at least base (${base})`);
    return {
      attempts,
      delay: (n, previous, random) => delay(n, previous, random, base, cap),
      ...(retryable === undefined ? {} : { retryable }),
    };
  };

/** The same wait each time. */
export const fixedBackoff = policy((_n, _previous, _random, base) => base);
/** Doubling, without jitter: clients that failed together retry together. */
export const exponentialBackoff = policy((n, _previous, _random, base, cap) => growth(n, base, cap));
/** Anywhere between nothing and the doubled wait. */
export const fullJitter = policy((n, _previous, random, base, cap) => random.between(0, growth(n, base, cap)));
/** Half of the doubled wait, and anywhere up to the other half. */
export const equalJitter = policy((n, _previous, random, base, cap) => {
  const half = Math.floor(growth(n, base, cap) / 2);
  return half + random.between(0, half);
});
/** Anywhere between base and three times the last wait. */
export const decorrelatedJitter = policy((_n, previous, random, base, cap) =>
  Math.min(cap, random.between(base, Math.max(base, 3 * Math.max(previous, base)))),
);
/** At once, without waiting. */
export const immediateRetry = (options: Pick<BackoffOptions, 'attempts' | 'retryable'> = {}): RetryPolicy =>
  fixedBackoff({ ...options, base: 0, cap: 0 });

/** Runs `attempt` until it succeeds, is not worth retrying, or the attempts are used up; then fails with the last failure. */
export function* retrying<T>(
  retry: RetryPolicy,
  random: RandomStream,
  sleep: (d: Micros) => Op<void>,
  attempt: (n: number) => Op<T>,
): Flow<T> {
  let wait: Micros = 0;
  for (let n = 1; ; n++) {
    try {
      return yield* attempt(n);
    } catch (error) {
      if (!(error instanceof CallError) || n >= retry.attempts || retry.retryable?.(error) === false) throw error;
      wait = retry.delay(n, wait, random);
      if (wait > 0) yield* sleep(wait);
    }
  }
}
