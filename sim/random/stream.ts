/**
 * Named random streams: every consumer of randomness has its own, derived from the run's seed and a stable name
 * (`workload/c1`, `node/n3`). What one consumer draws never moves another's draws, so that taking one fault or one client out of
 * a run leaves the rest of the run's luck as it was.
 */
import { ConfigError } from '../base/errors.ts';
import type { RandomSource } from './random-source.ts';
import { generatorFor } from './seed-key.ts';

/** Anything that turns draws into values: see distribution.ts. */
export interface Sampled<T> {
  sample(source: RandomSource): T;
}

export class RandomStream implements RandomSource {
  readonly seed: string;
  readonly name: string;
  #draw: (() => number) | undefined;

  /** Costs nothing until the first draw. */
  constructor(seed: string, name: string) {
    this.seed = seed;
    this.name = name;
  }

  /** Uniform in [0, 1), a multiple of 2⁻³². */
  next(): number {
    return (this.#draw ??= generatorFor(this.seed, this.name))();
  }

  /** Uniform unsigned 32-bit integer. */
  uint32(): number {
    return this.next() * 2 ** 32;
  }

  /**
   * Uniform integer in 0…n−1, without bias: a draw beyond the last whole multiple of n is drawn again. n is 1…2⁵². No draw when
   * n is 1.
   */
  int(n: number): number {
    if (!(Number.isInteger(n) && n >= 1 && n <= 2 ** 52))
      throw new ConfigError('n', n, 'a whole number from 1 to 2^52');
    if (n === 1) return 0;
    const range = n <= 2 ** 32 ? 2 ** 32 : 2 ** 52;
    const limit = range - (range % n);
    for (;;) {
      const x = n <= 2 ** 32 ? this.uint32() : Math.floor(this.uint32() / 2 ** 12) * 2 ** 32 + this.uint32();
      if (x < limit) return x % n;
    }
  }

  /** Uniform integer from lo to hi, both included. No draw when they are equal. */
  between(lo: number, hi: number): number {
    if (!Number.isSafeInteger(lo)) throw new ConfigError('lo', lo, 'a whole number');
    if (!Number.isSafeInteger(hi) || hi < lo) throw new ConfigError('hi', hi, `a whole number of at least ${lo}`);
    return lo + this.int(hi - lo + 1);
  }

  /** True with probability p, from 0 to 1 (included). No draw when p is 0 or 1. */
  chance(p: number): boolean {
    if (!(p >= 0 && p <= 1)) throw new ConfigError('p', p, 'a probability from 0 to 1');
    if (p === 0 || p === 1) return p === 1;
    return this.next() < p;
  }

  /** One item, all equally likely. No draw when there is only one. */
  pick<T>(items: readonly T[]): T {
    if (items.length === 0) throw new ConfigError('items', items, 'at least one item to pick from');
    return items[this.int(items.length)] as T;
  }

  /** A shuffled copy, every order equally likely (Fisher and Yates). */
  shuffle<T>(items: readonly T[]): T[] {
    const shuffled = items.slice();
    for (let i = shuffled.length - 1; i > 0; i--) {
      const j = this.int(i + 1);
      const swapped = shuffled[i] as T;
      shuffled[i] = shuffled[j] as T;
      shuffled[j] = swapped;
    }
    return shuffled;
  }

  /** What is drawn from now on is drawn afresh: another `salt`, other luck. What has been drawn stays as it was. */
  redraw(salt: number): void {
    this.#draw = generatorFor(this.seed, `${this.name}/redrawn/${salt}`);
  }

  /** One value of a distribution. */
  sample<T>(distribution: Sampled<T>): T {
    return distribution.sample(this);
  }
}
