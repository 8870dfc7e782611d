/** Options that another function makes: neither its name nor the function itself must stand for what it makes. */
import { ConfigError } from './errors.ts';

/** `value`, which must be an object with these functions. Throws ConfigError naming `field`. */
export function withFunctions<T>(
  value: T,
  functions: readonly (keyof T & string)[],
  field: string,
  expected: string,
): T {
  const has = (name: keyof T): boolean => typeof value[name] === 'function';
  if (typeof value === 'object' && value !== null && functions.every(has)) return value;
  throw new ConfigError(field, value, expected);
}
