/** Options that several commands have. */
import type { Options } from 'yargs';

/** A word that can be given several times: `-p a=1 -p b=2`. */
export const words = (describe: string) =>
  ({ type: 'string', array: true, nargs: 1, requiresArg: true, describe }) as const satisfies Options;

export const PARAM = { alias: 'p', ...words('name=value, repeatable; durations such as 250ms') } as const;

export const FAULTS = {
  type: 'string',
  requiresArg: true,
  describe: 'fault schedule that replaces the scenario’s own: a JSON file, or JSON that begins with [',
} as const satisfies Options;

/** What pages of runs carry. */
export type PageKind = 'recorded' | 'seed';

export const PAGES = {
  choices: ['recorded', 'seed'] as const satisfies readonly PageKind[],
  default: 'recorded' as const satisfies PageKind,
  requiresArg: true,
  describe: 'what pages carry: the recorded trace, or only what decides the run, which the page runs when it is opened',
} as const satisfies Options;

export const SCENARIO = {
  type: 'string',
  demandOption: true,
  describe: 'name of a bundled scenario, or path of a .ts or .js file that holds one',
} as const satisfies Options;
