/** A planted bug: a sound design with one mistake in its source, of the kind that engineers make. */
import { ConfigError } from '../../sim/index.ts';

export interface Mutant {
  readonly name: string;
  /** What is wrong, in one sentence. */
  readonly bug: string;
  /** The file with the mistake, from the root of the package. */
  readonly file: string;
  /** What the sound design says: occurs exactly once in the file. */
  readonly find: string;
  /** What the mutant says instead. */
  readonly replace: string;
  /** The bundled scenario that is searched, its parameters where they are not the defaults, and the nemesis' profile. */
  readonly scenario: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly profile: string;
  /** The check that must be violated. */
  readonly property: string;
}

/** The file's text with the mistake in it. Throws ConfigError unless the table fits the file. */
export function mutated(source: string, { name, file, find, replace }: Mutant): string {
  const field = `mutant ${name}: find`;
  const parts = source.split(find);
  if (parts.length !== 2)
    throw new ConfigError(field, find, `a text that ${file} has exactly once, not ${parts.length - 1} times`);
  if (replace === find) throw new ConfigError(`mutant ${name}: replace`, replace, 'something else than `find`');
  return parts.join(replace);
}
