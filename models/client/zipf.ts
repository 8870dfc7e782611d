/**
 * Zipf popularity: the key of rank i (1 is the most popular) is asked for with probability i^−α / Σ j^−α.
 * Web objects have α around 0.6…0.9 (L. Breslau et al., INFOCOM 1999). Drawn by inverting the exact distribution function: a
 * table of n sums and a binary search, with deterministic maths; no approximation at any α.
 */
import { ConfigError, maths, type RandomSource } from '../../sim/index.ts';

export interface Zipf {
  readonly count: number;
  /** Probability of the key with index `i`, 0…count−1. */
  probability(i: number): number;
  /** An index from 0 to count−1; 0 is the most popular. One draw. */
  sample(source: RandomSource): number;
}

/** `count` keys (1…10,000,000) with exponent `alpha` (0…10; 0 is uniform). Throws ConfigError. */
export function zipf(count: number, alpha: number): Zipf {
  if (!(Number.isInteger(count) && count >= 1 && count <= 1e7))
    throw new ConfigError('zipf.count', count, 'a whole number from 1 to 10,000,000');
  if (!(alpha >= 0 && alpha <= 10)) throw new ConfigError('zipf.alpha', alpha, 'an exponent from 0 to 10');
  const upTo = new Float64Array(count);
  let sum = 0;
  for (let i = 0; i < count; i++) {
    sum += maths.pow(i + 1, -alpha);
    upTo[i] = sum;
  }
  const at = (i: number): number => upTo[i] as number;
  return {
    count,
    probability: (i) => (i === 0 ? at(0) : at(i) - at(i - 1)) / sum,
    sample(source) {
      const u = source.next() * sum;
      let low = 0;
      let high = count - 1;
      while (low < high) {
        const middle = (low + high) >> 1;
        if (u < at(middle)) high = middle;
        else low = middle + 1;
      }
      return low;
    },
  };
}
