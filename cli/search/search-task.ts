/** What the main thread asks of a worker, and what it gets back: plain data, so that it can cross threads. */
import type { Finding, RunResult, SearchOutcome } from '../../sim/index.ts';

/** What all tasks of a search have in common. */
export interface SearchSetting {
  /** Name of the scenario. */
  readonly scenario: string;
  /** The user's file as it was bundled, and its path; absent for a scenario that comes with orrery. */
  readonly source?: { readonly bundle: string; readonly file: string };
  readonly seed: string;
  readonly params: Readonly<Record<string, unknown>>;
  /** Names; schedule k is drawn from profile k modulo their number. At least one. */
  readonly profiles: readonly string[];
  /** One whole number, not 0 once somebody said stop. */
  readonly stop: SharedArrayBuffer;
}

export type SearchTask =
  /** Runs these schedules, in this order; fewer of them when somebody says stop. */
  | { readonly kind: 'schedules'; readonly indices: readonly number[] }
  /** Minimises what fails in this schedule. `minimiseRuns` 0: shows it as it was drawn, and does not ask whether to stop. */
  | { readonly kind: 'investigate'; readonly index: number; readonly minimiseRuns: number }
  /** Runs this schedule on the recorded path. */
  | { readonly kind: 'record'; readonly index: number };

export interface Schedules {
  readonly outcomes: readonly SearchOutcome[];
  /** Host time, ms. */
  readonly took: number;
}

export interface Investigation {
  /** False: stopped before it had begun. */
  readonly begun: boolean;
  /** At most one for each violated property. */
  readonly findings: readonly Finding[];
  /** Runs that it took. */
  readonly runs: number;
}

/** The run, or what broke it. */
export type Recording = { readonly result: RunResult } | { readonly error: string };

/** Everything, in place of an answer: the scenario or the setting makes no sense in this worker. */
export interface Refusal {
  readonly refused: string;
}
