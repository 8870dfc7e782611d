import type { NecessityRow } from '../sim/search/necessity.ts';
import type { RunResult } from '../sim/result.ts';

/** A run to be reported. */
export interface RunEntry {
  readonly result: RunResult;
  /** The command that runs it again, as typed. */
  readonly replayCommand: string;
  /** Host time that the run took, in milliseconds. */
  readonly elapsedMs?: number;
  /** What becomes of the run without each of its faults, when that has been found out. */
  readonly necessity?: readonly NecessityRow[];
  /** Address of the run's own page, relative to the report. */
  readonly page?: string;
}

/** A scenario that could not be run: an error of the scenario or of the simulator, not a verdict. */
export interface BrokenEntry {
  readonly scenario: string;
  readonly seed: string;
  /** What went wrong, in one line. */
  readonly error: string;
  readonly replayCommand: string;
  readonly elapsedMs?: number;
}

export type ReportEntry = RunEntry | BrokenEntry;

export const isBroken = (entry: ReportEntry): entry is BrokenEntry => 'error' in entry;

/** Whether the run gave the answer that its scenario expects. */
export const isAsExpected = (entry: ReportEntry): boolean => !isBroken(entry) && entry.result.expectation.met;

export const nameOf = (entry: ReportEntry): string => (isBroken(entry) ? entry.scenario : entry.result.scenario);
export const seedOf = (entry: ReportEntry): string => (isBroken(entry) ? entry.seed : entry.result.seed);
