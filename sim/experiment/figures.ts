/**
 * A run in figures, by name. Of every run, from its clients' operations: `ok`, `fail`, `info` (shares), `throughput` and `goodput`
 * (operations answered and answered ok, a second), `latency.mean`, `.p50`, `.p90`, `.p95`, `.p99`, `.max` (µs, operations that ended
 * ok, from when the client meant to begin). Of its measurements: `<scope>/<name>` (a counter's total), `.mean` and `.max` (gauges),
 * `.mean`, `.p50` … `.max` (histograms, in their own unit); `*` in the place of the scope takes all scopes together: sums of counters,
 * merged histograms. A counter that never counted in a run is 0 there.
 */
import { NEVER, type Micros } from '../base/time.ts';
import type { Operation } from '../history/operation.ts';
import { awaitedFrom } from '../metrics/awaited-from.ts';
import { Histogram, type Summary } from '../metrics/histogram.ts';
import type { MetricsJson } from '../metrics/metrics.ts';
import type { RunResult } from '../result.ts';

/** Figures by name, in a fixed order. A figure that a run has no data for is absent. */
export type Figures = ReadonlyMap<string, number>;

export interface FigureOptions {
  /** Operations meant to begin before this instant are left out. Default 0. Measurements of nodes always cover the whole run. */
  readonly warmUp?: Micros;
}

/** Figures that are durations in µs. */
export const isDuration = (name: string): boolean => /(^|\/)latency\./.test(name);

export function figuresOf(result: RunResult, { warmUp = 0 }: FigureOptions = {}): Figures {
  const figures = new Map<string, number>();
  ofOperations(result, warmUp, figures);
  ofMeasures(result.metrics, figures);
  return figures;
}

function ofOperations({ operations, engine }: RunResult, warmUp: Micros, figures: Map<string, number>): void {
  const counted = operations.filter((one) => awaitedFrom(one) >= warmUp);
  if (counted.length === 0) return;
  const having = (outcome: Operation['outcome']): Operation[] => counted.filter((one) => one.outcome === outcome);
  const ok = having('ok');
  const seconds = (engine.reached - warmUp) / 1e6;
  figures.set('ok', ok.length / counted.length);
  figures.set('fail', having('fail').length / counted.length);
  figures.set('info', (counted.length - ok.length - having('fail').length) / counted.length);
  if (seconds > 0) {
    const answered = counted.filter((one) => one.completedAt < NEVER && one.outcome !== 'info').length;
    figures.set('throughput', answered / seconds);
    figures.set('goodput', ok.length / seconds);
  }
  const latency = new Histogram();
  for (const one of ok) latency.record(one.completedAt - awaitedFrom(one));
  if (ok.length > 0) setSummary('latency', latency.summary(), figures);
}

function ofMeasures({ counters, gauges, histograms }: MetricsJson, figures: Map<string, number>): void {
  const totals = new Map<string, number>();
  for (const { scope, name, value } of counters) {
    figures.set(`${scope}/${name}`, value);
    totals.set(name, (totals.get(name) ?? 0) + value);
  }
  for (const [name, total] of totals) figures.set(`*/${name}`, total);
  for (const { scope, name, mean, max } of gauges) {
    figures.set(`${scope}/${name}.mean`, mean);
    figures.set(`${scope}/${name}.max`, max);
  }
  const merged = new Map<string, Histogram>();
  for (const { scope, name, summary, histogram } of histograms) {
    setSummary(`${scope}/${name}`, summary, figures);
    const all = merged.get(name) ?? new Histogram();
    all.merge(Histogram.fromJSON(histogram));
    merged.set(name, all);
  }
  for (const [name, all] of merged) setSummary(`*/${name}`, all.summary(), figures);
}

export const STATISTICS = ['mean', 'p50', 'p90', 'p95', 'p99', 'max'] as const satisfies readonly (keyof Summary)[];

function setSummary(name: string, summary: Summary, figures: Map<string, number>): void {
  for (const statistic of STATISTICS) figures.set(`${name}.${statistic}`, summary[statistic]);
}
