/** How long operations took, as bars: so many to each stretch of time, stretches of equal length on a logarithmic axis. */
import type { Micros } from '../sim/base/time.ts';
import { Histogram } from '../sim/metrics/histogram.ts';
import type { Operation } from '../sim/history/operation.ts';
import { awaitedFrom } from '../sim/metrics/awaited-from.ts';

export interface LatencyHistogram {
  /** Name of the operation. */
  readonly f: string;
  readonly count: number;
  /** Lower end of the first bar, µs, and how often it doubles from bar to bar. */
  readonly from: Micros;
  readonly octavesPerBar: number;
  readonly counts: readonly number[];
  readonly p50: Micros;
  readonly p95: Micros;
  readonly p99: Micros;
}

const MOST_OPERATIONS = 4;
const BARS = 40;
/** A histogram of fewer tells nothing that a table does not. */
const FEWEST = 30;

/** The operations that were asked for most, of those that succeeded. */
export function latencyHistograms(operations: readonly Operation[]): readonly LatencyHistogram[] {
  const byName = new Map<string, number[]>();
  for (const one of operations) {
    const { f, outcome, completedAt } = one;
    if (outcome !== 'ok') continue;
    const took = byName.get(f) ?? [];
    took.push(Math.max(1, completedAt - awaitedFrom(one)));
    byName.set(f, took);
  }
  return [...byName]
    .filter(([, took]) => took.length >= FEWEST)
    .sort((a, b) => b[1].length - a[1].length)
    .slice(0, MOST_OPERATIONS)
    .map(([f, took]) => histogramOf(f, took));
}

function histogramOf(f: string, took: readonly number[]): LatencyHistogram {
  const histogram = new Histogram();
  for (const us of took) histogram.record(us);
  const { min, max } = histogram.summary();
  const octaves = Math.max(1, Math.log2(max / min));
  const octavesPerBar = octaves / BARS;
  const counts = Array.from({ length: BARS }, () => 0);
  for (const us of took) {
    const bar = Math.min(BARS - 1, Math.floor(Math.log2(us / min) / octavesPerBar));
    counts[bar] = (counts[bar] as number) + 1;
  }
  const [p50, p95, p99] = [0.5, 0.95, 0.99].map((q) => histogram.quantile(q)) as [number, number, number];
  return { f, count: took.length, from: min, octavesPerBar, counts, p50, p95, p99 };
}
