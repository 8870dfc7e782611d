/**
 * Keyed draws: the fate of message i on a link is a function of (seed, link, i) and of nothing else. It does not matter what was
 * drawn before or how many draws another message took, so a schedule that is shrunk by one fault keeps every other message's
 * luck. (The idea is that of counter-based generators: Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011.)
 *
 * A draw hashes keys, index and lane through a 32-bit finalizer with full avalanche: two rounds for the index, once, in `at`, and
 * one for each draw, over a Weyl sequence as in G. Steele et al., "Fast splittable pseudorandom number generators", 2014.
 */
import { GOLDEN, mix } from './mix.ts';
import type { RandomSource } from './random-source.ts';
import { keysFor } from './seed-key.ts';

export class KeyedDraws implements RandomSource {
  #key0: number;
  #key1: number;
  /** Steps by GOLDEN from lane to lane. */
  #lane = 0;

  /** `seed` is the run's, `name` the consumer's, such as `workload/c1/gaps`. Starts at index 0. */
  constructor(seed: string, name: string) {
    const { key0, key1 } = keysFor(seed, name);
    this.#key0 = key0;
    this.#key1 = key1;
    this.at(0);
  }

  /** Goes to lane 0 of `index`, a whole number from 0 to 2⁵³ − 1. */
  at(index: number): this {
    const high = (index / 2 ** 32) | 0;
    const low = mix((index | 0) ^ this.#key0);
    this.#lane = mix((low + Math.imul(high, GOLDEN)) ^ this.#key1);
    return this;
  }

  /** Becomes the draws of these keys, at lane 0 of `index`: for one object that stands for very many consumers in turn. */
  under(key0: number, key1: number, index: number): this {
    this.#key0 = key0;
    this.#key1 = key1;
    return this.at(index);
  }

  /** Every draw from now on is another one, as `salt` says; ends at index 0. */
  redraw(salt: number): void {
    this.#key0 = mix(this.#key0 ^ mix(salt + GOLDEN));
    this.#key1 = mix(this.#key1 ^ mix(salt ^ GOLDEN));
    this.at(0);
  }

  /** The index's next lane: uniform in [0, 1), a multiple of 2⁻³². */
  next(): number {
    return (mix((this.#lane = (this.#lane + GOLDEN) | 0)) >>> 0) * 2 ** -32;
  }
}
