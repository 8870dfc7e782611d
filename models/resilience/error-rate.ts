/**
 * Opens when the share of failed, or of slow, calls in a sliding window reaches a threshold: the rules of resilience4j's CircuitBreaker,
 * with its defaults. The window is the last `size` calls (count based) or the last `size` seconds (time based, in one-second slots).
 * Nothing is judged before `minimumCalls` calls are in the window (a count-based window cannot ask for more than it holds).
 * Probes are judged by the same thresholds.
 */
import { ConfigError, oneOf, parseDuration, s } from '../../sim/index.ts';
import type { Duration, Micros } from '../../sim/index.ts';
import type { Ending } from './policy.ts';
import type { TripRule } from './trip-rule.ts';
import { countIn, emptyCounts, type WindowCounts } from './window-counts.ts';

export interface ErrorRateOptions {
  /** `count`: the last `size` calls; `time`: the last `size` seconds. Default `count`. */
  readonly window?: 'count' | 'time';
  /** Calls or seconds, at least 1. Default 100. */
  readonly size?: number;
  /** At least 1. Default 100. */
  readonly minimumCalls?: number;
  /** Share of failed calls at which it opens, above 0, at most 1. Default 0.5. */
  readonly failureRate?: number;
  /** Share of slow calls at which it opens, above 0, at most 1. Default 1. */
  readonly slowRate?: number;
  /** A call is slow when it took longer. Default 60 s. */
  readonly slowAfter?: Duration;
}

export interface ErrorRateState {
  /** Count based: the last calls as bits (1 failed, 2 slow), the oldest at `oldest` once it is full. */
  calls: number[];
  oldest: number;
  /** Time based: all, failed, slow. */
  counts: WindowCounts;
  all: number;
  failed: number;
  slow: number;
}

const ALL = 0;
const FAILED = 1;
const SLOW = 2;
const SLOT = s(1);

/** Throws ConfigError. */
export function errorRate(options: ErrorRateOptions = {}): TripRule<ErrorRateState> {
  const { size = 100, failureRate = 0.5, slowRate = 1 } = options;
  const window = oneOf(options.window ?? 'count', ['count', 'time'], 'breaker.window');
  const slowAfter = parseDuration(options.slowAfter ?? s(60), 'breaker.slowAfter');
  const atLeastOne = (value: number, field: string): number => {
    if (Number.isInteger(value) && value >= 1) return value;
    throw new ConfigError(field, value, 'a whole number of at least 1');
  };
  atLeastOne(size, 'breaker.size');
  const asked = atLeastOne(options.minimumCalls ?? 100, 'breaker.minimumCalls');
  const minimum = window === 'count' ? Math.min(size, asked) : asked;
  for (const [field, share] of Object.entries({ failureRate, slowRate })) {
    if (!(share > 0 && share <= 1)) throw new ConfigError(`breaker.${field}`, share, 'a share above 0, at most 1');
  }
  const tooMany = (all: number, failed: number, slow: number): boolean =>
    failed >= failureRate * all || slow >= slowRate * all;
  return {
    name: `error-rate by ${window}`,
    init: () => ({
      calls: [],
      oldest: 0,
      counts: emptyCounts(window === 'time' ? size : 0, 3),
      all: 0,
      failed: 0,
      slow: 0,
    }),
    opens(state, ending) {
      if (window === 'count') noteCall(state, size, ending, slowAfter);
      else noteInTime(state, ending, slowAfter);
      return state.all >= minimum && tooMany(state.all, state.failed, state.slow);
    },
    failsAgain: ({ all, failed, slow }, left) => left === 0 && tooMany(all, failed, slow),
    isSlow: (latency) => latency > slowAfter,
  };
}

function noteCall(state: ErrorRateState, size: number, { ok, latency }: Ending, slowAfter: Micros): void {
  const bits = (ok ? 0 : FAILED) + (latency > slowAfter ? SLOW : 0);
  if (state.calls.length < size) {
    state.calls.push(bits);
    state.all++;
  } else {
    const gone = state.calls[state.oldest] as number;
    state.failed -= gone & FAILED;
    state.slow -= gone >> 1;
    state.calls[state.oldest] = bits;
    state.oldest = (state.oldest + 1) % size;
  }
  state.failed += bits & FAILED;
  state.slow += bits >> 1;
}

function noteInTime(state: ErrorRateState, { ok, latency, now }: Ending, slowAfter: Micros): void {
  countIn(state.counts, ALL, now, SLOT);
  if (!ok) countIn(state.counts, FAILED, now, SLOT);
  if (latency > slowAfter) countIn(state.counts, SLOW, now, SLOT);
  [state.all, state.failed, state.slow] = state.counts.sums as [number, number, number];
}
