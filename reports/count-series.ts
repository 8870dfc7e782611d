/** What nodes count over time, such as attempts and retries, added up over all nodes: the rate of each. */
import type { Micros } from '../sim/base/time.ts';
import { niceWidth } from './nice-width.ts';
import type { MetricsJson } from '../sim/metrics/metrics.ts';

export interface CountSeries {
  readonly bucketUs: Micros;
  readonly series: readonly { readonly name: string; readonly perSecond: readonly number[] }[];
  readonly omitted: number;
}

const MOST = 6;

/** Undefined when nobody counts. */
export function countSeries({ counters }: MetricsJson, end: Micros): CountSeries | undefined {
  const kept = counters.filter(({ series, value }) => series !== undefined && value > 0);
  if (kept.length === 0) return undefined;
  const widest = Math.max(...kept.map(({ series }) => series?.bucketUs ?? 1));
  // Whole buckets, about a hundred of them.
  const bucketUs = widest * Math.max(1, Math.round(niceWidth(end / 100) / widest));
  const names = [...new Set(kept.map(({ name }) => name))];
  const totals = names.map((name) => ({ name, perSecond: ratesOf(name, kept, bucketUs) }));
  const ranked = totals.toSorted((a, b) => Math.max(...b.perSecond) - Math.max(...a.perSecond));
  return { bucketUs, series: ranked.slice(0, MOST), omitted: Math.max(0, ranked.length - MOST) };
}

function ratesOf(name: string, counters: MetricsJson['counters'], bucketUs: Micros): number[] {
  const rates: number[] = [];
  for (const { name: other, series } of counters) {
    if (other !== name || series === undefined) continue;
    for (const [i, count] of series.values.entries()) {
      const bucket = Math.floor((i * series.bucketUs) / bucketUs);
      rates[bucket] = (rates[bucket] ?? 0) + (count * 1e6) / bucketUs;
    }
  }
  return Array.from(rates, (rate) => Number((rate ?? 0).toPrecision(4)));
}
