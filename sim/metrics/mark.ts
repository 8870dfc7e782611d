import { ms } from '../base/time.ts';
import type { Micros } from '../base/time.ts';
import type { Clock } from './counter.ts';

export interface MarkJson {
  /** The state now. */
  readonly value: string;
  /** Since when it was in which state, ascending; before the first it was in none. */
  readonly changes: readonly (readonly [at: Micros, value: string])[];
  /** Present when there were too many changes: states that were held for less than this, µs, are left out. */
  readonly grain?: Micros;
}

/** The most changes kept. */
const MOST = 1_024;

/**
 * Which of a few named states something is in, such as a breaker that is closed, open or half-open. Memory is bounded: when it
 * changes too often the briefest states are forgotten, so that what is left still covers the whole run.
 */
export class Mark {
  readonly #clock: Clock;
  #value = '';
  #changes: [at: Micros, value: string][] = [];
  #grain = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get value(): string {
    return this.#value;
  }

  /** It is in state `value` from now on. Free when it is already. */
  set(value: string): void {
    if (value === this.#value) return;
    this.#value = value;
    const { now } = this.#clock;
    const last = this.#changes.at(-1);
    if (last?.[0] === now) last[1] = value;
    else this.#changes.push([now, value]);
    if (this.#changes.length > MOST) this.#coarsen();
  }

  toJSON(): MarkJson {
    const json = { value: this.#value, changes: withoutRepeats(this.#changes) };
    return this.#grain === 0 ? json : { ...json, grain: this.#grain };
  }

  #coarsen(): void {
    for (let grain = this.#grain; this.#changes.length > MOST / 2; grain = Math.max(ms(1), grain * 2)) {
      const changes = this.#changes;
      const kept = changes.filter(([at], i) => (changes[i + 1]?.[0] ?? Infinity) - at >= grain);
      this.#changes = withoutRepeats(kept);
      this.#grain = grain;
    }
  }
}

const withoutRepeats = (changes: readonly (readonly [Micros, string])[]): [Micros, string][] =>
  changes.filter(([, value], i) => value !== changes[i - 1]?.[1]).map(([at, value]) => [at, value]);
