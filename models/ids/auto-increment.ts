/**
 * Auto-increment columns of several primaries (MySQL's `auto_increment_increment` and `auto_increment_offset`): primary i of k gives out
 * i, i + k, i + 2k, … No two primaries ever agree on anything, and no two ids are the same. The price: k is fixed for good, and ids
 * of different primaries say nothing about their order.
 */
import { ConfigError } from '../../sim/index.ts';

export interface IncrementOptions {
  /** How many primaries there are, k ≥ 1. Default 1. */
  readonly increment?: number;
  /** Which of them this is, 1 … k. Default 1. */
  readonly offset?: number;
}

/** Both with their defaults. Throws ConfigError. */
export function checkedIncrement(options: IncrementOptions, field: string): Required<IncrementOptions> {
  const { increment = 1, offset = 1 } = options;
  if (!(Number.isSafeInteger(increment) && increment >= 1))
    throw new ConfigError(`${field}.increment`, increment, 'a whole number of at least 1');
  if (!(Number.isSafeInteger(offset) && offset >= 1 && offset <= increment))
    throw new ConfigError(`${field}.offset`, offset, `a whole number from 1 to the increment, ${increment}`);
  return { increment, offset };
}

/** The least number of the sequence above `last`. */
export function nextInSequence(last: number, { increment, offset }: Required<IncrementOptions>): number {
  if (last < offset) return offset;
  return offset + (Math.floor((last - offset) / increment) + 1) * increment;
}
