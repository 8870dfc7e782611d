import type { Micros } from '../base/time.ts';
import type { SumSeries, SumSeriesJson } from './sum-series.ts';

/** Whoever knows the virtual time. */
export interface Clock {
  readonly now: Micros;
}

export interface CounterJson {
  readonly value: number;
  readonly series?: SumSeriesJson;
}

/** A number that only grows. */
export class Counter {
  readonly #clock: Clock;
  #series: SumSeries | undefined;
  #value = 0;

  constructor(clock: Clock, series?: SumSeries) {
    this.#clock = clock;
    this.#series = series;
  }

  get value(): number {
    return this.#value;
  }

  /** Keeps a series as well, unless it has counted already. */
  keepSeries(series: SumSeries): void {
    if (this.#value === 0) this.#series ??= series;
  }

  /** Counts n more (default 1), n ≥ 0. */
  add(n = 1): void {
    this.#value += n;
    if (this.#series !== undefined) this.#series.add(this.#clock.now, n);
  }

  toJSON(): CounterJson {
    return this.#series === undefined ? { value: this.#value } : { value: this.#value, series: this.#series.toJSON() };
  }
}
