/** Options that are misspelt must not be overlooked. */
import { ConfigError } from './errors.ts';
import { hint } from './nearest.ts';

/** Throws ConfigError naming `where` and the first field of `value` that is not known. */
export function refuseUnknownFields(value: object, known: readonly string[], where: string): void {
  for (const [field, given] of Object.entries(value)) {
    if (!known.includes(field)) {
      throw new ConfigError(`${where}.${field}`, given, `one of the fields ${known.join(', ')}${hint(field, known)}`);
    }
  }
}
