/**
 * A quantile of recent latencies in little space: counts in logarithmic buckets (sixteen to each power of two, so 4 % wide), all halved when
 * there are `MOST` of them, so that what is old weighs ever less.
 */
import type { Micros } from '../../sim/index.ts';

export interface LatencyBuckets {
  /** How many in each bucket. */
  counts: number[];
  total: number;
}

const MOST = 1_000;
const FINE = 16;
/** 18 minutes; longer ones count as that. */
const LONGEST = 2 ** 30;

/** Bucket of a latency: exact below 16 µs, then by its five leading bits. */
function bucketOf(latency: Micros): number {
  const value = Math.min(LONGEST, Math.max(0, Math.floor(latency)));
  if (value < FINE) return value;
  const shift = 27 - Math.clz32(value);
  return shift * FINE + (value >>> shift);
}

/** The least latency of the next bucket. */
const upperEnd = (bucket: number): Micros =>
  bucket < FINE ? bucket + 1 : ((bucket % FINE) + FINE + 1) * (1 << (Math.floor(bucket / FINE) - 1));

export function noteLatency(buckets: LatencyBuckets, latency: Micros): void {
  const bucket = bucketOf(latency);
  while (buckets.counts.length <= bucket) buckets.counts.push(0);
  buckets.counts[bucket] = (buckets.counts[bucket] as number) + 1;
  buckets.total++;
  if (buckets.total < MOST) return;
  // Halves of halves are exact, and a lone slow one is not forgotten at once.
  buckets.counts = buckets.counts.map((count) => count / 2);
  buckets.total = buckets.counts.reduce((sum, count) => sum + count, 0);
}

/** A latency that `share` of those noted do not exceed, at most 7 % more; undefined while there are fewer than `least`. */
export function latencyQuantile(buckets: LatencyBuckets, share: number, least: number): Micros | undefined {
  if (buckets.total < least) return undefined;
  let below = 0;
  for (const [bucket, count] of buckets.counts.entries()) {
    below += count;
    if (below >= share * buckets.total) return upperEnd(bucket);
  }
  return undefined;
}
