/** Words of `orrery search` that both of its kinds read. Each throws ConfigError for what it cannot read. */
import { randomBytes } from 'node:crypto';
import { ConfigError, parseDuration } from '../../sim/index.ts';
import { nameOnCommandLine } from '../command-text.ts';
import { resolveScenarios, type LoadedScenario } from '../load-scenario.ts';

export async function oneScenario(word: string): Promise<LoadedScenario> {
  const loaded = await resolveScenarios([word]);
  const [one, ...others] = loaded;
  if (one !== undefined && others.length === 0) return one;
  const names = loaded.map(nameOnCommandLine);
  throw new ConfigError('scenario', word, `one scenario, not ${names.length}: ${names.join(', ')}`);
}

/** The seed given, or else a new one. */
export function seedFrom(given: string | undefined): string {
  if (given === '') throw new ConfigError('--seed', given, 'a non-empty text');
  return given ?? randomBytes(4).toString('hex');
}

/** `2m` in ms of host time. */
export function timeFrom(word: string | undefined): number | undefined {
  if (word === undefined) return undefined;
  const time = parseDuration(word, '--time') / 1_000;
  if (time > 0 && time < LONGEST) return time;
  throw new ConfigError('--time', word, 'longer than nothing, and at most 24 days');
}

/** What a timer of the host can wait, ms. */
const LONGEST = 2 ** 31;

/** Runs spent on minimising one failure; 0: none is minimised. */
export function minimiseRunsFrom({
  minimise,
  budget,
}: {
  readonly minimise: boolean;
  readonly budget: number;
}): number {
  const runs = wholeNumber('--budget', budget);
  return minimise ? runs : 0;
}

export function wholeNumber(option: string, value: number, least = 1): number {
  if (Number.isSafeInteger(value) && value >= least) return value;
  const most = value > Number.MAX_SAFE_INTEGER ? ` and at most ${Number.MAX_SAFE_INTEGER}` : '';
  throw new ConfigError(option, value, `a whole number of at least ${least}${most}`);
}
