/**
 * A rate limiter as a proxy in front of a service of any protocol: each request is admitted and passed on, or refused with
 * `rate-limited` and the time after which it would pass. Refusals are definite: nothing has happened.
 *
 * Time is the node's monotonic clock, so a step of the wall clock neither opens nor closes the gate. A crash forgets every count,
 * and the first moments after a restart may admit a full burst again; gateways that each run their own limiter admit the sum.
 */
import { ConfigError, defineActor, parseDuration, reject } from '../../sim/index.ts';
import type { Actor, Context, Duration, Flow, Micros, NodeRef } from '../../sim/index.ts';
import type { Admission, LimiterPolicy } from './policy.ts';

export interface LimiterOptions<P, S> {
  readonly target: NodeRef<P>;
  readonly policy: LimiterPolicy<S>;
  /** Whose count a request goes to: user, address, route. Default: one count for all. */
  readonly keyOf?: (message: string, payload: unknown) => string;
  /** Tokens that a request takes: a whole number of at least 1. Default 1. */
  readonly costOf?: (message: string, payload: unknown) => number;
  /** Messages that are passed on uncounted. Default: `health`. */
  readonly exempt?: readonly string[];
  /** For the call to the service. Default 30 s: the caller's own deadline decides. */
  readonly deadline?: Duration;
  /** Soft: count and let pass what is over the limit. Default false. */
  readonly soft?: boolean;
  /** Counts kept at most; beyond it those that are as good as new are forgotten. Default 10,000. */
  readonly keys?: number;
  /** Default `limiter`. */
  readonly role?: string;
}

export interface LimiterState<S> {
  counts: Map<string, S>;
  /** Idle counts are looked for when there are this many. */
  sweepAt: number;
}

/** Detail of a `rate-limited` refusal, as the usual headers. */
export interface RateLimited {
  readonly limit: number;
  readonly remaining: number;
  readonly retryAfter: Micros;
}

/** The actor. Counters: admitted, limited. */
export function limiter<P, S>(options: LimiterOptions<P, S>): Actor<LimiterState<S>, P> {
  const { target, policy, keyOf, costOf, soft = false, keys = 10_000 } = options;
  const deadline = parseDuration(options.deadline ?? '30s', 'limiter.deadline');
  const exempt = new Set(options.exempt ?? ['health']);
  if (!Number.isInteger(keys) || keys < 1) throw new ConfigError('limiter.keys', keys, 'a whole number of at least 1');

  const admit = (ctx: Context<LimiterState<S>>, message: string, payload: unknown): Admission => {
    const key = keyOf?.(message, payload) ?? '';
    const cost = costOf?.(message, payload) ?? 1;
    const now = ctx.clock.monotonic;
    return ctx.update((state) => {
      if (!state.counts.has(key)) {
        if (state.counts.size >= state.sweepAt) sweep(state, policy, now, keys);
        state.counts.set(key, policy.init(now));
      }
      return policy.admit(state.counts.get(key) as S, now, cost);
    });
  };

  const actor: Actor<LimiterState<S>, Record<never, never>> = {
    role: options.role ?? 'limiter',
    init: () => ({ counts: new Map(), sweepAt: keys }),
    *forward(message, payload, ctx): Flow<unknown> {
      if (!exempt.has(message)) {
        const { admitted, remaining, retryAfter } = admit(ctx, message, payload);
        ctx.count(admitted ? 'admitted' : 'limited');
        if (!admitted && !soft) {
          const detail: RateLimited = { limit: policy.limit, remaining, retryAfter };
          throw reject('rate-limited', `${ctx.self.id} is over its limit of ${policy.limit}`, detail);
        }
      }
      return yield* ctx.forward(target as NodeRef, message, payload, { deadline });
    },
  };
  return defineActor(actor) as unknown as Actor<LimiterState<S>, P>;
}

/** Forgets idle counts; looks again when the rest has doubled, so that the work per request stays constant. */
function sweep<S>(state: LimiterState<S>, policy: LimiterPolicy<S>, now: Micros, keys: number): void {
  for (const [key, count] of [...state.counts]) if (policy.idle(count, now)) state.counts.delete(key);
  state.sweepAt = Math.max(keys, state.counts.size * 2);
}
