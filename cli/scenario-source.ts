/**
 * Where the scenario of a repro lies. A repro says it relative to itself, so that both can move together, and also as it was named
 * when the run was made, so that the repro alone can move.
 */
import { existsSync } from 'node:fs';
import { dirname, relative, resolve, sep } from 'node:path';
import { ConfigError, type ReproSource } from '../sim/index.ts';
import { loadFile, resolveScenarios, type LoadedScenario } from './load-scenario.ts';

const posix = (path: string): string => path.split(sep).join('/');

/** The source as it stands in a file in `folder`; nothing for a bundled scenario. */
export function sourceFor({ file, given, code }: LoadedScenario, folder: string): ReproSource {
  if (file === undefined) return {};
  return {
    file: posix(relative(folder, file)),
    ...(given === undefined ? {} : { given: posix(given) }),
    ...(code === undefined ? {} : { code }),
  };
}

/** What stood in a file in `from`, as it has to stand in one in `to`. */
export function movedSource<T extends ReproSource>(source: T, from: string, to: string): T {
  return source.file === undefined ? source : { ...source, file: posix(relative(to, resolve(from, source.file))) };
}

export interface Sought extends ReproSource {
  /** Name of the scenario. */
  readonly scenario: string;
}

/** The scenario of a repro, or of a search file, at `path`. `instead`: a file or a bundled name in place of what it says. Throws ConfigError. */
export async function scenarioFrom(sought: Sought, path: string, instead?: string): Promise<LoadedScenario> {
  if (instead !== undefined) return named(await resolveScenarios([instead]), sought.scenario, '--scenario', instead);
  if (sought.file === undefined) return named(await resolveScenarios([sought.scenario]), sought.scenario, path, path);
  const places = placesOf(sought, path);
  let others: string | undefined;
  for (const place of places.filter((candidate) => existsSync(candidate))) {
    const loaded = await loadFile(relative('.', place));
    const one = loaded.find(({ scenario }) => scenario.name === sought.scenario);
    if (one !== undefined) return one;
    others ??= `${relative('.', place)} holds ${loaded.map(({ scenario }) => scenario.name).join(', ')}`;
  }
  const shown = places.map((place) => posix(relative('.', place))).join(', ');
  const what = `a file that holds the scenario ${sought.scenario}: ${others ?? `there is none at ${shown}`}`;
  throw new ConfigError(`${path}: file`, sought.file, `${what}; name it with --scenario`);
}

function named(loaded: readonly LoadedScenario[], name: string, field: string, value: string): LoadedScenario {
  const one = loaded.find(({ scenario }) => scenario.name === name);
  if (one !== undefined) return one;
  const found = loaded.map(({ scenario }) => scenario.name).join(', ');
  throw new ConfigError(field, value, `the scenario ${name}, not ${found}`);
}

/** Beside the repro; as it was named; by ever less of its path from here. Each once. */
function placesOf({ file = '', given }: ReproSource, path: string): readonly string[] {
  const steps = file.split('/').filter((step) => step !== '..' && step !== '.');
  return [
    ...new Set([
      resolve(dirname(path), file),
      ...(given === undefined ? [] : [resolve(given)]),
      ...steps.map((_, i) => resolve(steps.slice(i).join('/'))),
    ]),
  ];
}
