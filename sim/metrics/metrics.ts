/** The run's measurements: counters, gauges and histograms by scope (a node's name, '' for the whole run) and name. */
import { ConfigError } from '../base/errors.ts';
import type { BucketOptions } from './buckets.ts';
import { Counter } from './counter.ts';
import type { Clock, CounterJson } from './counter.ts';
import { Gauge } from './gauge.ts';
import type { GaugeJson } from './gauge.ts';
import { Histogram } from './histogram.ts';
import type { HistogramJson, Summary } from './histogram.ts';
import { LevelSeries } from './level-series.ts';
import { SumSeries } from './sum-series.ts';

export interface MeasureOptions {
  /** Keep a time series as well: `true`, or its bucket width and number. Only the first to fetch a handle can ask. */
  readonly series?: boolean | BucketOptions;
}

interface Named {
  readonly scope: string;
  readonly name: string;
}

/** All measurements as plain data, each list by scope, then name, in code-unit order. */
export interface MetricsJson {
  readonly counters: readonly (Named & CounterJson)[];
  readonly gauges: readonly (Named & GaugeJson)[];
  readonly histograms: readonly (Named & { readonly summary: Summary; readonly histogram: HistogramJson })[];
}

type Measure = Counter | Gauge | Histogram;

export class Metrics {
  readonly #clock: Clock;
  readonly #scopes = new Map<string, Map<string, Measure>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The counter of this scope and name; the same handle every time. Fetch it once. Throws ConfigError if it is no counter. */
  counter(scope: string, name: string, options: MeasureOptions = {}): Counter {
    const made = this.#find(scope, name) ?? this.#keep(scope, name, new Counter(this.#clock, sums(options.series)));
    if (made instanceof Counter) return made;
    throw clash(scope, name, 'a counter');
  }

  /** The gauge of this scope and name. Throws ConfigError if it is no gauge. */
  gauge(scope: string, name: string, options: MeasureOptions = {}): Gauge {
    const made = this.#find(scope, name) ?? this.#keep(scope, name, new Gauge(this.#clock, levels(options.series)));
    if (made instanceof Gauge) return made;
    throw clash(scope, name, 'a gauge');
  }

  /** The histogram of this scope and name. Throws ConfigError if it is no histogram. */
  histogram(scope: string, name: string): Histogram {
    const made = this.#find(scope, name) ?? this.#keep(scope, name, new Histogram());
    if (made instanceof Histogram) return made;
    throw clash(scope, name, 'a histogram');
  }

  toJSON(): MetricsJson {
    const counters: (Named & CounterJson)[] = [];
    const gauges: (Named & GaugeJson)[] = [];
    const histograms: MetricsJson['histograms'][number][] = [];
    for (const scope of [...this.#scopes.keys()].sort(byCodeUnit)) {
      const measures = this.#scopes.get(scope) as Map<string, Measure>;
      for (const name of [...measures.keys()].sort(byCodeUnit)) {
        const measure = measures.get(name) as Measure;
        if (measure instanceof Counter) counters.push({ scope, name, ...measure.toJSON() });
        else if (measure instanceof Gauge) gauges.push({ scope, name, ...measure.toJSON() });
        else histograms.push({ scope, name, summary: measure.summary(), histogram: measure.toJSON() });
      }
    }
    return { counters, gauges, histograms };
  }

  #find(scope: string, name: string): Measure | undefined {
    return this.#scopes.get(scope)?.get(name);
  }

  #keep(scope: string, name: string, measure: Measure): Measure {
    let measures = this.#scopes.get(scope);
    if (measures === undefined) {
      measures = new Map();
      this.#scopes.set(scope, measures);
    }
    measures.set(name, measure);
    return measure;
  }
}

const byCodeUnit = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function sums(series: MeasureOptions['series']): SumSeries | undefined {
  if (series === undefined || series === false) return undefined;
  return new SumSeries(series === true ? {} : series);
}

function levels(series: MeasureOptions['series']): LevelSeries | undefined {
  if (series === undefined || series === false) return undefined;
  return new LevelSeries(series === true ? {} : series);
}

const clash = (scope: string, name: string, expected: string): ConfigError =>
  new ConfigError(
    'metric',
    scope === '' ? name : `${scope}: ${name}`,
    `${expected}; the name is taken by another kind`,
  );
