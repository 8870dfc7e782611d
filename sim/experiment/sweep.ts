/** A grid of parameters, each place of it replicated with the same seeds. */
import { ConfigError } from '../base/errors.ts';
import { canonicalJson } from '../base/json.ts';
import { hint } from '../base/nearest.ts';
import { readParams } from '../params.ts';
import type { Scenario } from '../scenario.ts';
import { KnownFigures } from './known-figures.ts';
import { replicate, type Replicated, type ReplicationOptions } from './replications.ts';

export interface SweepOptions extends ReplicationOptions {
  /** Values by parameter; every combination is run. The first parameter varies slowest. At most 10,000 places. */
  readonly grid: Readonly<Record<string, readonly unknown[]>>;
  /** The same for all places. */
  readonly params?: Readonly<Record<string, unknown>>;
}

export interface SweepPlace extends Replicated {
  /** Values of the parameters that vary. */
  readonly at: Readonly<Record<string, unknown>>;
}

const MOST_PLACES = 10_000;

/** Yields one place after the other. All places are checked before the first run; throws ConfigError. */
export function* sweep(scenario: Scenario, options: SweepOptions): Generator<SweepPlace, void, void> {
  const known = new KnownFigures();
  for (const at of placesOf(scenario, options))
    yield { ...replicate(scenario, { ...options.params, ...at }, options, { known }), at };
  known.check(options.figures ?? []);
}

/** Every combination, with its values as the scenario's parameters read them. */
export function placesOf(
  scenario: Scenario,
  { grid, params = {} }: Pick<SweepOptions, 'grid' | 'params'>,
): SweepPlace['at'][] {
  const names = Object.keys(scenario.params);
  const varied = Object.entries(grid);
  for (const [name, values] of varied) {
    if (!names.includes(name))
      throw new ConfigError(`grid.${name}`, values, `one of the parameters ${names.join(', ')}${hint(name, names)}`);
    if (values.length === 0) throw new ConfigError(`grid.${name}`, values, 'at least one value');
    if (Object.hasOwn(params, name))
      throw new ConfigError(`params.${name}`, params[name], 'a parameter that the grid does not vary');
  }
  const count = varied.reduce((product, [, values]) => product * values.length, 1);
  if (count > MOST_PLACES) throw new ConfigError('grid', count, `at most ${MOST_PLACES} combinations`);
  const places = varied.reduce<Readonly<Record<string, unknown>>[]>(
    (list, [name, values]) => list.flatMap((place) => values.map((value) => ({ ...place, [name]: value }))),
    [{}],
  );
  const all = places.map((place) => {
    const read: Readonly<Record<string, unknown>> = readParams(scenario.params, { ...params, ...place });
    return Object.fromEntries(Object.keys(place).map((name) => [name, read[name]]));
  });
  const texts = new Set<string>();
  for (const place of all) {
    const { size } = texts;
    if (texts.add(canonicalJson(place)).size === size) throw new ConfigError('grid', place, 'each combination once');
  }
  return all;
}
