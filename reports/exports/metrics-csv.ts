/**
 * A run's measurements as CSV (RFC 4180), one value a line: `scenario,seed,scope,name,kind,statistic,at_us,value`. `at_us` is the
 * beginning of the bucket of a series, in µs of virtual time, and empty for a figure of the whole run. Histograms are in µs. A
 * mark has a line for each change: its instant, and the state as the value.
 */

import type { RunResult } from '../../sim/result.ts';
import { csvLine } from '../csv.ts';

const HEADER = ['scenario', 'seed', 'scope', 'name', 'kind', 'statistic', 'at_us', 'value'];

/** Several runs share one header. Lines end with CRLF, as the RFC has it. */
export function metricsCsv(results: readonly RunResult[]): string {
  const lines = [HEADER, ...results.flatMap((result) => [...rowsOf(result)])];
  return lines.map(csvLine).join('');
}

type Cell = string | number;

function* rowsOf({ scenario, seed, metrics }: RunResult): Generator<readonly Cell[]> {
  const { counters, gauges, histograms, marks = [] } = metrics;
  for (const { scope, name, value, series } of counters) {
    const at = [scenario, seed, scope, name, 'counter'];
    yield [...at, 'total', '', value];
    for (const [i, sum] of (series?.values ?? []).entries()) yield [...at, 'sum', i * (series?.bucketUs ?? 0), sum];
  }
  for (const { scope, name, value, mean, min, max, series } of gauges) {
    const at = [scenario, seed, scope, name, 'gauge'];
    for (const [statistic, figure] of Object.entries({ last: value, mean, min, max }))
      yield [...at, statistic, '', figure];
    for (const [i, level] of (series?.values ?? []).entries()) {
      yield [...at, 'mean', i * (series?.bucketUs ?? 0), level];
      yield [...at, 'max', i * (series?.bucketUs ?? 0), series?.max[i] ?? level];
    }
  }
  for (const { scope, name, summary } of histograms) {
    const at = [scenario, seed, scope, name, 'histogram'];
    for (const [statistic, figure] of Object.entries(summary)) yield [...at, statistic, '', figure as number];
  }
  for (const { scope, name, changes } of marks) {
    for (const [since, state] of changes) yield [scenario, seed, scope, name, 'mark', 'state', since, state];
  }
}
