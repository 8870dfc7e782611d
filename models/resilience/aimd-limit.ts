/**
 * Additive increase, multiplicative decrease, as in TCP (Chiu and Jain, 1989) and Netflix's concurrency-limits (AIMDLimit): one more
 * call in progress after each good answer while at least half of the limit is in use, `backoff` times as many after one that failed or took
 * longer than `timeout`. Several callers of one callee come to equal shares.
 */
import { ConfigError, parseDuration } from '../../sim/index.ts';
import type { Duration } from '../../sim/index.ts';
import { checkedBounds, type AdaptiveBounds, type ConcurrencyLimit } from './concurrency-limit.ts';

export interface AimdLimitOptions extends AdaptiveBounds {
  /** Factor of a decrease, from 0.5, below 1. Default 0.9. */
  readonly backoff?: number;
  /** A call that took longer counts as failed. Default 5 s. */
  readonly timeout?: Duration;
}

/** Throws ConfigError. */
export function aimdLimit(options: AimdLimitOptions = {}): ConcurrencyLimit<{ limit: number }> {
  const { initial, min, max } = checkedBounds(options);
  const { backoff = 0.9 } = options;
  if (!(backoff >= 0.5 && backoff < 1)) throw new ConfigError('limit.backoff', backoff, 'a factor from 0.5, below 1');
  const timeout = parseDuration(options.timeout ?? '5s', 'limit.timeout');
  return {
    name: 'aimd',
    init: () => ({ limit: initial }),
    current: ({ limit }) => Math.floor(limit),
    ended(state, { ok, latency }, inFlight) {
      if (!ok || latency > timeout) state.limit = Math.max(min, state.limit * backoff);
      else if (inFlight * 2 >= state.limit) state.limit = Math.min(max, state.limit + 1);
    },
  };
}
