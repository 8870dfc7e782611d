/**
 * Sliding window counter: two fixed windows stand for one that slides. What the past window had is taken as evenly spread, so
 * that the share of it which still lies within the last `window` counts: previous · (window − elapsed) / window + current
 * (Cloudflare, "How we built rate limiting capable of scaling to millions of domains", 2017: 0.003 % of 400 million requests
 * were wrongly allowed or limited). Two numbers a key.
 *
 * Since traffic is not even it promises less than a log: in any stretch of t ≤ `window` at most limit · (1 + t / window),
 * which for a whole window is 2 · limit − 1, and in any time what a token bucket of that burst and rate promises. A burst
 * across an edge therefore gets the limit once, not twice.
 *
 * The sum is compared exactly, in whole microseconds times requests. `rounding: 'down'` drops its fraction first, as some do
 * (A. Xu, "System Design Interview", 2020: 3 + 5 · 0.7 = 6.5 lets a seventh pass); that adds 1 to each of the bounds.
 */
import { NEVER, oneOf } from '../../sim/index.ts';
import type { Micros } from '../../sim/index.ts';
import type { LimiterPolicy } from './policy.ts';
import { readWindow, type WindowOptions } from './window-options.ts';

/** `limit` times `window` is at most 2^52 µs. */
export interface SlidingWindowCounterOptions extends WindowOptions {
  /** What becomes of the fraction of the estimate. Default `none`: it counts. */
  readonly rounding?: 'none' | 'down';
}

export interface SlidingWindowCounterState {
  /** Number of the window that `current` belongs to. */
  window: number;
  previous: number;
  current: number;
}

/** Requests in the last `window` as estimated `elapsed` after the beginning of the current one: 3 + 5 · 0.7 = 6.5. */
export const slidingWindowEstimate = (previous: number, current: number, elapsed: Micros, window: Micros): number =>
  (previous * (window - elapsed) + current * window) / window;

/** Throws ConfigError. */
export function slidingWindowCounter(options: SlidingWindowCounterOptions): LimiterPolicy<SlidingWindowCounterState> {
  const { limit, window } = readWindow(options, 'slidingWindowCounter', (length) => Math.floor(NEVER / length));
  const down = oneOf(options.rounding ?? 'none', ['none', 'down'], 'slidingWindowCounter.rounding') === 'down';
  /** What previous · (window − elapsed) may be at most with `spare` requests to go to the limit. */
  const room = (spare: number): number => (down ? (spare + 1) * window - 1 : spare * window);

  const at = (state: SlidingWindowCounterState, now: Micros): SlidingWindowCounterState => {
    const number = Math.floor(now / window);
    const { previous, current } = state;
    if (number === state.window) return { window: number, previous, current };
    return { window: number, previous: number === state.window + 1 ? current : 0, current: 0 };
  };
  const remaining = ({ previous, current }: SlidingWindowCounterState, elapsed: Micros): number => {
    const carried = (previous * (window - elapsed)) / window;
    return Math.max(0, limit - current - (down ? Math.floor(carried) : Math.ceil(carried)));
  };
  const resetAfter = ({ previous, current }: SlidingWindowCounterState, elapsed: Micros): Micros =>
    current > 0 ? 2 * window - elapsed : previous > 0 ? window - elapsed : 0;

  /** The estimate only falls while nobody asks: within this window, and then within the next, where `current` is what fades. */
  const retryAfter = (seen: SlidingWindowCounterState, elapsed: Micros, cost: number): Micros => {
    if (cost > limit) return NEVER;
    const { previous, current } = seen;
    const spare = limit - current - cost;
    if (spare >= 0) {
      const enough = window - Math.floor(room(spare) / previous);
      if (enough < window) return enough - elapsed;
    }
    const next = current === 0 ? 0 : Math.max(0, window - Math.floor(room(limit - cost) / current));
    return window - elapsed + next;
  };

  return {
    name: 'sliding-window-counter',
    limit,
    memory: 2 * window,
    init: (now) => ({ window: Math.floor(now / window), previous: 0, current: 0 }),
    admit(state, now, cost) {
      const seen = at(state, now);
      const elapsed = now - seen.window * window;
      const admitted = seen.previous * (window - elapsed) <= room(limit - seen.current - cost);
      if (admitted) {
        seen.current += cost;
        Object.assign(state, seen);
      }
      return {
        admitted,
        remaining: remaining(seen, elapsed),
        retryAfter: admitted ? 0 : retryAfter(seen, elapsed, cost),
        delay: 0,
        resetAfter: resetAfter(seen, elapsed),
      };
    },
    idle(state, now) {
      const { previous, current } = at(state, now);
      return previous === 0 && current === 0;
    },
  };
}
