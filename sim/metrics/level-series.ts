import { AssertionError } from '../base/assert.ts';
import type { Micros } from '../base/time.ts';
import { Buckets, halve } from './buckets.ts';
import type { BucketOptions } from './buckets.ts';

export interface LevelSeriesJson {
  readonly mode: 'level';
  readonly bucketUs: number;
  /** The time-weighted mean in each bucket; in the last, of the part that has passed. */
  readonly values: readonly number[];
  /** The greatest level in each bucket, however briefly held. */
  readonly max: readonly number[];
}

/** How high a level stood in each stretch of time: queue length, connections, leaders. 0 until first set. */
export class LevelSeries {
  readonly #buckets: Buckets;
  /** Level × µs. */
  readonly #areas: number[] = [];
  readonly #max: number[] = [];
  #level = 0;
  /** Everything before this instant is in the areas. */
  #since: Micros = 0;
  /** The bucket that `#since` is in, and where it ends. */
  #current = 0;
  #end: Micros = 0;

  constructor(options?: BucketOptions) {
    this.#buckets = new Buckets(options);
  }

  /** The level is `level` from instant `at` on; instants never go back. Levels are not negative. */
  set(at: Micros, level: number): void {
    if (!(level >= 0)) throw new AssertionError(`LevelSeries.set: level ${level}, expected none below 0`);
    this.#advance(at);
    this.#level = level;
    this.#touch(this.#current, 0);
  }

  /** The series up to instant `at`, which counts as now. */
  toJSON(at: Micros): LevelSeriesJson {
    this.#advance(at);
    const { width } = this.#buckets;
    const values = this.#areas.map((area, i) => {
      const length = Math.min(width, at - i * width);
      return length > 0 ? area / length : this.#level;
    });
    return { mode: 'level', bucketUs: width, values, max: this.#max.slice() };
  }

  #advance(at: Micros): void {
    if (!(at >= this.#since)) throw new AssertionError(`LevelSeries: time went back from ${this.#since} to ${at} us`);
    if (at < this.#end) {
      // Mostly within the bucket of the last change.
      if (at > this.#since) this.#touch(this.#current, this.#level * (at - this.#since));
      this.#since = at;
    } else {
      this.#moveTo(at);
    }
  }

  #moveTo(at: Micros): void {
    const buckets = this.#buckets;
    while (buckets.indexOf(at) >= buckets.most) {
      halve(this.#areas, (a, b) => a + b);
      halve(this.#max, Math.max);
      buckets.width *= 2;
    }
    while (this.#since < at) {
      const index = buckets.indexOf(this.#since);
      const until = Math.min(at, (index + 1) * buckets.width);
      this.#touch(index, this.#level * (until - this.#since));
      this.#since = until;
    }
    this.#current = buckets.indexOf(at);
    this.#end = (this.#current + 1) * buckets.width;
  }

  #touch(index: number, area: number): void {
    while (this.#areas.length <= index) {
      this.#areas.push(0);
      this.#max.push(0);
    }
    this.#areas[index] = (this.#areas[index] as number) + area;
    if (this.#level > (this.#max[index] as number)) this.#max[index] = this.#level;
  }
}
