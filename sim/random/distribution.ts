/** Constructors of distributions. Each checks its input, throws ConfigError, and returns plain data in whole microseconds. */
import type { Duration } from '../base/time.ts';
import type {
  DistributionSpec,
  Empirical,
  Erlang,
  Exponential,
  LogNormal,
  Mixture,
  Normal,
  Pareto,
  Shifted,
} from './distribution-spec.ts';
import { toDistribution } from './parse-distribution.ts';

type Fields<T> = T extends unknown ? Omit<T, 'kind'> : never;

/** Always `value`. */
export const constant = (value: Duration): DistributionSpec => toDistribution({ kind: 'constant', value }, 'constant');

/** Anywhere from `min` to `max`. */
export const uniform = (min: Duration, max: Duration): DistributionSpec =>
  toDistribution({ kind: 'uniform', min, max }, 'uniform');

/** `exponential({ mean: '10ms' })`. */
export const exponential = (fields: Fields<Exponential>): DistributionSpec =>
  toDistribution({ kind: 'exponential', ...fields }, 'exponential');

/** `logNormal({ median: '2ms', sigma: 0.5 })` or `logNormal({ mean: '3ms', p99: '20ms' })`. */
export const logNormal = (fields: Fields<LogNormal>): DistributionSpec =>
  toDistribution({ kind: 'logNormal', ...fields }, 'logNormal');

/** `pareto({ scale: '1ms', alpha: 1.5, max: '10s' })`. */
export const pareto = (fields: Fields<Pareto>): DistributionSpec =>
  toDistribution({ kind: 'pareto', ...fields }, 'pareto');

/** `empirical([[0, '1ms'], [0.5, '3ms'], [0.99, '20ms'], [1, '90ms']])`. */
export const empirical = (points: Empirical['points']): DistributionSpec =>
  toDistribution({ kind: 'empirical', points }, 'empirical');

/** `mixture([{ weight: 95, of: exponential({ mean: '2ms' }) }, { weight: 5, of: '200ms' }])`. */
export const mixture = (parts: Mixture['parts']): DistributionSpec =>
  toDistribution({ kind: 'mixture', parts }, 'mixture');

/** `erlang({ k: 4, mean: '10ms' })`. */
export const erlang = (fields: Fields<Erlang>): DistributionSpec =>
  toDistribution({ kind: 'erlang', ...fields }, 'erlang');

/** `normal({ mean: '10ms', sd: '2ms' })`. */
export const normal = (fields: Fields<Normal>): DistributionSpec =>
  toDistribution({ kind: 'normal', ...fields }, 'normal');

/** `shifted({ by: '40ms', of: exponential({ mean: '2ms' }) })`. */
export const shifted = (fields: Fields<Shifted>): DistributionSpec =>
  toDistribution({ kind: 'shifted', ...fields }, 'shifted');
