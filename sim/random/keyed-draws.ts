/**
 * Keyed draws: the fate of message i on a link is a function of (seed, link, i) and of nothing else. It does not matter what was
 * drawn before or how many draws another message took, so a schedule that is shrunk by one fault keeps every other message's
 * luck. (The idea is that of counter-based generators: Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011.)
 *
 * A draw hashes key, index and lane through a 32-bit finalizer with full avalanche (C. Wellons' lowbias32, bias
 * 0.17): two for the index, once, in `at`, and two for each draw.
 */
import type { RandomSource } from './random-source.ts';
import { keysFor } from './seed-key.ts';

/** Odd, so that lanes and high words walk through all residues: 2³² divided by the golden ratio. */
const GOLDEN = 0x9e3779b9;

function mix(x: number): number {
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
  return x ^ (x >>> 16);
}

export class KeyedDraws implements RandomSource {
  #key0: number;
  #key1: number;
  #base = 0;
  #lane = 0;

  /** `seed` is the run's, `name` the consumer's, such as `net/a→b`. Starts at index 0. */
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
    this.#base = mix((low + Math.imul(high, GOLDEN)) ^ this.#key1);
    this.#lane = 0;
    return this;
  }

  /** Every draw from now on is another one, as `salt` says; ends at index 0. */
  redraw(salt: number): void {
    this.#key0 = mix(this.#key0 ^ mix(salt + GOLDEN));
    this.#key1 = mix(this.#key1 ^ mix(salt ^ GOLDEN));
    this.at(0);
  }

  /** The index's next lane: uniform in [0, 1), a multiple of 2⁻³². */
  next(): number {
    this.#lane = (this.#lane + GOLDEN) | 0;
    return (mix(mix(this.#base + this.#lane) ^ this.#key1) >>> 0) * 2 ** -32;
  }
}
