/** Choices by name: a misspelt one must not stand for another. */
import { ConfigError } from './errors.ts';
import { hint } from './nearest.ts';

/** `value`, which must be one of `choices`. Throws ConfigError naming `field`. */
export function oneOf<const T extends string>(value: T, choices: readonly T[], field: string): T {
  if (choices.includes(value)) return value;
  throw new ConfigError(field, value, `one of ${choices.join(', ')}${hint(value, choices)}`);
}
