/**
 * Capacity: the highest load at which every objective is met, by bisection. It takes for granted that more load never makes an
 * objective easier to meet; the list of probes shows whether that was so.
 */
import { ConfigError } from '../base/errors.ts';
import { hint } from '../base/nearest.ts';
import type { Scenario } from '../scenario.ts';
import { KnownFigures } from './known-figures.ts';
import { isMet, type Objective } from './objective.ts';
import { replicate, type PlaceOptions, type Replicated, type ReplicationOptions } from './replications.ts';

export interface CapacityOptions extends Omit<ReplicationOptions, 'figures'> {
  /** The parameter that is the load: a `count` or a `number`. */
  readonly load: string;
  /** Least and most load tried, below each other. Default: the parameter's bounds. */
  readonly from?: number;
  readonly to?: number;
  /** At least one. */
  readonly objectives: readonly Objective[];
  /** Stops when the answer is known to this share of itself, above 0 and below 1; default 0.02. Whole numbers for a count. */
  readonly precision?: number;
  readonly params?: Readonly<Record<string, unknown>>;
}

export interface Probe extends Replicated {
  readonly load: number;
  readonly met: boolean;
  /** Objectives that were not met. */
  readonly missed: readonly Objective[];
}

export interface Capacity {
  /** The highest load that met all objectives; undefined when not even the least did. */
  readonly highest: number | undefined;
  /** The lowest load above it that did not; undefined when the most tried did. */
  readonly lowestMissed: number | undefined;
}

/** Yields each probe, and returns the answer. Throws ConfigError. */
export function* capacity(scenario: Scenario, options: CapacityOptions): Generator<Probe, Capacity, void> {
  const range = rangeOf(scenario, options);
  const known = new KnownFigures();
  const answer = yield* bisect(range, (load) =>
    probeAt(scenario, options, load, { known, overloaded: load > range.from }),
  );
  known.check(options.objectives.map(({ figure }) => figure));
  return answer;
}

function* bisect(
  { from, to, whole, precision }: ReturnType<typeof rangeOf>,
  probe: (load: number) => Probe,
): Generator<Probe, Capacity, void> {
  const least = probe(from);
  yield least;
  if (!least.met) return { highest: undefined, lowestMissed: from };
  const most = probe(to);
  yield most;
  if (most.met) return { highest: to, lowestMissed: undefined };
  let [good, bad] = [from, to];
  while (bad - good > Math.max(whole ? 1 : 0, precision * bad)) {
    const middle = whole ? Math.floor((good + bad) / 2) : (good + bad) / 2;
    const next = probe(middle);
    yield next;
    if (next.met) good = middle;
    else bad = middle;
  }
  return { highest: good, lowestMissed: bad };
}

function probeAt(scenario: Scenario, options: CapacityOptions, load: number, place: PlaceOptions): Probe {
  const { objectives, params = {} } = options;
  const figures = [...new Set(objectives.map(({ figure }) => figure))];
  const replicated = replicate(scenario, { ...params, [options.load]: load }, { ...options, figures }, place);
  const missed = objectives.filter((one) => {
    const figure = replicated.figures[one.figure];
    return figure === undefined || !isMet(one, figure);
  });
  return { ...replicated, load, met: missed.length === 0, missed };
}

function rangeOf(scenario: Scenario, options: CapacityOptions) {
  const { load, objectives, precision = 0.02 } = options;
  const spec = scenario.params[load];
  const numeric = Object.keys(scenario.params).filter((name) => isNumeric(scenario.params[name]?.kind));
  if (spec === undefined || !isNumeric(spec.kind))
    throw new ConfigError(
      'load',
      load,
      `a parameter that is a number: ${numeric.join(', ') || 'there is none'}${hint(load, numeric)}`,
    );
  if (options.params?.[load] !== undefined)
    throw new ConfigError(`params.${load}`, options.params[load], 'no value of its own: it is the load');
  if (objectives.length === 0) throw new ConfigError('objectives', objectives, 'at least one objective');
  if (!(precision > 0 && precision < 1)) throw new ConfigError('precision', precision, 'a share above 0 and below 1');
  const bound = (given: number | undefined, name: 'from' | 'to', own: number | undefined): number => {
    if (given === undefined && own === undefined)
      throw new ConfigError(name, undefined, `a number: the parameter ${load} has no bound of its own`);
    return spec.parse(given ?? own, name) as number;
  };
  const from = bound(options.from, 'from', spec.bounds?.min);
  const to = bound(options.to, 'to', spec.bounds?.max);
  if (from >= to) throw new ConfigError('to', to, `more than from, which is ${from}`);
  return { from, to, whole: spec.kind === 'count', precision };
}

const isNumeric = (kind: string | undefined): boolean => kind === 'count' || kind === 'number';
