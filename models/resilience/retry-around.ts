/**
 * Retries around a call: as the retry policy says, within the budget, and only while there is time left to wait.
 *
 * With a budget retries are at most a share of the calls in the long run (retry-budget.ts). Without one, r attempts in each of k
 * layers make r^k calls of one at the bottom.
 */
import { CallError, withFunctions } from '../../sim/index.ts';
import type { Micros, RetryPolicy } from '../../sim/index.ts';
import { retryBudget, type RetryBudgetOptions } from '../client/retry-budget.ts';
import type { Policy } from './policy.ts';

export interface RetryAroundOptions {
  /** Attempts, waits, and what is worth another attempt: `fullJitter({ attempts: 3 })`. */
  readonly backoff: RetryPolicy;
  /** Limits the retries to a share of the calls. Default: no limit. */
  readonly budget?: RetryBudgetOptions;
  /** Default `retry`. */
  readonly name?: string;
}

export interface RetryState {
  /** Thousandths of a token. */
  budget: number;
}

/** Counters: `<name>`, retries; `<name> budget-exhausted`. Throws ConfigError. */
export function retryAround({ backoff, name = 'retry', ...options }: RetryAroundOptions): Policy<RetryState> {
  withFunctions(backoff, ['delay'], `${name}.backoff`, 'a retry policy, such as fullJitter({ attempts: 3 })');
  const budget = options.budget && retryBudget(options.budget);
  return {
    name,
    init: () => ({ budget: budget?.initial ?? 0 }),
    *around(call, scope, { ctx, update, named }) {
      if (budget !== undefined) update((state) => (state.budget = budget.deposit(state.budget)));
      let wait: Micros = 0;
      for (let n = 1; ; n++) {
        try {
          return yield* call({ ...scope, attempt: scope.attempt + n - 1 });
        } catch (error) {
          if (!(error instanceof CallError) || n >= backoff.attempts || backoff.retryable?.(error) === false)
            throw error;
          if (ctx.clock.monotonic >= scope.expires) throw error;
          const paid = budget === undefined || update((state) => withdrawn(state, budget.withdraw(state.budget)));
          if (!paid) {
            ctx.count(named('budget-exhausted'));
            throw error;
          }
          wait = backoff.delay(n, wait, ctx.random);
          if (ctx.clock.monotonic + wait >= scope.expires) throw error;
        }
        ctx.count(named(''));
        if (wait > 0) yield* ctx.sleep(wait);
      }
    },
  };
}

function withdrawn(state: RetryState, level: number | undefined): boolean {
  if (level === undefined) return false;
  state.budget = level;
  return true;
}
