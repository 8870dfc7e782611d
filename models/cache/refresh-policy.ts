/**
 * The contract of refresh policies: what a reader does with the value that the cache has, and who loads a new one. What is at stake
 * is the stampede: a value that many ask for expires, and all of them load it at once.
 */
import type { Micros, RandomStream } from '../../sim/index.ts';

/** `serve` it; serve it and load a new one behind the reader's back, unless somebody does already (`serve-and-load`); `load` first. */
export type RefreshStep = 'serve' | 'serve-and-load' | 'load';

/** What is known of a value in the cache. */
export interface Freshness {
  readonly filled: Micros;
  readonly expires: Micros;
  /** How long it took to load. */
  readonly took: Micros;
}

export interface RefreshPolicy {
  readonly name: string;
  /** Whoever must load waits for a load of the same key that is under way, instead of beginning another. */
  readonly shares: boolean;
  /** How long values are kept after they have expired. */
  readonly grace: Micros;
  /** For a value that has not been expired for `grace` or longer; a key without a value is loaded in any case. */
  step(value: Freshness, now: Micros, random: RandomStream): RefreshStep;
}
