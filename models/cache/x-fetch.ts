/**
 * Probabilistic early expiration, XFetch (A. Vattani, F. Chierichetti, K. Lowenstein, "Optimal probabilistic cache stampede
 * prevention", VLDB 2015): each reader loads a value that is still good with a probability that grows towards its expiry, in units
 * of what a load takes:
 *
 *   now − took · β · ln(rand) ≥ expires
 *
 * With requests often enough somebody loads shortly before the expiry, without any coordination: also between caches that know
 * nothing of each other. It makes a herd improbable, not impossible, and early loads can overlap: no "exactly one refresh" is
 * promised. A load that suddenly takes far longer than the last one did comes too late.
 */
import { ConfigError, maths } from '../../sim/index.ts';
import type { RefreshPolicy } from './refresh-policy.ts';

export interface XFetchOptions {
  /** Above 1 favours earlier loads, below 1 later ones; above 0. Default 1, which is optimal. */
  readonly beta?: number;
}

/** Throws ConfigError. */
export function xFetch({ beta = 1 }: XFetchOptions = {}): RefreshPolicy {
  if (!(beta > 0 && beta < Infinity)) throw new ConfigError('xFetch.beta', beta, 'a number above 0');
  return {
    name: 'xfetch',
    shares: false,
    grace: 0,
    step({ expires, took }, now, random) {
      if (expires <= now) return 'load';
      // 1 − U instead of U: never the logarithm of 0.
      return now - took * beta * maths.ln(1 - random.next()) >= expires ? 'load' : 'serve';
    },
  };
}
