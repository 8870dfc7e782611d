/** Reads a distribution from untrusted data: every field checked, durations as whole microseconds, unknown fields refused. */
import { ConfigError } from '../base/errors.ts';
import { parseDuration } from '../base/time.ts';
import type { Micros } from '../base/time.ts';
import type { DistributionSpec, LogNormal, Mixture } from './distribution-spec.ts';

const MAX_NESTING = 8;
/** exp(z²/2) at the 99th percentile: no log-normal has a p99 further from its mean. */
const WIDEST_P99 = 14.97;

type Raw = Readonly<Record<string, unknown>>;
type Reader = (raw: Raw, field: string, depth: number) => DistributionSpec;

/**
 * A checked copy of `value` with all durations in microseconds; a bare duration becomes a constant. `field` names the input in
 * errors. Throws ConfigError.
 */
export function toDistribution(value: unknown, field: string): DistributionSpec {
  return read(value, field, 0);
}

function read(value: unknown, field: string, depth: number): DistributionSpec {
  if (typeof value === 'number' || typeof value === 'string')
    return { kind: 'constant', value: parseDuration(value, field) };
  const expected = `a duration or a distribution: { kind: ${Object.keys(READERS).join(' | ')}, … }`;
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new ConfigError(field, value, expected);
  const raw = value as Raw;
  const kind = raw['kind'];
  if (typeof kind !== 'string' || !Object.hasOwn(READERS, kind)) throw new ConfigError(`${field}.kind`, kind, expected);
  if (depth > MAX_NESTING) throw new ConfigError(field, value, `distributions nested at most ${MAX_NESTING} deep`);
  const spec = (READERS[kind] as Reader)(raw, field, depth + 1);
  refuseUnknown(raw, Object.keys(spec), field);
  return spec;
}

function refuseUnknown(raw: Raw, known: readonly string[], field: string): void {
  for (const key of Object.keys(raw)) {
    if (known.includes(key) || raw[key] === undefined) continue;
    throw new ConfigError(`${field}.${key}`, raw[key], `only the fields ${known.join(', ')}`);
  }
}

function number(raw: Raw, key: string, field: string, min: number, max: number): number {
  const value = raw[key];
  if (typeof value === 'number' && value >= min && value <= max) return value;
  throw new ConfigError(`${field}.${key}`, value, `a number from ${min} to ${max}`);
}

const duration = (raw: Raw, key: string, field: string): Micros => parseDuration(raw[key], `${field}.${key}`);

function positive(raw: Raw, key: string, field: string): Micros {
  const value = duration(raw, key, field);
  if (value === 0) throw new ConfigError(`${field}.${key}`, raw[key], 'a duration above 0');
  return value;
}

function above(raw: Raw, key: string, field: string, other: string, least: Micros): Micros {
  const value = duration(raw, key, field);
  if (value <= least) throw new ConfigError(`${field}.${key}`, raw[key], `more than ${other}, ${least} us`);
  return value;
}

function readLogNormal(raw: Raw, field: string): LogNormal {
  if (raw['mean'] === undefined && raw['p99'] === undefined) {
    const median = positive(raw, 'median', field);
    return { kind: 'logNormal', median, sigma: number(raw, 'sigma', field, 0, 10) };
  }
  const mean = positive(raw, 'mean', field);
  const p99 = above(raw, 'p99', field, 'the mean', mean);
  if (p99 > WIDEST_P99 * mean) {
    throw new ConfigError(`${field}.p99`, raw['p99'], `at most ${WIDEST_P99} times the mean (${mean} us)`);
  }
  return { kind: 'logNormal', mean, p99 };
}

function readUniform(raw: Raw, field: string): DistributionSpec {
  const min = duration(raw, 'min', field);
  const max = duration(raw, 'max', field);
  if (max < min) throw new ConfigError(`${field}.max`, raw['max'], `at least min, ${min} us`);
  return { kind: 'uniform', min, max };
}

function readPareto(raw: Raw, field: string): DistributionSpec {
  const scale = positive(raw, 'scale', field);
  const alpha = number(raw, 'alpha', field, 0.05, 100);
  if (raw['max'] === undefined) return { kind: 'pareto', scale, alpha };
  return { kind: 'pareto', scale, alpha, max: above(raw, 'max', field, 'scale', scale) };
}

function readEmpirical(raw: Raw, field: string): DistributionSpec {
  const listed = raw['points'];
  const expected = 'at least two [quantile, duration] pairs, from quantile 0 to quantile 1';
  if (!Array.isArray(listed) || listed.length < 2) throw new ConfigError(`${field}.points`, listed, expected);
  const points: [number, Micros][] = [];
  for (const [i, point] of (listed as unknown[]).entries()) {
    const at = `${field}.points[${i}]`;
    if (!Array.isArray(point) || point.length !== 2) throw new ConfigError(at, point, 'a [quantile, duration] pair');
    const [quantile, raw] = point as [unknown, unknown];
    const value = parseDuration(raw, `${at}[1]`);
    const last = points.at(-1) ?? [-1, 0];
    if (typeof quantile !== 'number' || !(quantile > last[0] && quantile <= 1)) {
      throw new ConfigError(`${at}[0]`, quantile, 'quantiles that ascend from 0 to 1');
    }
    if (value < last[1]) throw new ConfigError(`${at}[1]`, raw, `values that never fall: at least ${last[1]} us`);
    points.push([quantile, value]);
  }
  if (points[0]?.[0] !== 0 || points.at(-1)?.[0] !== 1) throw new ConfigError(`${field}.points`, listed, expected);
  return { kind: 'empirical', points };
}

function readMixture(raw: Raw, field: string, depth: number): Mixture {
  const listed = raw['parts'];
  if (!Array.isArray(listed) || listed.length === 0) {
    throw new ConfigError(`${field}.parts`, listed, 'at least one { weight, of }');
  }
  const parts = (listed as unknown[]).map((part, i) => {
    const at = `${field}.parts[${i}]`;
    if (typeof part !== 'object' || part === null) throw new ConfigError(at, part, '{ weight, of }');
    refuseUnknown(part as Raw, ['weight', 'of'], at);
    const weight = number(part as Raw, 'weight', at, 1e-9, 1e9);
    return { weight, of: read((part as Raw)['of'], `${at}.of`, depth) };
  });
  return { kind: 'mixture', parts };
}

function readErlang(raw: Raw, field: string): DistributionSpec {
  const k = number(raw, 'k', field, 1, 1000);
  if (!Number.isInteger(k)) throw new ConfigError(`${field}.k`, k, 'a whole number');
  return { kind: 'erlang', k, mean: positive(raw, 'mean', field) };
}

const READERS: Readonly<Record<DistributionSpec['kind'], Reader>> & Readonly<Record<string, Reader>> = {
  constant: (raw, field) => ({ kind: 'constant', value: duration(raw, 'value', field) }),
  uniform: readUniform,
  exponential: (raw, field) => ({ kind: 'exponential', mean: positive(raw, 'mean', field) }),
  logNormal: readLogNormal,
  pareto: readPareto,
  empirical: readEmpirical,
  mixture: readMixture,
  erlang: readErlang,
  normal: (raw, field) => ({ kind: 'normal', mean: duration(raw, 'mean', field), sd: positive(raw, 'sd', field) }),
  shifted: (raw, field, depth) => ({
    kind: 'shifted',
    by: duration(raw, 'by', field),
    of: read(raw['of'], `${field}.of`, depth),
  }),
};
