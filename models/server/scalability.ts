/**
 * How much slower workers are for working side by side: the Universal Scalability Law (N. J. Gunther, "A General Theory of Computational
 * Scalability Based on Rational Functions", 2008). n workers together do
 *
 *   n / (1 + σ (n − 1) + κ n (n − 1))
 *
 * times what one does: σ, the contention, is the share of the work that is done one after the other (with κ = 0 this is Amdahl's law);
 * κ, the coherence, is what each pair pays to agree on what they share, and makes more workers do less beyond √((1 − σ) / κ).
 */
import { ConfigError } from '../../sim/index.ts';

export interface Scalability {
  /** σ, 0…1. Default 0. */
  readonly contention?: number;
  /** κ, 0…1. Default 0. */
  readonly coherence?: number;
}

/** How many times as long a piece of work takes while `n` workers are at work. Throws ConfigError naming the option. */
export function slowdownOf({ contention = 0, coherence = 0 }: Scalability): (n: number) => number {
  for (const [field, value] of Object.entries({ contention, coherence })) {
    if (!(value >= 0 && value <= 1)) throw new ConfigError(`scalability.${field}`, value, 'a number from 0 to 1');
  }
  return (n) => 1 + contention * (n - 1) + coherence * n * (n - 1);
}

/** Work that `n` workers do together, in units of what one does alone. Throws ConfigError naming the option. */
export const relativeCapacity = (n: number, scalability: Scalability): number => n / slowdownOf(scalability)(n);
