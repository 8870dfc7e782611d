/**
 * The program that hunts: bundled together with a scenario and the engine, one of whose files may have a mistake in it, and run in a
 * thread of its own. Nothing of it is shared with whoever started it.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { minimise, profileNamed, searchSchedules, SearchSpace, type Scenario } from '../../sim/index.ts';

export interface Hunt {
  readonly params: Readonly<Record<string, unknown>>;
  readonly profile: string;
  /** The check that must be violated; absent: any. */
  readonly property?: string;
  /** One search from each. */
  readonly seeds: readonly string[];
  /** Schedules of one search at most. */
  readonly most: number;
  /** Runs spent on making smaller what the first search finds; 0: it is left as it was drawn. */
  readonly minimiseRuns: number;
}

/** What one search came to. */
export interface Hunted {
  readonly seed: string;
  /** Schedules run, the last of them being the one that violates the property. */
  readonly schedules: number;
  /** The checks that it violates; undefined: nothing was found. */
  readonly violated?: readonly string[];
  /** Faults in its schedule, and after minimising. */
  readonly drawn?: number;
  readonly left?: number;
  /** Of the search alone. */
  readonly seconds: number;
}

function hunt(scenario: Scenario, { property, most, minimiseRuns, ...rest }: Hunt, seed: string): Hunted {
  const options = { seed, params: rest.params, profile: profileNamed(rest.profile), count: most };
  const began = performance.now();
  for (const { index, violated, schedule } of searchSchedules(scenario, options)) {
    const found = property === undefined ? violated.length > 0 : violated.includes(property);
    if (!found) continue;
    const seconds = (performance.now() - began) / 1_000;
    const base = { seed, schedules: index + 1, violated, drawn: schedule.length, seconds };
    if (minimiseRuns === 0 || property === undefined) return base;
    const space = new SearchSpace(scenario, options);
    const { safetyOnly } = space;
    const small = minimise(scenario, space.trial(index), { property, safetyOnly, budget: minimiseRuns });
    return small === undefined ? base : { ...base, left: small.trial.faults.length };
  }
  return { seed, schedules: most, seconds: (performance.now() - began) / 1_000 };
}

/** Does what the thread was started for. */
export function hunting(scenario: Scenario): void {
  const order = workerData as Hunt;
  parentPort?.postMessage(
    order.seeds.map((seed, i) => hunt(scenario, i === 0 ? order : { ...order, minimiseRuns: 0 }, seed)),
  );
}
