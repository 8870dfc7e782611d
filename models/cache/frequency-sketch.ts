/**
 * About how often keys were asked for lately, in constant space: a count-min sketch (G. Cormode, S. Muthukrishnan, 2005) with
 * conservative update and counts up to 15, halved whenever as many requests have been counted as ten times the capacity
 * (G. Einziger, R. Friedman, M. Manes, "TinyLFU", ACM TOS 2017). An estimate is never below the true count since the last halving,
 * up to 15. The paper's "doorkeeper", a Bloom filter in front that saves space only, is left out.
 */
import { murmur3 } from '../hashing/murmur3.ts';

export interface FrequencySketch {
  /** ROWS rows of `width` counts. */
  counts: number[];
  width: number;
  /** Requests counted since the last halving, and how many there may be. */
  counted: number;
  most: number;
}

const ROWS = 4;
const HIGHEST = 15;
const SAMPLE = 10;

/** For about `capacity` keys. */
export function emptySketch(capacity: number): FrequencySketch {
  let width = 16;
  while (width < capacity) width *= 2;
  return { counts: new Array<number>(ROWS * width).fill(0), width, counted: 0, most: SAMPLE * capacity };
}

/** Where the counts of `key` are: by double hashing (A. Kirsch, M. Mitzenmacher, 2006). */
function placesOf({ width }: FrequencySketch, key: string): number[] {
  const first = murmur3(key);
  const step = murmur3(key, 0x9e3779b9) | 1;
  return Array.from({ length: ROWS }, (_, row) => row * width + (((first + Math.imul(row, step)) >>> 0) % width));
}

export function countOnce(sketch: FrequencySketch, key: string): void {
  const places = placesOf(sketch, key);
  const least = leastOf(sketch, places);
  if (least < HIGHEST) for (const place of places) if (sketch.counts[place] === least) sketch.counts[place] = least + 1;
  if (++sketch.counted < sketch.most) return;
  sketch.counts = sketch.counts.map((count) => count >> 1);
  sketch.counted >>= 1;
}

export const estimateOf = (sketch: FrequencySketch, key: string): number => leastOf(sketch, placesOf(sketch, key));

const leastOf = ({ counts }: FrequencySketch, places: readonly number[]): number =>
  places.reduce((least, place) => Math.min(least, counts[place] as number), HIGHEST);
