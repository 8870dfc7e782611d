/**
 * Random search: schedule k with seed k, for one k after the other, on the fast path.
 *
 * Run k depends on (scenario, seed, profile, parameters, k) alone, so that a search can be split over workers and machines in any
 * way, and any one of its runs made again. Nothing here reads a clock: a caller who has only so much time says stop.
 */
import { ConfigError } from '../base/errors.ts';
import type { Micros } from '../base/time.ts';
import { scheduleJson, type FaultSchedule } from '../faults/schedule.ts';
import type { NemesisProfile } from '../faults/nemesis/profile.ts';
import { readParams } from '../params.ts';
import { RandomStream } from '../random/stream.ts';
import type { Scenario } from '../scenario.ts';
import { nemesisOf, type NemesisOf } from '../topology-of.ts';
import { coverageOf, NO_COVERAGE, type Coverage } from './coverage.ts';
import { freezeOutsideCore } from './quorum-core.ts';
import { attempt, failuresOf, undecidedIn, type Attempt, type Trial } from './trial.ts';

export interface SearchOptions {
  /** Every schedule and every run's seed derive from it. */
  readonly seed: string;
  readonly profile: NemesisProfile;
  readonly params?: Readonly<Record<string, unknown>>;
  /** Index of the first schedule. Default 0. */
  readonly from?: number;
  /** How many schedules. Default: until somebody says stop. */
  readonly count?: number;
  /** Every how manyth index: shard i of n begins at i and steps by n. Default 1. */
  readonly step?: number;
  /** False: every fault of a profile that heals does heal. Default true: in half of the schedules some stay outside a quorum core. */
  readonly freeze?: boolean;
}

/** What one schedule did; plain data. */
export interface SearchOutcome {
  readonly index: number;
  readonly seed: string;
  /** As `parseSchedule` reads it. */
  readonly schedule: readonly Readonly<Record<string, unknown>>[];
  /** `broke`: the run ended by an error. */
  readonly status: 'held' | 'violated' | 'undecided' | 'broke';
  /** Names of the violated checks, of those that are judged. */
  readonly violated: readonly string[];
  /** Names of the checks that could not decide. */
  readonly undecided: readonly string[];
  /** What broke the run. */
  readonly error?: string;
  readonly virtualTime: Micros;
  readonly events: number;
  /** Ids of planned faults that changed nothing. */
  readonly ineffective: readonly string[];
  /** '' when the run broke. */
  readonly digest: string;
  readonly operations: { readonly begun: number; readonly ok: number };
  readonly coverage: Coverage;
}

/** Where a search draws its runs from. */
export class SearchSpace {
  readonly scenario: Scenario;
  readonly options: SearchOptions;
  readonly nemesis: NemesisOf;
  readonly params: Readonly<Record<string, unknown>>;

  /** Throws ConfigError for bad parameters. */
  constructor(scenario: Scenario, options: SearchOptions) {
    if (options.seed === '') throw new ConfigError('seed', options.seed, 'a non-empty text');
    this.scenario = scenario;
    this.options = options;
    this.params = readParams(scenario.params, options.params);
    this.nemesis = nemesisOf(scenario, this.params);
  }

  /** Nothing has to heal under this profile: only safety is judged. */
  get safetyOnly(): boolean {
    return this.options.profile.unrestricted;
  }

  /** The trial with this index: always the same. */
  trial(index: number): Trial {
    const { seed } = this.options;
    return { seed: `${seed}/${index}`, params: this.params, faults: this.faults(index) };
  }

  private faults(index: number): FaultSchedule {
    const { seed, profile, freeze = true } = this.options;
    const drawn = this.nemesis.draw(profile, seed, index);
    if (this.safetyOnly || !freeze) return drawn;
    const random = new RandomStream(seed, `core/${profile.name}/${index}`);
    return freezeOutsideCore(drawn, this.nemesis.topology, this.nemesis.limits, random);
  }
}

/** Runs one schedule after the other, and yields what each did. Asks `stop` before each. Throws ConfigError. */
export function* searchSchedules(
  scenario: Scenario,
  options: SearchOptions,
  stop: () => boolean = () => false,
): Generator<SearchOutcome, void, void> {
  const { from = 0, count = Infinity, step = 1 } = options;
  if (!Number.isSafeInteger(from) || from < 0) throw new ConfigError('from', from, 'a whole number of at least 0');
  if (!Number.isSafeInteger(step) || step < 1) throw new ConfigError('step', step, 'a whole number of at least 1');
  const space = new SearchSpace(scenario, options);
  for (let done = 0; done < count && !stop(); done++) yield outcomeOf(space, from + done * step);
}

function outcomeOf(space: SearchSpace, index: number): SearchOutcome {
  const trial = space.trial(index);
  return outcomeFrom(index, trial, attempt(space.scenario, trial), space.safetyOnly);
}

/** What has become of the trial with this index. */
export function outcomeFrom(index: number, trial: Trial, outcome: Attempt, safetyOnly: boolean): SearchOutcome {
  const { result, error } = outcome;
  const violated = failuresOf(outcome, safetyOnly);
  const undecided = undecidedIn(outcome, safetyOnly);
  const ran = violated.length > 0 ? 'violated' : undecided.length > 0 ? 'undecided' : 'held';
  const operations = result?.operations ?? [];
  return {
    index,
    seed: trial.seed,
    schedule: scheduleJson(trial.faults),
    status: result === undefined ? 'broke' : ran,
    violated,
    undecided,
    ...(error === undefined ? {} : { error }),
    virtualTime: result?.engine.reached ?? 0,
    events: result?.engine.events ?? 0,
    ineffective: result?.faults.flatMap(({ id, effects }) => (effects === 0 ? [id] : [])) ?? [],
    digest: result?.digest ?? '',
    operations: { begun: operations.length, ok: operations.filter(({ outcome: how }) => how === 'ok').length },
    coverage: result === undefined ? { ...NO_COVERAGE, schedules: 1 } : coverageOf(result),
  };
}
