/** The command that runs something again, as it can be pasted into a shell. */
import { relative } from 'node:path';
import type { LoadedScenario } from './load-scenario.ts';

export const quoted = (word: string): string =>
  /^[A-Za-z0-9_./:=@%+,-][A-Za-z0-9_./:=@%+,#-]*$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;

/** How a command names it from here. */
export function nameOnCommandLine({ scenario, file, isOneOfMany = false }: LoadedScenario): string {
  if (file === undefined) return scenario.name;
  return `${relative('.', file)}${isOneOfMany ? `#${scenario.name}` : ''}`;
}

export function commandFor(
  one: LoadedScenario,
  what: {
    readonly seed: string;
    readonly params: Readonly<Record<string, unknown>>;
    /** A file with the faults. */
    readonly faults?: string;
  },
): string {
  const words = ['orrery', 'run', nameOnCommandLine(one), '--seed', what.seed];
  for (const [param, value] of Object.entries(what.params)) words.push('--param', `${param}=${String(value)}`);
  if (what.faults !== undefined) words.push('--faults', what.faults);
  return words.map(quoted).join(' ');
}

export const replayCommandFor = (file: string): string => ['orrery', 'replay', file].map(quoted).join(' ');
