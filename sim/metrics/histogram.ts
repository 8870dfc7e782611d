/**
 * A histogram of whole numbers such as latencies in microseconds, after HdrHistogram (G. Tene): exact up to 127, from there on
 * 64 buckets to each power of two. A reported quantile is the middle of its bucket: at most 1/128 (0.79 %) from the recorded
 * value. Count, minimum, maximum, mean and standard deviation are exact. At most 25 kB, made as values need it.
 */
import { AssertionError } from '../base/assert.ts';
import { ConfigError } from '../base/errors.ts';
import { sqrt } from '../base/maths.ts';
import { ExactSum } from './exact-sum.ts';

const EXACT = 128;
const PER_OCTAVE = 64;
const FIRST_OCTAVE = 7;
const LARGEST = 2 ** 52;
/** 2⁰ … 2⁵². */
const POWERS: readonly number[] = Array.from({ length: 53 }, (_, i) => Number(1n << BigInt(i)));
/** A square of a larger value does not fit an exact term; it is summed in parts of 26 bits. */
const HALF = 2 ** 26;

/** What a reader wants to know first. All zero when `count` is. */
export interface Summary {
  readonly count: number;
  readonly mean: number;
  readonly p50: number;
  readonly p90: number;
  readonly p95: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
  readonly min: number;
}

/** Sparse: only buckets in use, as [bucket, count] in ascending order. Sums are exact, in decimal. */
export interface HistogramJson {
  readonly min: number;
  readonly max: number;
  readonly sum: string;
  readonly sumOfSquares: string;
  readonly buckets: readonly (readonly [number, number])[];
}

export class Histogram {
  #count = 0;
  #min = Infinity;
  #max = 0;
  readonly #small = new Float64Array(EXACT);
  /** Indexed by exponent − 7. */
  readonly #octaves: (Float64Array | undefined)[] = [];
  readonly #sum = new ExactSum();
  readonly #squares = new ExactSum();

  /** Records a whole number from 0 to 2⁵², `count` times (a whole number of at least 0, default 1). */
  record(value: number, count = 1): void {
    if (!(Number.isInteger(value) && value >= 0 && value <= LARGEST)) refuse('value', value, 'to 2^52');
    if (count === 1 && value < HALF) {
      this.#sum.add(value);
      this.#squares.add(value * value);
    } else {
      if (!(Number.isSafeInteger(count) && count >= 0)) refuse('count', count, 'on');
      if (count === 0) return;
      this.#addLarge(BigInt(value), BigInt(count));
    }
    if (value < this.#min) this.#min = value;
    if (value > this.#max) this.#max = value;
    this.#count += count;
    if (value < EXACT) this.#small[value] = (this.#small[value] as number) + count;
    else this.#recordInOctave(value, count);
  }

  get count(): number {
    return this.#count;
  }

  /** The least recorded value; 0 when there is none. */
  get min(): number {
    return this.#count === 0 ? 0 : this.#min;
  }

  /** The greatest recorded value; 0 when there is none. */
  get max(): number {
    return this.#max;
  }

  /** The mean of all recorded values; 0 when there is none. */
  get mean(): number {
    return this.#count === 0 ? 0 : Number(this.#sum.toBigInt()) / this.#count;
  }

  /** The standard deviation of the recorded values (divided by n, not n − 1); 0 when there is none. */
  get standardDeviation(): number {
    if (this.#count === 0) return 0;
    const sum = this.#sum.toBigInt();
    const n = BigInt(this.#count);
    return sqrt(Number(n * this.#squares.toBigInt() - sum * sum)) / this.#count;
  }

  /**
   * The value at quantile q (0…1) by nearest rank: the smallest recorded value such that at least ⌈q·n⌉ values are no greater,
   * as the middle of its bucket. q = 0 is the minimum, q = 1 the maximum. 0 when nothing was recorded.
   */
  quantile(q: number): number {
    if (!(q >= 0 && q <= 1)) throw new ConfigError('q', q, 'a quantile from 0 to 1');
    // the factor undoes a product that was rounded up: 0.07 × 100 is 7.000000000000001
    const rank = Math.max(1, Math.ceil(q * this.#count * (1 - 2 ** -50)));
    if (rank === 1) return this.min;
    if (rank >= this.#count) return this.#max;
    let seen = 0;
    let found = this.#max;
    this.#eachBucket((bucket, count) => {
      seen += count;
      if (seen >= rank) found = middleOf(bucket);
      return seen < rank;
    });
    return Math.min(this.#max, Math.max(this.#min, found));
  }

  summary(): Summary {
    return {
      count: this.#count,
      mean: this.mean,
      p50: this.quantile(0.5),
      p90: this.quantile(0.9),
      p95: this.quantile(0.95),
      p99: this.quantile(0.99),
      p999: this.quantile(0.999),
      max: this.max,
      min: this.min,
    };
  }

  /** Adds all that `other` recorded: the same as recording it here. */
  merge(other: Histogram): void {
    if (other.#count === 0) return;
    this.#count += other.#count;
    this.#min = Math.min(this.#min, other.#min);
    this.#max = Math.max(this.#max, other.#max);
    this.#sum.addBig(other.#sum.toBigInt());
    this.#squares.addBig(other.#squares.toBigInt());
    other.#eachBucket((bucket, count) => {
      this.#addToBucket(bucket, count);
      return true;
    });
  }

  toJSON(): HistogramJson {
    const buckets: [number, number][] = [];
    this.#eachBucket((bucket, count) => {
      buckets.push([bucket, count]);
      return true;
    });
    return {
      min: this.min,
      max: this.max,
      sum: String(this.#sum.toBigInt()),
      sumOfSquares: String(this.#squares.toBigInt()),
      buckets,
    };
  }

  /** Reads back what toJSON wrote. Throws ConfigError for a bucket or a count that cannot be. */
  static fromJSON(json: HistogramJson): Histogram {
    const histogram = new Histogram();
    for (const [i, [bucket, count]] of json.buckets.entries()) {
      const field = `buckets[${i}]`;
      if (!(Number.isInteger(bucket) && bucket >= 0 && bucket <= bucketOf(LARGEST))) {
        throw new ConfigError(`${field}[0]`, bucket, `a bucket from 0 to ${bucketOf(LARGEST)}`);
      }
      if (!(Number.isSafeInteger(count) && count > 0)) throw new ConfigError(`${field}[1]`, count, 'a count above 0');
      histogram.#addToBucket(bucket, count);
      histogram.#count += count;
    }
    if (histogram.#count === 0) return histogram;
    histogram.#min = json.min;
    histogram.#max = json.max;
    histogram.#sum.addBig(BigInt(json.sum));
    histogram.#squares.addBig(BigInt(json.sumOfSquares));
    return histogram;
  }

  #recordInOctave(value: number, count: number): void {
    const exponent = exponentOf(value);
    const octave = (this.#octaves[exponent - FIRST_OCTAVE] ??= this.#newOctave(exponent));
    const place =
      value < 2 ** 31
        ? (value >>> (exponent - 6)) & 63
        : Math.floor(value / (POWERS[exponent - 6] as number)) - PER_OCTAVE;
    octave[place] = (octave[place] as number) + count;
  }

  #newOctave(exponent: number): Float64Array {
    while (this.#octaves.length < exponent - FIRST_OCTAVE) this.#octaves.push(undefined);
    return new Float64Array(PER_OCTAVE);
  }

  #addToBucket(bucket: number, count: number): void {
    if (bucket < EXACT) this.#small[bucket] = (this.#small[bucket] as number) + count;
    else this.#recordInOctave(lowestOf(bucket), count);
  }

  #addLarge(value: bigint, count: bigint): void {
    this.#sum.addBig(value * count);
    this.#squares.addBig(value * value * count);
  }

  /** Visits the buckets in use in ascending order until `visit` returns false. */
  #eachBucket(visit: (bucket: number, count: number) => boolean): void {
    for (let i = 0; i < EXACT; i++) {
      const count = this.#small[i] as number;
      if (count > 0 && !visit(i, count)) return;
    }
    for (const [i, octave] of this.#octaves.entries()) {
      if (octave === undefined) continue;
      for (let place = 0; place < PER_OCTAVE; place++) {
        const count = octave[place] as number;
        if (count > 0 && !visit(EXACT + i * PER_OCTAVE + place, count)) return;
      }
    }
  }
}

/** Apart from `record`, so that the text is only made when it is needed. */
function refuse(what: string, value: number, to: string): never {
  throw new AssertionError(`Histogram.record: ${what} ${value}, expected a whole number from 0 ${to}`);
}

/** ⌊log₂ value⌋ of a whole number from 1 to 2⁵². */
const exponentOf = (value: number): number =>
  value < 2 ** 32 ? 31 - Math.clz32(value) : 63 - Math.clz32(value / 2 ** 32);

function bucketOf(value: number): number {
  if (value < EXACT) return value;
  const exponent = exponentOf(value);
  return (
    EXACT + (exponent - FIRST_OCTAVE) * PER_OCTAVE + Math.floor(value / (POWERS[exponent - 6] as number)) - PER_OCTAVE
  );
}

const exponentOfBucket = (bucket: number): number => FIRST_OCTAVE + Math.floor((bucket - EXACT) / PER_OCTAVE);

function lowestOf(bucket: number): number {
  if (bucket < EXACT) return bucket;
  return (PER_OCTAVE + ((bucket - EXACT) % PER_OCTAVE)) * (POWERS[exponentOfBucket(bucket) - 6] as number);
}

function middleOf(bucket: number): number {
  if (bucket < EXACT) return bucket;
  const width = POWERS[exponentOfBucket(bucket) - 6] as number;
  return lowestOf(bucket) + width / 2;
}
