/**
 * Leaking bucket, as a queue: requests wait in a queue of limited length and leave it one by one at a steady rate; one that finds
 * the queue full is refused (J. Turner, 1986; NGINX's limit_req with `burst`, Shopify's REST API).
 *
 * It promises an even flow behind it: requests leave at least per / rate apart (rounded to whole microseconds), so at most
 * ⌈rate · (t + 1) / per⌉ in any stretch of t µs. The token bucket lets a burst through at once; this one spreads it, and every
 * request but the first pays with its time for it. When old requests fill the queue, recent ones are refused.
 *
 * Who waits is decided on arrival, since the queue is first come first served: `delay` says how long. The level is what has not
 * leaked yet, in the same whole parts as a token bucket's, so nothing is rounded but the instant of leaving, upwards.
 */
import { ConfigError, NEVER, parseDuration } from '../../sim/index.ts';
import type { Duration, Micros } from '../../sim/index.ts';
import type { LimiterPolicy } from './policy.ts';

export interface LeakingBucketOptions {
  /** Requests of cost 1 that leave in each `per`: a whole number of at least 1. */
  readonly rate: number;
  /** Default 1 s. */
  readonly per?: Duration;
  /** Places in the queue, not counting the request that leaves at once: a whole number of at least 0. Default `rate`. */
  readonly queue?: number;
}

export interface LeakingBucketState {
  /** Parts of a request that have not leaked. */
  level: number;
  /** When `level` was right. */
  at: Micros;
}

/** Throws ConfigError. */
export function leakingBucket(options: LeakingBucketOptions): LimiterPolicy<LeakingBucketState> {
  const { rate, queue = rate } = options;
  const request = parseDuration(options.per ?? '1s', 'leakingBucket.per');
  if (request < 1) throw new ConfigError('leakingBucket.per', request, 'a duration above 0');
  if (!Number.isInteger(rate) || rate < 1)
    throw new ConfigError('leakingBucket.rate', rate, 'a whole number of requests of at least 1');
  const full = (queue + 1) * request;
  if (!Number.isInteger(queue) || queue < 0 || full > NEVER) {
    const most = Math.floor(NEVER / request) - 1;
    throw new ConfigError('leakingBucket.queue', queue, `a whole number of places from 0 to ${most}`);
  }
  const untilEmpty = Math.ceil(full / rate);
  const levelAt = ({ level, at }: LeakingBucketState, now: Micros): number => {
    const passed = now - at;
    // Compared before multiplying: after a long time the product would not be exact any more.
    return passed >= untilEmpty ? 0 : Math.max(0, level - passed * rate);
  };
  return {
    name: 'leaking-bucket',
    limit: queue + 1,
    memory: untilEmpty,
    init: (now) => ({ level: 0, at: now }),
    admit(state, now, cost) {
      const level = levelAt(state, now);
      const filled = level + cost * request;
      const admitted = filled <= full;
      if (admitted) {
        state.level = filled;
        state.at = now;
      }
      const after = admitted ? filled : level;
      return {
        admitted,
        remaining: Math.floor((full - after) / request),
        retryAfter: admitted ? 0 : cost * request > full ? NEVER : Math.ceil((filled - full) / rate),
        delay: admitted ? Math.ceil(level / rate) : 0,
        resetAfter: Math.ceil(after / rate),
      };
    },
    idle: (state, now) => levelAt(state, now) === 0,
  };
}
