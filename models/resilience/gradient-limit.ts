/**
 * A concurrency limit from latencies alone: Netflix's Gradient2 (concurrency-limits). When a call takes longer than the long-term mean
 * (times a tolerance), calls must be queueing, and the limit shrinks by that gradient; otherwise it grows by the queue that
 * is thought harmless. So overload is met before anything fails.
 *
 * limit' = (1 − smoothing) · limit + smoothing · (limit · max(½, min(1, tolerance · long / short)) + queue)
 */
import { ConfigError } from '../../sim/index.ts';
import { atLeastOne, checkedBounds, type AdaptiveBounds, type ConcurrencyLimit } from './concurrency-limit.ts';

export interface GradientLimitOptions extends AdaptiveBounds {
  /** Latency may rise to so many times the long-term mean, at least 1. Default 1.5. */
  readonly tolerance?: number;
  /** Calls that may queue, at least 1. Default 4. */
  readonly queue?: number;
  /** Weight of the newest, above 0, at most 1. Default 0.2. */
  readonly smoothing?: number;
  /** Calls in the long-term mean, at least 1. Default 600. */
  readonly longWindow?: number;
}

export interface GradientLimitState {
  limit: number;
  /** Mean latency, µs: plain over the first calls, then exponentially weighted. */
  long: number;
  seen: number;
}

const WARM_UP = 10;

/** Throws ConfigError. */
export function gradientLimit(options: GradientLimitOptions = {}): ConcurrencyLimit<GradientLimitState> {
  const { initial, min, max } = checkedBounds(options);
  const { tolerance = 1.5, queue = 4, smoothing = 0.2, longWindow = 600 } = options;
  if (!(tolerance >= 1)) throw new ConfigError('limit.tolerance', tolerance, 'a factor of at least 1');
  if (!(smoothing > 0 && smoothing <= 1))
    throw new ConfigError('limit.smoothing', smoothing, 'a weight above 0, at most 1');
  atLeastOne(queue, 'limit.queue');
  const weight = 2 / (atLeastOne(longWindow, 'limit.longWindow') + 1);
  return {
    name: 'gradient',
    init: () => ({ limit: initial, long: 0, seen: 0 }),
    current: ({ limit }) => Math.floor(limit),
    ended(state, { ok, latency }, inFlight) {
      // A failure's latency says how long somebody waited, not how long it takes.
      if (!ok || latency === 0) return;
      state.seen++;
      state.long += (latency - state.long) * (state.seen <= WARM_UP ? 1 / state.seen : weight);
      // Load has fallen after a while of queueing: the mean must not remember that for long.
      if (state.long > 2 * latency) state.long *= 0.95;
      if (inFlight < state.limit / 2) return;
      const gradient = Math.max(0.5, Math.min(1, (tolerance * state.long) / latency));
      const next = state.limit * gradient + queue;
      state.limit = Math.max(min, Math.min(max, state.limit + smoothing * (next - state.limit)));
    },
  };
}
