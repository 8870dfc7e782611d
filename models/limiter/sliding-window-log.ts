/**
 * Sliding window log: the instant of every admitted request is kept until it is a window old, and a request is refused when as
 * many as the limit are younger than that.
 *
 * It promises at most `limit` in *any* window of that length, the only one of its group that does. The price is memory: as many
 * instants as the limit, for each key. (As with a sorted set in Redis, ZREMRANGEBYSCORE, ZCARD, ZADD; unlike the version that
 * adds first and counts then, a refused request is not kept: it would shut out whoever goes on asking for ever.)
 */
import { NEVER } from '../../sim/index.ts';
import type { Micros } from '../../sim/index.ts';
import type { LimiterPolicy } from './policy.ts';
import { readWindow, type WindowOptions } from './window-options.ts';

export interface SlidingWindowLogState {
  /** When what counts was admitted, the oldest first; a request of cost 3 is there three times. */
  log: Micros[];
}

/** Throws ConfigError. */
export function slidingWindowLog(options: WindowOptions): LimiterPolicy<SlidingWindowLogState> {
  const { limit, window } = readWindow(options, 'slidingWindowLog');
  /** The first entry that still counts: one that is a whole window old does not. */
  const firstAt = (log: readonly Micros[], now: Micros): number => {
    let low = 0;
    let high = log.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((log[middle] as Micros) + window <= now) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  const resetAfter = (log: readonly Micros[], now: Micros): Micros =>
    Math.max(0, (log.at(-1) ?? -window) + window - now);
  return {
    name: 'sliding-window-log',
    limit,
    memory: window,
    init: () => ({ log: [] }),
    admit(state, now, cost) {
      const { log } = state;
      const first = firstAt(log, now);
      const live = log.length - first;
      if (live + cost > limit) {
        // It passes when so many of the oldest have gone that there is room for all of it.
        const last = log[first + live + cost - limit - 1];
        const retryAfter = last === undefined ? NEVER : last + window - now;
        return { admitted: false, remaining: limit - live, retryAfter, delay: 0, resetAfter: resetAfter(log, now) };
      }
      log.splice(0, first);
      for (let i = 0; i < cost; i++) log.push(now);
      return { admitted: true, remaining: limit - live - cost, retryAfter: 0, delay: 0, resetAfter: window };
    },
    idle: ({ log }, now) => firstAt(log, now) === log.length,
  };
}
