/** One run as a search sees it: everything that decides what happens, as plain data. */
import { ConfigError, SimulationError } from '../base/errors.ts';
import type { Status } from '../check/verdict.ts';
import { scheduleJson, type FaultSchedule } from '../faults/schedule.ts';
import { canonicalJson } from '../base/json.ts';
import type { RunResult } from '../result.ts';
import { run, type RunOptions } from '../run.ts';
import type { Scenario } from '../scenario.ts';
import type { OperationLimits } from '../world/withholding.ts';

export interface Trial {
  readonly seed: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly faults: FaultSchedule;
  /** Latencies at their nominal values. */
  readonly noise?: 'nominal';
  /** Operations that clients may begin; absent: all. */
  readonly limited?: OperationLimits;
}

/**
 * The property of a run that ends by an error: a rule of the simulation broken, or an exception in an actor. Said of an error of one
 * kind, the kind follows it, so that another error is another failure.
 */
export const ENDS_WITHOUT_ERROR = 'the run ends without an error';

const LONGEST_KIND = 120;

/** What runs that end by such an error violate: which rule, or what was thrown, whatever the numbers in it. */
function brokenBy(error: Error): string {
  const { cause } = error;
  const thrown = cause instanceof Error ? `${cause.name}: ${cause.message}` : error.message;
  const isRule = error instanceof SimulationError && error.rule !== 'exception';
  const kind = isRule ? error.rule : thrown.replaceAll(/\d+(\.\d+)?/g, '#');
  return `${ENDS_WITHOUT_ERROR}: ${kind.slice(0, LONGEST_KIND)}`;
}

/** What became of a trial. */
export interface Attempt {
  /** Absent when the run broke. */
  readonly result?: RunResult;
  /** What broke the run, and the property that it violates so. */
  readonly error?: string;
  readonly broken?: string;
}

export const optionsOf = ({ seed, params, faults, noise, limited }: Trial): RunOptions => ({
  seed,
  params,
  faults,
  ...(noise === undefined ? {} : { noise }),
  ...(limited === undefined ? {} : { operations: limited }),
});

/** Equal for trials that are the same run. */
export const keyOf = ({ faults, ...rest }: Trial): string => canonicalJson({ ...rest, faults: scheduleJson(faults) });

/** Runs it. An error in the simulated program is an outcome; throws ConfigError when the trial itself makes no sense. */
export function attempt(scenario: Scenario, trial: Trial, also: Pick<RunOptions, 'redraw' | 'director'> = {}): Attempt {
  try {
    return { result: run(scenario, { ...optionsOf(trial), ...also }) };
  } catch (error) {
    if (error instanceof ConfigError || !(error instanceof Error)) throw error;
    return { error: error.message, broken: brokenBy(error) };
  }
}

/**
 * Names of the checks that were violated, of those that are judged. `sometimes` is not: one run need not show everything. With
 * `safetyOnly` (nothing has to heal) neither is any form of progress.
 */
export function failuresOf({ result, broken = ENDS_WITHOUT_ERROR }: Attempt, safetyOnly: boolean): string[] {
  return result === undefined ? [broken] : judged(result, safetyOnly, 'violated');
}

/** Names of the judged checks that could not decide. */
export const undecidedIn = ({ result }: Attempt, safetyOnly: boolean): string[] =>
  result === undefined ? [] : judged(result, safetyOnly, 'undecided');

function judged({ verdicts }: RunResult, safetyOnly: boolean, status: Status): string[] {
  return verdicts
    .filter(({ kind }) => (safetyOnly ? kind === 'always' || kind === 'history' : kind !== 'sometimes'))
    .filter((verdict) => verdict.status === status)
    .map(({ check }) => check);
}
