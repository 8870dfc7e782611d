/**
 * Fixed window counter: time is cut into windows of equal length, each with a count that starts at 0; a request is refused
 * when the count of the present window would pass the limit. One number a key, and what Redis's INCR with EXPIRE gives for
 * nothing (Lyft's and Envoy's ratelimit service counts so).
 *
 * It promises at most `limit` in each of *its* windows. Windows begin at multiples of their length, whatever the traffic
 * does, and that is its weakness: a burst across an edge takes the limit of both sides, so that a window which begins
 * anywhere may see `2 · limit`, all of them within an instant.
 */
import { NEVER } from '../../sim/index.ts';
import type { Micros } from '../../sim/index.ts';
import type { LimiterPolicy } from './policy.ts';
import { readWindow, type WindowOptions } from './window-options.ts';

export interface FixedWindowState {
  /** Number of the window that `count` belongs to. */
  window: number;
  count: number;
}

/** Throws ConfigError. */
export function fixedWindow(options: WindowOptions): LimiterPolicy<FixedWindowState> {
  const { limit, window } = readWindow(options, 'fixedWindow');
  const numberAt = (now: Micros): number => Math.floor(now / window);
  const countAt = (state: FixedWindowState, now: Micros): number => (state.window === numberAt(now) ? state.count : 0);
  const endAfter = (now: Micros): Micros => (numberAt(now) + 1) * window - now;
  return {
    name: 'fixed-window',
    limit,
    memory: window,
    init: (now) => ({ window: numberAt(now), count: 0 }),
    admit(state, now, cost) {
      const count = countAt(state, now);
      const admitted = count + cost <= limit;
      if (admitted) {
        state.window = numberAt(now);
        state.count = count + cost;
      }
      return {
        admitted,
        remaining: limit - count - (admitted ? cost : 0),
        retryAfter: admitted ? 0 : cost > limit ? NEVER : endAfter(now),
        delay: 0,
        resetAfter: admitted || count > 0 ? endAfter(now) : 0,
      };
    },
    idle: (state, now) => countAt(state, now) === 0,
  };
}
