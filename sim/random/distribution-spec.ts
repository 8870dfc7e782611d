/**
 * Distributions of durations, as plain data: written in scenarios and files, printed in results, read back. `compile` in
 * sampler.ts turns them into something to draw from.
 *
 * Wherever a distribution is expected a bare duration stands for a constant: `latency: '5ms'`.
 */
import type { Duration } from '../base/time.ts';

/** Always `value`. */
export interface Constant {
  readonly kind: 'constant';
  readonly value: Duration;
}

/** Anywhere from `min` to `max`, all equally likely. */
export interface Uniform {
  readonly kind: 'uniform';
  readonly min: Duration;
  readonly max: Duration;
}

/** Memoryless, with a mean above 0: times between independent arrivals. */
export interface Exponential {
  readonly kind: 'exponential';
  readonly mean: Duration;
}

/**
 * The logarithm is normal: the usual shape of service times and latencies. Given by its median and the standard deviation of the
 * logarithm (0…10), or by its mean and 99th percentile; the latter is at most 14.97 times the mean, the most that the family
 * allows.
 */
export type LogNormal =
  | { readonly kind: 'logNormal'; readonly median: Duration; readonly sigma: number }
  | { readonly kind: 'logNormal'; readonly mean: Duration; readonly p99: Duration };

/**
 * Heavy tail: P(X > x) = (scale / x)^alpha from `scale` on, alpha 0.05…100. The mean is infinite for alpha ≤ 1, the variance for
 * alpha ≤ 2. With `max` it is the bounded Pareto: the same law, given that it stays below `max`.
 */
export interface Pareto {
  readonly kind: 'pareto';
  readonly scale: Duration;
  readonly alpha: number;
  readonly max?: Duration;
}

/** Measured quantiles, from [0, least] to [1, greatest], and straight lines between them. Both columns ascend. */
export interface Empirical {
  readonly kind: 'empirical';
  readonly points: readonly (readonly [quantile: number, value: Duration])[];
}

/** One of several distributions, each with a probability proportional to its weight. */
export interface Mixture {
  readonly kind: 'mixture';
  readonly parts: readonly { readonly weight: number; readonly of: DistributionSpec | Duration }[];
}

/** The sum of k exponential phases (k is 1…1000): less variable than one; its standard deviation is mean / √k. */
export interface Erlang {
  readonly kind: 'erlang';
  readonly k: number;
  readonly mean: Duration;
}

/** The bell curve, given that it is not negative: with a mean under three `sd` the cut raises the mean noticeably. */
export interface Normal {
  readonly kind: 'normal';
  readonly mean: Duration;
  readonly sd: Duration;
}

/** `by` added to each value of another distribution: the floor that physics sets. */
export interface Shifted {
  readonly kind: 'shifted';
  readonly by: Duration;
  readonly of: DistributionSpec | Duration;
}

/** A distribution of durations, as JSON. */
export type DistributionSpec =
  Constant | Uniform | Exponential | LogNormal | Pareto | Empirical | Mixture | Erlang | Normal | Shifted;

/** What callers may write: a distribution, or a duration for a constant. */
export type Distribution = DistributionSpec | Duration;
