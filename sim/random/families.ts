/**
 * For each kind of distribution its mean in closed form and a way to draw from it. Specs arrive checked, all durations numbers
 * (parse-distribution.ts).
 */
import { exp, ln, pow, sqrt } from '../base/maths.ts';
import type { Distribution, DistributionSpec } from './distribution-spec.ts';
import type { RandomSource } from './random-source.ts';
import { standardExponential } from './standard-exponential.ts';
import { normalDensity, normalQuantile, normalShare, openDraw, standardNormal } from './standard-normal.ts';

/** A family with its parameters filled in; microseconds, not rounded. */
export interface Family {
  readonly mean: number;
  readonly real: (source: RandomSource) => number;
}

type Compile = (distribution: Distribution) => { readonly mean: number; readonly sampleReal: Family['real'] };
type Of<K extends DistributionSpec['kind']> = Extract<DistributionSpec, { readonly kind: K }>;

function logNormal(spec: Of<'logNormal'>): Family {
  let logMedian: number;
  let sigma: number;
  if ('sigma' in spec) {
    logMedian = ln(Number(spec.median));
    sigma = spec.sigma;
  } else {
    // mean = median·exp(σ²/2) and p99 = median·exp(zσ): the smaller root of σ²/2 − zσ + ln(p99 / mean) = 0
    const z = normalQuantile(0.99);
    sigma = z - sqrt(Math.max(0, z * z - 2 * ln(Number(spec.p99) / Number(spec.mean))));
    logMedian = ln(Number(spec.mean)) - (sigma * sigma) / 2;
  }
  return {
    mean: exp(logMedian + (sigma * sigma) / 2),
    real: (source) => exp(logMedian + sigma * standardNormal(source)),
  };
}

function pareto(spec: Of<'pareto'>): Family {
  const { alpha } = spec;
  const scale = Number(spec.scale);
  if (spec.max === undefined) {
    return {
      mean: alpha > 1 ? (alpha * scale) / (alpha - 1) : Infinity,
      real: (source) => scale * exp(standardExponential(source) / alpha),
    };
  }
  const max = Number(spec.max);
  const below = 1 - pow(scale / max, alpha);
  return {
    mean: boundedParetoMean(scale, max, alpha),
    real: (source) => scale * exp(-ln(1 - source.next() * below) / alpha),
  };
}

function boundedParetoMean(scale: number, max: number, alpha: number): number {
  const below = 1 - pow(scale / max, alpha);
  const spread = ln(max / scale);
  const power = (1 - alpha) * spread;
  // (e^power − 1) / power loses its digits near alpha = 1, where the series takes over
  const growth =
    Math.abs(power) < 1e-3
      ? 1 + power / 2 + (power * power) / 6 + (power * power * power) / 24
      : (exp(power) - 1) / power;
  return ((alpha * scale) / below) * spread * growth;
}

function empirical(spec: Of<'empirical'>): Family {
  const quantiles = Float64Array.from(spec.points, ([quantile]) => quantile);
  const values = Float64Array.from(spec.points, ([, value]) => Number(value));
  const at = (list: Float64Array, i: number): number => list[i] as number;
  let mean = 0;
  for (let i = 1; i < values.length; i++) {
    mean += ((at(quantiles, i) - at(quantiles, i - 1)) * (at(values, i) + at(values, i - 1))) / 2;
  }
  const real = (source: RandomSource): number => {
    const u = source.next();
    let low = 0;
    let high = values.length - 1;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (at(quantiles, middle) <= u) low = middle;
      else high = middle;
    }
    const share = (u - at(quantiles, low)) / (at(quantiles, high) - at(quantiles, low));
    return at(values, low) + share * (at(values, high) - at(values, low));
  };
  return { mean, real };
}

function mixture(spec: Of<'mixture'>, compile: Compile): Family {
  const parts = spec.parts.map(({ of }) => compile(of));
  const total = spec.parts.reduce((sum, { weight }) => sum + weight, 0);
  const limits: number[] = [];
  let sum = 0;
  let mean = 0;
  for (const [i, part] of parts.entries()) {
    const weight = spec.parts[i]?.weight ?? 0;
    sum += weight;
    limits.push(sum / total);
    mean += (weight / total) * part.mean;
  }
  const last = parts.length - 1;
  const real = (source: RandomSource): number => {
    let chosen = 0;
    if (last > 0) {
      const u = source.next();
      while (chosen < last && u >= (limits[chosen] as number)) chosen++;
    }
    return (parts[chosen] as (typeof parts)[number]).sampleReal(source);
  };
  return { mean, real };
}

function erlang(spec: Of<'erlang'>): Family {
  const mean = Number(spec.mean);
  const phase = mean / spec.k;
  const real = (source: RandomSource): number => {
    let sum = 0;
    for (let i = 0; i < spec.k; i++) sum += standardExponential(source);
    return phase * sum;
  };
  return { mean, real };
}

function normal(spec: Of<'normal'>): Family {
  const mean = Number(spec.mean);
  const sd = Number(spec.sd);
  const kept = normalShare(mean / sd); // the share of the bell that is not negative
  return {
    mean: mean + (sd * normalDensity(mean / sd)) / kept,
    real: (source) => Math.max(0, mean - sd * normalQuantile((1 - openDraw(source)) * kept)),
  };
}

function shifted(spec: Of<'shifted'>, compile: Compile): Family {
  const by = Number(spec.by);
  const of = compile(spec.of);
  return { mean: by + of.mean, real: (source) => by + of.sampleReal(source) };
}

function uniform(spec: Of<'uniform'>): Family {
  const min = Number(spec.min);
  const width = Number(spec.max) - min;
  return { mean: min + width / 2, real: (source) => min + width * source.next() };
}

function exponential(spec: Of<'exponential'>): Family {
  const mean = Number(spec.mean);
  return { mean, real: (source) => mean * standardExponential(source) };
}

function constant(spec: Of<'constant'>): Family {
  const value = Number(spec.value);
  return { mean: value, real: () => value };
}

/** Compiles a checked spec. */
export function familyOf(spec: DistributionSpec, compile: Compile): Family {
  switch (spec.kind) {
    case 'constant':
      return constant(spec);
    case 'uniform':
      return uniform(spec);
    case 'exponential':
      return exponential(spec);
    case 'logNormal':
      return logNormal(spec);
    case 'pareto':
      return pareto(spec);
    case 'empirical':
      return empirical(spec);
    case 'mixture':
      return mixture(spec, compile);
    case 'erlang':
      return erlang(spec);
    case 'normal':
      return normal(spec);
    case 'shifted':
      return shifted(spec, compile);
  }
}
