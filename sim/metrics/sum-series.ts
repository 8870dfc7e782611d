import type { Micros } from '../base/time.ts';
import { Buckets, halve } from './buckets.ts';
import type { BucketOptions } from './buckets.ts';

export interface SumSeriesJson {
  readonly mode: 'sum';
  readonly bucketUs: number;
  /** What was added in each bucket, from time 0; what comes after the last is 0. */
  readonly values: readonly number[];
}

/** How much was counted in each stretch of time: requests, bytes, drops. Memory is bounded, nothing is lost but detail. */
export class SumSeries {
  readonly #buckets: Buckets;
  readonly #values: number[] = [];
  #current = 0;
  #start = 0;
  #end = 0;

  constructor(options?: BucketOptions) {
    this.#buckets = new Buckets(options);
  }

  /** Adds `amount` at instant `at`. */
  add(at: Micros, amount: number): void {
    if (at >= this.#end || at < this.#start) this.#moveTo(at);
    this.#values[this.#current] = (this.#values[this.#current] as number) + amount;
  }

  toJSON(): SumSeriesJson {
    return { mode: 'sum', bucketUs: this.#buckets.width, values: this.#values.slice() };
  }

  #moveTo(at: Micros): void {
    const buckets = this.#buckets;
    while (buckets.indexOf(at) >= buckets.most) {
      halve(this.#values, (a, b) => a + b);
      buckets.width *= 2;
    }
    this.#current = buckets.indexOf(at);
    this.#start = this.#current * buckets.width;
    this.#end = this.#start + buckets.width;
    while (this.#values.length <= this.#current) this.#values.push(0);
  }
}
