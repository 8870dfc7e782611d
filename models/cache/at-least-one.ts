import { ConfigError } from '../../sim/index.ts';

/** A whole number of at least 1. Throws ConfigError. */
export function atLeastOne(value: number, field: string): number {
  if (Number.isInteger(value) && value >= 1) return value;
  throw new ConfigError(field, value, 'a whole number of at least 1');
}
