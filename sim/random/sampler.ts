/** Distributions, ready to be drawn from. */
import { NEVER } from '../base/time.ts';
import type { Micros } from '../base/time.ts';
import type { Distribution, DistributionSpec } from './distribution-spec.ts';
import { familyOf } from './families.ts';
import { toDistribution } from './parse-distribution.ts';
import type { RandomSource } from './random-source.ts';

/** Draws from one distribution. One class for all families, so that the call from the engine stays fast. */
export class Sampler {
  /** What was compiled, durations in microseconds. */
  readonly spec: DistributionSpec;
  /** The exact mean in microseconds, before rounding; Infinity for a Pareto with alpha ≤ 1 and no `max`. */
  readonly mean: number;
  /** A value that is not rounded, in microseconds; for those who add up many before they round. */
  readonly sampleReal: (source: RandomSource) => number;

  constructor(spec: DistributionSpec) {
    this.spec = spec;
    const { mean, real } = familyOf(spec, compile);
    this.mean = mean;
    this.sampleReal = real;
  }

  /** A value in whole microseconds, the nearest to the real one, at most NEVER (2⁵² µs). */
  sample(source: RandomSource): Micros {
    const x = this.sampleReal(source);
    return x < NEVER ? Math.floor(x + 0.5) : NEVER; // half the time of Math.round
  }
}

/** Compiles a distribution or a bare duration. `field` names the input if it is wrong. Throws ConfigError. */
export function compile(distribution: Distribution, field = 'distribution'): Sampler {
  return new Sampler(toDistribution(distribution, field));
}
