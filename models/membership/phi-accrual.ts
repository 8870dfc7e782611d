/**
 * The φ accrual failure detector (Hayashibara, Défago, Yared and Katayama, SRDS 2004). It keeps the gaps between the latest signs of
 * life and asks how likely a gap as long as the present one would be if nothing were wrong: φ = −log₁₀ P(a gap is longer). Who suspects
 * at φ = 1 is wrong about one gap in ten, at φ = 8 about one in 10⁸, as far as gaps keep to the law that is assumed: normal in
 * the paper and in Akka, exponential in Cassandra, which has no use for a deviation and is far more patient at the same φ.
 *
 * It promises to adapt: a link that becomes slower, or more uneven, is given more time by itself. It does not see a change coming: gaps
 * that suddenly grow are suspected until the window has learned them.
 */
import { ConfigError, maths, parseDuration, type Duration, type Micros } from '../../sim/index.ts';
import type { FailureDetector } from './failure-detector.ts';
import { lnNormalTail } from './normal-tail.ts';

export interface PhiAccrualOptions {
  /** φ from which on it suspects; above 0. Default 8, as in Akka and Cassandra. */
  readonly threshold?: number;
  /** Gaps that it remembers, at least 1. Default 1000. */
  readonly window?: number;
  /** The law that gaps are taken to follow. Default `normal`. */
  readonly law?: 'normal' | 'exponential';
  /** The gap that is expected before any has been seen; above 0. It counts as two samples, a quarter less and a quarter more. Default 1 s. */
  readonly firstGap?: Duration;
  /** A deviation below this is taken for this, so that very even gaps do not make it jumpy; above 0. Normal law only. Default 100 ms. */
  readonly minDeviation?: Duration;
  /** Added to the mean: a pause, as for garbage collection, that is not yet suspicious. Default 0. */
  readonly acceptablePause?: Duration;
}

export interface PhiAccrualState {
  /** When a sign of life came last. */
  last: Micros;
  /** The latest gaps, µs; when there are `window` of them the one at `oldest` is written over. */
  gaps: number[];
  oldest: number;
  sum: number;
  /** Of the squares, ms². */
  squares: number;
}

const LN10 = maths.ln(10);

/** Above 0, or ConfigError. */
function positive(value: Duration, field: string): Micros {
  const parsed = parseDuration(value, `phiAccrual.${field}`);
  if (parsed < 1) throw new ConfigError(`phiAccrual.${field}`, value, 'a duration above 0');
  return parsed;
}

function add(state: PhiAccrualState, gap: number, window: number): void {
  if (state.gaps.length < window) state.gaps.push(gap);
  else {
    const gone = state.gaps[state.oldest] as number;
    state.sum -= gone;
    state.squares -= (gone / 1000) * (gone / 1000);
    state.gaps[state.oldest] = gap;
    state.oldest = (state.oldest + 1) % window;
  }
  state.sum += gap;
  state.squares += (gap / 1000) * (gap / 1000);
}

/** Its level is φ. Throws ConfigError. */
export function phiAccrual(options: PhiAccrualOptions = {}): FailureDetector<PhiAccrualState> {
  const { threshold = 8, window = 1000, law = 'normal' } = options;
  if (!(threshold > 0 && threshold < Infinity))
    throw new ConfigError('phiAccrual.threshold', threshold, 'a number above 0');
  if (!Number.isSafeInteger(window) || window < 1)
    throw new ConfigError('phiAccrual.window', window, 'a whole number of at least 1');
  if (law !== 'normal' && law !== 'exponential')
    throw new ConfigError('phiAccrual.law', law, '"normal" or "exponential"');
  const firstGap = positive(options.firstGap ?? '1s', 'firstGap');
  const minDeviation = positive(options.minDeviation ?? '100ms', 'minDeviation');
  const pause = parseDuration(options.acceptablePause ?? 0, 'phiAccrual.acceptablePause');

  const phi = ({ gaps, sum, squares }: PhiAccrualState, silence: number): number => {
    const mean = sum / gaps.length + pause;
    if (law === 'exponential') return silence / mean / LN10;
    const average = sum / gaps.length / 1000;
    const deviation = maths.sqrt(Math.max(0, squares / gaps.length - average * average)) * 1000;
    return -lnNormalTail((silence - mean) / Math.max(deviation, minDeviation)) / LN10;
  };
  return {
    name: `phi-accrual (${law})`,
    threshold,
    watch(now) {
      const state = { last: now, gaps: [], oldest: 0, sum: 0, squares: 0 };
      add(state, firstGap * 0.75, window);
      add(state, firstGap * 1.25, window);
      return state;
    },
    heard(state, now) {
      const gap = now - state.last;
      if (gap > 0) add(state, gap, window);
      state.last = now;
    },
    level: (state, now) => Math.max(0, phi(state, Math.max(0, now - state.last))),
  };
}
