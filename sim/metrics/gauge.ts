import type { Micros } from '../base/time.ts';
import type { Clock } from './counter.ts';
import type { LevelSeries, LevelSeriesJson } from './level-series.ts';

export interface GaugeJson {
  /** The level now. */
  readonly value: number;
  /** Time-weighted, from the gauge's making until now. */
  readonly mean: number;
  readonly min: number;
  readonly max: number;
  /** The level at which it is full, where there is one. */
  readonly capacity?: number;
  readonly series?: LevelSeriesJson;
}

/** A level that goes up and down: 0 at first, weighted by the time it is held. */
export class Gauge {
  readonly #clock: Clock;
  readonly #series: LevelSeries | undefined;
  readonly #madeAt: Micros;
  readonly #capacity: number | undefined;
  #value = 0;
  #min = 0;
  #max = 0;
  #area = 0;
  #since: Micros;

  constructor(clock: Clock, series?: LevelSeries, capacity?: number) {
    this.#clock = clock;
    this.#capacity = capacity;
    this.#series = series;
    this.#madeAt = clock.now;
    this.#since = clock.now;
  }

  get value(): number {
    return this.#value;
  }

  /** The level summed over the time that it was held: level · µs. */
  get area(): number {
    return this.#area + this.#value * (this.#clock.now - this.#since);
  }

  /** The level is `level` from now on; not negative if the gauge keeps a series. */
  set(level: number): void {
    const { now } = this.#clock;
    if (now !== this.#since) {
      this.#area += this.#value * (now - this.#since);
      this.#since = now;
    }
    this.#value = level;
    if (level < this.#min) this.#min = level;
    if (level > this.#max) this.#max = level;
    if (this.#series !== undefined) this.#series.set(now, level);
  }

  /** Moves the level by `change`, up or down. */
  add(change: number): void {
    this.set(this.#value + change);
  }

  toJSON(): GaugeJson {
    const { now } = this.#clock;
    const passed = now - this.#madeAt;
    const mean = passed > 0 ? this.area / passed : this.#value;
    const full = this.#capacity === undefined ? {} : { capacity: this.#capacity };
    const json = { value: this.#value, mean, min: this.#min, max: this.#max, ...full };
    return this.#series === undefined ? json : { ...json, series: this.#series.toJSON(now) };
  }
}
