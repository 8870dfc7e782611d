/**
 * A retry budget: retries may be a fixed share of the requests, whatever the retry policy would like.
 *
 * Each first attempt pays `share` of a token into the budget, each retry takes one out; without a token there is no retry. So in
 * the long run retries are at most `share` of the requests: when everything fails, load grows by 10 % and not by the number of
 * attempts (Finagle's RetryBudget; Beyer et al., "Site Reliability Engineering", ch. 22: a 10 % per-client budget). Finagle
 * lets deposits expire after ten seconds; here `most` caps what quiet times can save up, which bounds a burst of retries alike.
 *
 * Counted in thousandths of a token, so that no rounding error builds up.
 */
import { ConfigError } from '../../sim/index.ts';

export interface RetryBudgetOptions {
  /** Retries per request in the long run, 0…1 in steps of 0.001. Default 0.1. */
  readonly share?: number;
  /** Tokens to begin with, so that the first failures may be retried. Default 10. */
  readonly initial?: number;
  /** Most tokens that can be saved up, at least `initial`. Default 100. */
  readonly most?: number;
}

/** A checked budget; the level is the caller's to keep, in thousandths of a token. */
export interface RetryBudget {
  readonly initial: number;
  /** The level after a request. */
  deposit(level: number): number;
  /** The level after a retry; undefined when it cannot be paid for. */
  withdraw(level: number): number | undefined;
}

const TOKEN = 1_000;

/** Throws ConfigError. */
export function retryBudget(options: RetryBudgetOptions = {}): RetryBudget {
  const { share = 0.1, initial = 10, most = 100 } = options;
  const deposit = Math.round(share * TOKEN);
  if (!(share >= 0 && share <= 1) || Math.abs(deposit - share * TOKEN) > 1e-9) {
    throw new ConfigError('budget.share', share, 'a share from 0 to 1 in steps of 0.001');
  }
  if (!Number.isInteger(initial) || initial < 0)
    throw new ConfigError('budget.initial', initial, 'a whole number of at least 0');
  if (!Number.isInteger(most) || most < initial)
    throw new ConfigError('budget.most', most, `a whole number of at least ${initial}`);
  return {
    initial: initial * TOKEN,
    deposit: (level) => Math.min(most * TOKEN, level + deposit),
    withdraw: (level) => (level >= TOKEN ? level - TOKEN : undefined),
  };
}
