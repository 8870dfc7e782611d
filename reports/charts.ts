/**
 * Series for the charts: latency percentiles, rates, queue lengths over virtual time.
 *
 * A percentile of a handful of operations is noise that looks like a fact, so a bucket gives percentiles only from
 * ENOUGH_OPERATIONS on; the operations of thinner buckets are shown one by one.
 */
import { NEVER, type Micros } from '../sim/base/time.ts';
import { Histogram } from '../sim/metrics/histogram.ts';
import type { Operation } from '../sim/history/operation.ts';
import type { MetricsJson } from '../sim/metrics/metrics.ts';
import type { RunResult } from '../sim/result.ts';
import { awaitedFrom } from '../sim/metrics/awaited-from.ts';
import { type CountSeries, countSeries } from './count-series.ts';
import { type LatencyHistogram, latencyHistograms } from './latency-histogram.ts';
import { niceWidth } from './nice-width.ts';
import { isQueue } from './queue-growth.ts';
import { hostOf } from './steps.ts';

/** Operations that a bucket needs before its percentiles are drawn. */
const ENOUGH_OPERATIONS = 200;
const MOST_BUCKETS = 120;
const FEWEST_BUCKETS = 8;
const MOST_POINTS = 4_000;
const MOST_QUEUES = 6;

type Column = readonly (number | null)[];

export interface LatencySeries {
  readonly bucketUs: Micros;
  /** Middle of each bucket. */
  readonly at: readonly Micros[];
  /** µs; null where the bucket is too thin. */
  readonly p50: Column;
  readonly p95: Column;
  readonly p99: Column;
  readonly max: Column;
  /** Operations of thin buckets: completion and latency. */
  readonly points: readonly (readonly [Micros, Micros])[];
  /** Points left out because there were more than can be drawn. */
  readonly pointsOmitted: number;
  /** When clients gave up. */
  readonly timeouts: readonly Micros[];
}

export interface RateSeries {
  readonly bucketUs: Micros;
  readonly at: readonly Micros[];
  /** Operations per second. */
  readonly offered: readonly number[];
  readonly good: readonly number[];
  readonly failed: readonly number[];
}

export interface LevelLine {
  readonly name: string;
  readonly bucketUs: Micros;
  /** The greatest level in each bucket; of shares the mean. */
  readonly values: readonly number[];
}

/** Levels of one unit, on one chart. */
export interface LevelChart {
  readonly title: string;
  /** What one is. */
  readonly unit: string;
  /** Levels are shares of what would be full, from 0 to 1. */
  readonly share: boolean;
  readonly series: readonly LevelLine[];
  readonly omitted: number;
}

export interface LatencyRow {
  readonly f: string;
  readonly ok: number;
  readonly fail: number;
  readonly info: number;
  /** µs, of those that succeeded. */
  readonly p50: Micros;
  readonly p95: Micros;
  readonly p99: Micros;
  readonly max: Micros;
}

export interface Charts {
  readonly latency: LatencySeries;
  readonly rate: RateSeries;
  readonly levels: readonly LevelChart[];
  readonly counts?: CountSeries;
  readonly histograms: readonly LatencyHistogram[];
}

export function chartsOf(result: RunResult): Charts {
  const end = Math.max(1, result.engine.reached);
  const counts = countSeries(result.metrics, end);
  return {
    latency: latencyOf(result.operations, end),
    rate: rateOf(result.operations, end),
    levels: levelsOf(result),
    ...(counts === undefined ? {} : { counts }),
    histograms: latencyHistograms(result.operations),
  };
}

const succeeded = (operations: readonly Operation[]): Operation[] => operations.filter((op) => op.outcome === 'ok');

/** The narrowest width at which most operations are in thick buckets; narrow all the same when that would leave too few. */
function latencyWidth(operations: readonly Operation[], end: Micros): Micros {
  for (let width = niceWidth(end / MOST_BUCKETS); end / width >= FEWEST_BUCKETS; width = niceWidth(width + 1)) {
    const counts = Array.from({ length: Math.ceil((end + 1) / width) }, () => 0);
    for (const { completedAt } of operations) {
      const bucket = Math.floor(completedAt / width);
      counts[bucket] = (counts[bucket] ?? 0) + 1;
    }
    const thick = counts.filter((count) => count >= ENOUGH_OPERATIONS).reduce((sum, count) => sum + count, 0);
    if (operations.length > 0 && thick >= operations.length * 0.8) return width;
  }
  return niceWidth(end / 24);
}

function latencyOf(operations: readonly Operation[], end: Micros): LatencySeries {
  const ok = succeeded(operations);
  const bucketUs = latencyWidth(ok, end);
  const buckets = Array.from({ length: Math.ceil((end + 1) / bucketUs) }, () => [] as Operation[]);
  for (const op of ok) buckets[Math.floor(op.completedAt / bucketUs)]?.push(op);
  const quantiles = buckets.map((bucket) => (bucket.length < ENOUGH_OPERATIONS ? undefined : histogramOf(bucket)));
  const column = (q: number): Column => quantiles.map((histogram) => histogram?.quantile(q) ?? null);
  const thin = buckets.filter((bucket) => bucket.length < ENOUGH_OPERATIONS).flat();
  const every = Math.ceil(thin.length / MOST_POINTS);
  const points = thin.filter((_, i) => i % every === 0);
  const gaveUp = operations.filter((op) => op.outcome === 'info' && op.completedAt < NEVER);
  return {
    bucketUs,
    at: buckets.map((_, i) => i * bucketUs + bucketUs / 2),
    p50: column(0.5),
    p95: column(0.95),
    p99: column(0.99),
    max: column(1),
    points: points.map((op) => [op.completedAt, Math.max(1, op.completedAt - awaitedFrom(op))] as const),
    pointsOmitted: thin.length - points.length,
    timeouts: gaveUp.slice(0, MOST_POINTS).map((op) => op.completedAt),
  };
}

function histogramOf(operations: readonly Operation[]): Histogram {
  const histogram = new Histogram();
  for (const op of operations) histogram.record(Math.max(1, op.completedAt - awaitedFrom(op)));
  return histogram;
}

function rateOf(operations: readonly Operation[], end: Micros): RateSeries {
  const bucketUs = niceWidth(end / 100);
  const length = Math.max(1, Math.ceil(end / bucketUs));
  const per = (instants: readonly Micros[]): number[] => {
    const counts = Array.from({ length }, () => 0);
    for (const at of instants) {
      const bucket = Math.min(length - 1, Math.floor(at / bucketUs));
      counts[bucket] = (counts[bucket] as number) + 1;
    }
    return counts.map((count, i) => (count * 1e6) / Math.min(bucketUs, end - i * bucketUs));
  };
  const completed = operations.filter((op) => op.completedAt < NEVER);
  return {
    bucketUs,
    at: Array.from({ length }, (_, i) => i * bucketUs + bucketUs / 2),
    offered: per(operations.map(awaitedFrom)),
    good: per(succeeded(completed).map((op) => op.completedAt)),
    failed: per(completed.filter((op) => op.outcome !== 'ok').map((op) => op.completedAt)),
  };
}

type Gauge = MetricsJson['gauges'][number];

/** The gauges with a series that went highest; those that never moved tell nothing. */
function levelsOf({ metrics }: RunResult): readonly LevelChart[] {
  const moved = metrics.gauges.filter((gauge) => gauge.series !== undefined && gauge.max > 0);
  const kindOf = ({ name, capacity = Infinity }: Gauge): string =>
    isQueue(name) ? 'queue' : capacity < Infinity ? 'share' : /busy/i.test(name) ? 'busy' : 'other';
  const of = (kind: string): readonly Gauge[] => moved.filter((gauge) => kindOf(gauge) === kind);
  return [
    levelChart('Queues', 'waiting', of('queue')),
    levelChart('Utilisation', 'share of the servers at work', of('share'), true),
    levelChart('Busy', 'at work', of('busy')),
    levelChart('Other levels', 'level', of('other')),
  ].filter((chart) => chart.series.length > 0);
}

function levelChart(title: string, unit: string, gauges: readonly Gauge[], share = false): LevelChart {
  const height = ({ max, mean, capacity = 1 }: Gauge): number => (share ? mean / capacity : max);
  const ranked = gauges.toSorted((a, b) => height(b) - height(a));
  const series = ranked.slice(0, MOST_QUEUES).map((gauge) => levelLine(gauge, share));
  return { title, unit, share, series, omitted: ranked.length - series.length };
}

/** More buckets than this are not told apart on a chart. */
const MOST_LEVELS = 256;

function levelLine({ scope, name, capacity = 1, series }: Gauge, share: boolean): LevelLine {
  const { bucketUs = 1, values = [], max = [] } = series ?? {};
  const levels = share ? values.map((level) => level / capacity) : max;
  const merged = Math.max(1, Math.ceil(levels.length / MOST_LEVELS));
  const merge = (part: readonly number[]): number =>
    share ? part.reduce((sum, level) => sum + level, 0) / part.length : Math.max(...part);
  const shown = Array.from({ length: Math.ceil(levels.length / merged) }, (_, i) =>
    Number(merge(levels.slice(i * merged, (i + 1) * merged)).toPrecision(3)),
  );
  const what = share ? name.replace(/[._-]?busy$/, '') : name;
  return { name: [scope, what].filter((part) => part !== '').join(' '), bucketUs: bucketUs * merged, values: shown };
}

/** Latency by operation, over the whole run. */
export function latencyTable(operations: readonly Operation[]): readonly LatencyRow[] {
  const names = [...new Set(operations.map((op) => op.f))].sort();
  return names.map((f) => {
    const all = operations.filter((op) => op.f === f);
    const histogram = histogramOf(succeeded(all));
    return {
      f,
      ok: succeeded(all).length,
      fail: all.filter((op) => op.outcome === 'fail').length,
      info: all.filter((op) => op.outcome === 'info' || op.outcome === 'pending').length,
      p50: histogram.quantile(0.5),
      p95: histogram.quantile(0.95),
      p99: histogram.quantile(0.99),
      max: histogram.quantile(1),
    };
  });
}

/** Sessions of clients, by the node that they run on. */
export const sessionCount = (operations: readonly Operation[]): { clients: number; hosts: number } => {
  const clients = new Set(operations.map((op) => op.client));
  return { clients: clients.size, hosts: new Set([...clients].map(hostOf)).size };
};
