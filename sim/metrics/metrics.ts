/** The run's measurements: counters, gauges, histograms and marks by scope (a node's name, '' for the whole run) and name. */
import { ConfigError } from '../base/errors.ts';
import type { BucketOptions } from './buckets.ts';
import { Counter } from './counter.ts';
import type { Clock, CounterJson } from './counter.ts';
import { Gauge } from './gauge.ts';
import type { GaugeJson } from './gauge.ts';
import { Histogram } from './histogram.ts';
import type { HistogramJson, Summary } from './histogram.ts';
import { LevelSeries } from './level-series.ts';
import { Mark } from './mark.ts';
import type { MarkJson } from './mark.ts';
import { SumSeries } from './sum-series.ts';

export interface MeasureOptions {
  /**
   * Keep a time series as well: `true`, or its bucket width and number. The first to ask decides; of a counter it
   * can be asked until it counts (a check may have looked at it before), of a gauge only when it is made.
   */
  readonly series?: boolean | BucketOptions;
}

export interface GaugeOptions extends MeasureOptions {
  /** The level at which it is full, such as the number of servers: levels can then be told as shares. */
  readonly capacity?: number;
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
  /** Absent when nothing is marked. */
  readonly marks?: readonly (Named & MarkJson)[];
}

type Measure = Counter | Gauge | Histogram | Mark;

export class Metrics {
  readonly #clock: Clock;
  readonly #scopes = new Map<string, Map<string, Measure>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The counter of this scope and name; the same handle every time. Fetch it once. Throws ConfigError if it is no counter. */
  counter(scope: string, name: string, options: MeasureOptions = {}): Counter {
    const made = this.#find(scope, name) ?? this.#keep(scope, name, new Counter(this.#clock));
    if (!(made instanceof Counter)) throw clash(scope, name, 'a counter');
    const series = sums(options.series);
    if (series !== undefined) made.keepSeries(series);
    return made;
  }

  /** The gauge of this scope and name. Throws ConfigError if it is no gauge. */
  gauge(scope: string, name: string, options: GaugeOptions = {}): Gauge {
    const made =
      this.#find(scope, name) ??
      this.#keep(scope, name, new Gauge(this.#clock, levels(options.series), options.capacity));
    if (made instanceof Gauge) return made;
    throw clash(scope, name, 'a gauge');
  }

  /** The histogram of this scope and name. Throws ConfigError if it is no histogram. */
  histogram(scope: string, name: string): Histogram {
    const made = this.#find(scope, name) ?? this.#keep(scope, name, new Histogram());
    if (made instanceof Histogram) return made;
    throw clash(scope, name, 'a histogram');
  }

  /** The mark of this scope and name. Throws ConfigError if it is no mark. */
  mark(scope: string, name: string): Mark {
    const made = this.#find(scope, name) ?? this.#keep(scope, name, new Mark(this.#clock));
    if (made instanceof Mark) return made;
    throw clash(scope, name, 'a mark');
  }

  toJSON(): MetricsJson {
    const counters: (Named & CounterJson)[] = [];
    const gauges: (Named & GaugeJson)[] = [];
    const histograms: MetricsJson['histograms'][number][] = [];
    const marks: (Named & MarkJson)[] = [];
    for (const scope of [...this.#scopes.keys()].sort(byCodeUnit)) {
      const measures = this.#scopes.get(scope) as Map<string, Measure>;
      for (const name of [...measures.keys()].sort(byCodeUnit)) {
        const measure = measures.get(name) as Measure;
        if (measure instanceof Counter) counters.push({ scope, name, ...measure.toJSON() });
        else if (measure instanceof Gauge) gauges.push({ scope, name, ...measure.toJSON() });
        else if (measure instanceof Mark) marks.push({ scope, name, ...measure.toJSON() });
        else histograms.push({ scope, name, summary: measure.summary(), histogram: measure.toJSON() });
      }
    }
    return { counters, gauges, histograms, ...(marks.length === 0 ? {} : { marks }) };
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
