/**
 * The time axis of a series of bounded size: equal buckets from time 0. When time runs past the last one, neighbours are merged
 * and the width doubles, so a series of n buckets always covers the run with between n/2 and n of them.
 */
import { ConfigError } from '../base/errors.ts';
import { ms } from '../base/time.ts';
import type { Micros } from '../base/time.ts';

export interface BucketOptions {
  /** Width of a bucket at first, at least 1 µs; default 10 ms. Doubles whenever the run outgrows the series. */
  readonly bucket?: Micros;
  /** The most buckets kept, an even number of at least 2; default 512. */
  readonly most?: number;
}

export class Buckets {
  readonly most: number;
  /** Width now. */
  width: Micros;

  constructor({ bucket = ms(10), most = 512 }: BucketOptions = {}) {
    if (!(Number.isInteger(bucket) && bucket >= 1))
      throw new ConfigError('bucket', bucket, 'a whole number of µs from 1');
    if (!(Number.isInteger(most) && most >= 2 && most % 2 === 0))
      throw new ConfigError('most', most, 'an even number from 2');
    this.width = bucket;
    this.most = most;
  }

  /** The bucket that holds instant `at`; `most` or more if the series has to be halved first. */
  indexOf(at: Micros): number {
    return Math.floor(at / this.width);
  }
}

/** Merges neighbours of `values` in place with `merge`; an odd one out is merged with 0. */
export function halve(values: number[], merge: (a: number, b: number) => number): void {
  const half = Math.ceil(values.length / 2);
  for (let i = 0; i < half; i++) values[i] = merge(values[2 * i] as number, values[2 * i + 1] ?? 0);
  values.length = half;
}
