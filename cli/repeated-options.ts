/** Options that were given more often than they can be. */
import { ConfigError } from '../sim/base/errors.ts';

/** For yargs' `check`: it makes a list of an option that is repeated, whether or not anybody expects one. Throws ConfigError. */
export function refuseRepeated(given: Readonly<Record<string, unknown>>, options: unknown): true {
  const { array: lists, key: names } = options as YargsOptions;
  for (const name of [...Object.keys(names), ...Object.keys(given)]) {
    const value = given[name];
    if (name !== '_' && Array.isArray(value) && !lists.includes(name))
      throw new ConfigError(`--${name}`, value, 'one value: it was given several times');
  }
  return true;
}

/** What yargs, against its types, hands to a check. */
interface YargsOptions {
  /** Names and aliases of what may be repeated. */
  readonly array: readonly string[];
  /** By the names under which options were declared. */
  readonly key: Readonly<Record<string, unknown>>;
}
