/**
 * A store of counts that several gateways share, as Redis is used for it. It answers one request at a time, so each message
 * is atomic by itself; what a gateway does with two of them is not.
 *
 * Its counts are in memory: a crash loses them. With `afterCrash: 'wait'` it refuses to answer until nothing counts any more
 * of what it had admitted, so that the limit holds across its crashes; what gateways do meanwhile is theirs to choose (fail
 * open or closed).
 */
import { ConfigError, copyOf, defineActor, reject, withFunctions } from '../../sim/index.ts';
import type { Actor, Context, Micros } from '../../sim/index.ts';
import type { Decision } from './gate.ts';
import type { LimiterPolicy } from './policy.ts';

export interface LimitStoreProtocol {
  /** Counts and decides in one step, as a script in the store does (EVAL). */
  admit(payload: { readonly key: string; readonly cost: number }): Decision;
  /** What is kept for the key, and the store's time (GET, TIME). */
  read(payload: { readonly key: string }): { readonly count: unknown; readonly now: Micros };
  /** Replaces it (SET). */
  write(payload: { readonly key: string; readonly count: unknown }): Record<never, never>;
  /** Adds to a plain counter that is dropped `lasts` µs after its first addition, and returns it (INCRBY, EXPIRE). */
  add(payload: { readonly key: string; readonly by: number; readonly lasts: Micros }): { readonly total: number };
}

export interface LimitStoreOptions<S> {
  /** Of `admit`; its memory is also how long a store that has crashed waits. */
  readonly policy: LimiterPolicy<S>;
  /** What to do about counts that a crash has lost. Default `fresh`. */
  readonly afterCrash?: 'fresh' | 'wait';
  /** Counts kept at most; beyond it those that are as good as new are forgotten. Default 10,000. */
  readonly keys?: number;
  /** Default `limit-store`. */
  readonly role?: string;
}

export interface LimitStoreState<S> {
  counts: Map<string, S>;
  totals: Map<string, { total: number; until: Micros }>;
  sweepAt: number;
  blindUntil: Micros;
}

/** The actor. Throws ConfigError. */
export function limitStore<S>(options: LimitStoreOptions<S>): Actor<LimitStoreState<S>, LimitStoreProtocol> {
  const { policy, afterCrash = 'fresh', keys = 10_000 } = options;
  withFunctions(policy, ['init', 'admit'], 'limitStore.policy', 'one such as tokenBucket({ rate: 10 })');
  if (!Number.isInteger(keys) || keys < 1)
    throw new ConfigError('limitStore.keys', keys, 'a whole number of at least 1');
  if (afterCrash !== 'fresh' && afterCrash !== 'wait')
    throw new ConfigError('limitStore.afterCrash', afterCrash, '"fresh" or "wait"');
  const boot = (blindUntil: Micros): LimitStoreState<S> => ({
    counts: new Map(),
    totals: new Map(),
    sweepAt: keys,
    blindUntil,
  });

  /** The store's time. Throws while it does not know its counts. */
  const ready = (state: LimitStoreState<S>, ctx: Context<LimitStoreState<S>>): Micros => {
    const now = ctx.clock.monotonic;
    if (now < state.blindUntil) throw reject('counts-lost', `${ctx.self.id} has lost its counts`);
    if (state.counts.size + state.totals.size >= state.sweepAt) {
      for (const [key, count] of [...state.counts]) if (policy.idle(count, now)) state.counts.delete(key);
      for (const [key, { until }] of [...state.totals]) if (until <= now) state.totals.delete(key);
      state.sweepAt = Math.max(keys, (state.counts.size + state.totals.size) * 2);
    }
    return now;
  };

  return defineActor<LimitStoreState<S>, LimitStoreProtocol>({
    role: options.role ?? 'limit-store',
    init: () => boot(0),
    recover: (_disk, ctx) => boot(afterCrash === 'wait' ? ctx.clock.monotonic + policy.memory : 0),
    on: {
      admit(state, { key, cost }, ctx) {
        const now = ready(state, ctx);
        if (!state.counts.has(key)) state.counts.set(key, policy.init(now));
        return { ...policy.admit(state.counts.get(key) as S, now, cost), limit: policy.limit };
      },
      read(state, { key }, ctx) {
        const now = ready(state, ctx);
        return { count: copyOf(state.counts.get(key)), now };
      },
      write(state, { key, count }, ctx) {
        ready(state, ctx);
        state.counts.set(key, copyOf(count) as S);
        return {};
      },
      add(state, { key, by, lasts }, ctx) {
        const now = ready(state, ctx);
        const kept = state.totals.get(key);
        const live = kept !== undefined && kept.until > now ? kept : { total: 0, until: now + lasts };
        state.totals.set(key, { total: live.total + by, until: live.until });
        return { total: live.total + by };
      },
    },
  });
}
