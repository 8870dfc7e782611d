/**
 * Hedged requests: when an answer takes longer than usual the same request goes to another replica, and the first answer wins.
 * (J. Dean, L. A. Barroso, "The Tail at Scale", CACM 2013.) Waiting for the 95th percentile keeps the further load near 5 %, and
 * the tail becomes that of the better of two servers: it helps when slowness is a server's, and not the request's own.
 *
 * Only for what may take effect twice. The loser is cancelled: what it holds here is given back, and a caller that sends
 * cancellations tells its server. A request that fails is hedged at once. A budget keeps hedges from doubling the load when
 * everything is slow, which is when they help least.
 */
import { CallError, ConfigError, parseDuration } from '../../sim/index.ts';
import type { Duration, Flow, Micros } from '../../sim/index.ts';
import { retryBudget, type RetryBudgetOptions } from '../client/retry-budget.ts';
import { latencyQuantile, noteLatency, type LatencyBuckets } from './latency-quantile.ts';
import { expired, type Attempt, type CallScope, type Policy, type PolicyHost } from './policy.ts';

export interface HedgeOptions {
  /** How long to wait for the first answer: a duration, or the quantile (0…1) of the latencies seen so far. Default 0.95. */
  readonly after?: Duration | { readonly quantile: number };
  /** With a quantile: no hedge before so many latencies are known, at least 1. Default 100. */
  readonly learnFrom?: number;
  /** Hedges as a share of the calls. Default `{ share: 0.1, initial: 10 }`. */
  readonly budget?: RetryBudgetOptions;
  /** Default `hedge`. */
  readonly name?: string;
}

export interface HedgeState {
  /** Number of the next call. */
  next: number;
  /** Thousandths of a token. */
  budget: number;
  latencies: LatencyBuckets;
}

/** Counters: `<name>`, requests sent again; `<name> won`, those that were answered first. Throws ConfigError. */
export function hedge(options: HedgeOptions = {}): Policy<HedgeState> {
  const { after = { quantile: 0.95 }, learnFrom = 100, name = 'hedge' } = options;
  const quantile = typeof after === 'object' ? after.quantile : undefined;
  const fixed = typeof after === 'object' ? undefined : parseDuration(after, `${name}.after`);
  if (fixed === undefined && !(quantile !== undefined && quantile > 0 && quantile < 1))
    throw new ConfigError(`${name}.after.quantile`, quantile, 'a share above 0, below 1');
  if (!Number.isInteger(learnFrom) || learnFrom < 1)
    throw new ConfigError(`${name}.learnFrom`, learnFrom, 'a whole number of at least 1');
  const budget = retryBudget(options.budget ?? {});
  const delayOf = ({ latencies }: HedgeState): Micros | undefined =>
    quantile === undefined ? fixed : latencyQuantile(latencies, quantile, learnFrom);
  const paid = (state: HedgeState): boolean => {
    const level = budget.withdraw(state.budget);
    if (level !== undefined) state.budget = level;
    return level !== undefined;
  };
  return {
    name,
    init: () => ({ next: 0, budget: budget.initial, latencies: { counts: [], total: 0 } }),
    *around<T>(call: Attempt<T>, scope: CallScope, host: PolicyHost<HedgeState>): Flow<T> {
      const id = host.update((state) => {
        state.budget = budget.deposit(state.budget);
        return state.next++;
      });
      const delay = delayOf(host.read());
      const pair = new HedgedCall(call, scope, host, host.named(`hurry ${id}`), paid);
      if (delay === undefined) return yield* pair.measured();
      try {
        return yield* host.ctx.any<T>([pair.first(), pair.second(delay)]);
      } catch (error) {
        // A hedge that was not sent has nothing to say.
        throw pair.sent ? error : (pair.failure ?? error);
      }
    },
  };
}

/** One call and its hedge; gone when it has ended. */
class HedgedCall<T> {
  private readonly call: Attempt<T>;
  private readonly scope: CallScope;
  private readonly host: PolicyHost<HedgeState>;
  private readonly hurry: string;
  private readonly paid: (state: HedgeState) => boolean;
  private readonly began: Micros;
  sent = false;
  /** Why the first request failed. */
  failure: unknown = undefined;

  constructor(
    call: Attempt<T>,
    scope: CallScope,
    host: PolicyHost<HedgeState>,
    hurry: string,
    paid: (state: HedgeState) => boolean,
  ) {
    this.call = call;
    this.scope = scope;
    this.host = host;
    this.hurry = hurry;
    this.paid = paid;
    this.began = host.ctx.clock.monotonic;
  }

  /** The first request. Its latency counts, also when it is given up: it would have taken longer still. */
  *measured(): Flow<T> {
    let counts = true;
    try {
      return yield* this.call(this.scope);
    } catch (error) {
      counts = !(error instanceof CallError && error.definite);
      throw error;
    } finally {
      const { ctx, update } = this.host;
      if (counts) update((state) => noteLatency(state.latencies, ctx.clock.monotonic - this.began));
    }
  }

  *first(): Flow<T> {
    try {
      return yield* this.measured();
    } catch (error) {
      this.failure = error;
      this.host.ctx.signal(this.hurry);
      throw error;
    }
  }

  *second(delay: Micros): Flow<T> {
    const { ctx, update, named } = this.host;
    if (this.failure === undefined) {
      try {
        yield* ctx.wait(this.hurry, Math.min(delay, Math.max(0, this.scope.expires - this.began)));
      } catch (error) {
        // It takes too long, as expected.
        if (!(error instanceof CallError)) throw error;
      }
    }
    if (ctx.clock.monotonic >= this.scope.expires) throw expired('no time is left for a hedge');
    if (!update(this.paid)) throw expired('no hedge is left in the budget');
    ctx.count(named(''));
    this.sent = true;
    const answer = yield* this.call({ ...this.scope, attempt: this.scope.attempt + 1 });
    ctx.count(named('won'));
    return answer;
  }
}
