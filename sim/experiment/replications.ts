/**
 * Independent replications of a run. Replication k of everything that is compared has the same seed, and with it the same draws of
 * every stream that both have: common random numbers, so that differences are those of the designs, not of luck.
 */
import { ConfigError } from '../base/errors.ts';
import { durationText, parseDuration, type Duration } from '../base/time.ts';
import type { FaultSchedule } from '../faults/schedule.ts';
import type { RunResult } from '../result.ts';
import { run } from '../run.ts';
import type { Scenario } from '../scenario.ts';
import { type Course, CourseOf } from './course.ts';
import { estimate, type Estimate } from './estimate.ts';
import { figuresOf, isDuration, type Figures } from './figures.ts';
import { isTotal, KnownFigures } from './known-figures.ts';

export interface ReplicationOptions {
  /** Replication k has the seed `<seed>/<k>`. */
  readonly seed: string;
  /** Independent runs, 1 to 100,000; default 5. Intervals need two. */
  readonly replications?: number;
  /** Names of figures (see figures.ts). Default: those of clients' operations. */
  readonly figures?: readonly string[];
  /** Instead of the scenario's own. */
  readonly faults?: FaultSchedule;
  /** Operations meant to begin before this are left out of the figures. Default 0. */
  readonly warmUp?: Duration;
  /** Also say how the runs went over time. Default false. */
  readonly course?: boolean;
}

/** How often the runs of a place answered what. */
export interface Answers {
  readonly held: number;
  readonly violated: number;
  readonly undecided: number;
}

export interface Replicated {
  readonly params: Readonly<Record<string, unknown>>;
  readonly answers: Answers;
  /** Figures of each replication, by name; NaN where a run had no data, 0 where a counter never counted. */
  readonly runs: Readonly<Record<string, readonly number[]>>;
  /** Names of the figures and parameters that are durations, in µs. */
  readonly durations: readonly string[];
  /** Over the runs that had data. */
  readonly figures: Readonly<Record<string, Estimate>>;
  /** When it was asked for. */
  readonly course?: Course;
}

/** Figures that every run with clients has. */
const DEFAULT_FIGURES: readonly string[] = [
  ...['goodput', 'ok', 'latency.mean', 'latency.p50', 'latency.p95', 'latency.p99', 'latency.max'],
];

function replicationsOf({ replications = 5 }: ReplicationOptions): number {
  if (!Number.isSafeInteger(replications) || replications < 1 || replications > 100_000)
    throw new ConfigError('replications', replications, 'a whole number from 1 to 100000');
  return replications;
}

/** What is compared with others. */
export interface PlaceOptions {
  /** Figures of all places. Whether a counter that was asked for ever counted is to be seen, and said, when all have run. */
  readonly known?: KnownFigures;
  /** No figure at all is an answer, too. Default false. */
  readonly overloaded?: boolean;
}

/** Runs one design so many times. Throws ConfigError for bad options, bad parameters, and figures that no run has. */
export function replicate(
  scenario: Scenario,
  params: Readonly<Record<string, unknown>>,
  options: ReplicationOptions,
  { known, overloaded = false }: PlaceOptions = {},
): Replicated {
  const { seed, figures: names = DEFAULT_FIGURES, faults } = options;
  if (seed === '') throw new ConfigError('seed', seed, 'a non-empty text');
  const warmUp = parseDuration(options.warmUp ?? 0, 'warmUp');
  const answers = { held: 0, violated: 0, undecided: 0 };
  const all: Figures[] = [];
  const course = options.course === true ? new CourseOf() : undefined;
  let last: RunResult | undefined;
  for (let k = 1; k <= replicationsOf(options); k++) {
    last = run(scenario, { seed: `${seed}/${k}`, params, ...(faults === undefined ? {} : { faults }) });
    answers[last.status]++;
    course?.add(last);
    if (warmUp > 0 && warmUp >= last.engine.reached)
      throw new ConfigError('warmUp', options.warmUp, `less than the ${durationText(last.engine.reached)} of the run`);
    all.push(figuresOf(last, { warmUp }));
  }
  const value = (one: Figures, name: string): number => one.get(name) ?? (isTotal(name) ? 0 : NaN);
  const runs = Object.fromEntries(names.map((name) => [name, all.map((one) => value(one, name))]));
  const seen = known ?? new KnownFigures();
  for (const one of all) seen.add(one);
  if (options.figures !== undefined && !overloaded)
    seen.check(known === undefined ? names : names.filter((name) => !isTotal(name)));
  const measured = Object.entries(runs).map(([name, values]) => [
    name,
    estimate(values.filter((x) => !Number.isNaN(x))),
  ]);
  return {
    params: last?.params ?? {},
    durations: [...names.filter(isDuration), ...(last?.durations ?? [])],
    answers,
    runs,
    figures: Object.fromEntries(measured) as Replicated['figures'],
    ...(course === undefined ? {} : { course: course.toJSON() }),
  };
}
