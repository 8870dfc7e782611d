/** What a run leaves behind: plain, versioned data. Every report, the replay and the page read this and nothing else. */
import type { Micros } from './base/time.ts';
import type { Verdict, Status } from './check/verdict.ts';
import type { Operation } from './history/operation.ts';
import type { Sighting } from './faults/sightings.ts';
import type { EngineStatistics } from './kernel/engine.ts';
import type { MetricsJson } from './metrics/metrics.ts';
import type { TraceData } from './trace/trace.ts';
import type { ChosenOrder } from './world/director.ts';
import type { ClockTurn } from './world/node-clock.ts';
import type { OperationLimits } from './world/withholding.ts';

/** Bumped when a field changes its meaning. */
export const RESULT_SCHEMA_VERSION = 1;

export interface FaultOutcome {
  readonly id: string;
  /** One line for people. */
  readonly text: string;
  readonly at: Micros;
  /** Absent when it lasts to the end of the run or has no length. */
  readonly until?: Micros;
  /** Names of the nodes that it aims at. */
  readonly nodes: readonly string[];
  /** Deliveries, timers, reads and lifecycles that it changed. 0: the planned fault had no effect. */
  readonly effects: number;
  /** What its targets were doing when it began and when it ended, each once. */
  readonly struck?: readonly Sighting[];
}

export interface NetworkTotals {
  readonly sent: number;
  readonly duplicated: number;
  readonly delivered: number;
  readonly dropped: number;
  readonly inFlight: number;
}

export interface RunResult {
  readonly schemaVersion: typeof RESULT_SCHEMA_VERSION;
  readonly version: string;
  readonly scenario: string;
  readonly question: string;
  readonly params: Readonly<Record<string, unknown>>;
  /** Names of the parameters that are durations, in µs. */
  readonly durations?: readonly string[];
  readonly seed: string;
  /** Present when latencies were at their nominal values. */
  readonly noise?: 'nominal';
  /** Present when operations were withheld from clients: which they could begin. */
  readonly limited?: OperationLimits;
  /** Present when a director decided what happened next: how it decided. */
  readonly order?: ChosenOrder;
  /** The schedule that ran, as `parseSchedule` reads it. */
  readonly schedule: readonly unknown[];
  readonly faults: readonly FaultOutcome[];
  readonly healedAt?: Micros;
  /** violated if any check is; else undecided if any is; else held. */
  readonly status: Status;
  readonly verdicts: readonly Verdict[];
  readonly expectation: { readonly text: string; readonly met: boolean; readonly why: string };
  readonly nodes: readonly {
    readonly id: string;
    readonly role: string;
    readonly zone: string;
    readonly region: string;
    readonly phase: string;
    readonly status: string;
    /** How its clock went, when the run was recorded and the clock did not show true time throughout. */
    readonly clock?: readonly ClockTurn[];
  }[];
  /** What nodes were doing whenever a fault began or ended, and at the end of the run: each role and phase once. */
  readonly phases?: readonly Sighting[];
  readonly operations: readonly Operation[];
  readonly metrics: MetricsJson;
  readonly network: NetworkTotals;
  readonly engine: EngineStatistics;
  readonly trace?: TraceData;
  readonly digest: string;
  /** What a careful reader should know before trusting the verdicts: failures that nobody handled, checks that could not be made. */
  readonly warnings: readonly string[];
}
