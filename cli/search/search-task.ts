/** What the main thread asks of a worker, and what it gets back: plain data, so that it can cross threads. */
import type {
  ExhaustiveOptions,
  Finding,
  OrderRules,
  OrderSummary,
  PctOptions,
  RandomOrderOptions,
  RunResult,
  SearchOutcome,
} from '../../sim/index.ts';

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
  /** One whole number: how much is to stop (Stop). */
  readonly stop: SharedArrayBuffer;
}

/** How much of a search is to stop; each stops what those before it do. */
export const Stop = {
  nothing: 0,
  /** No further schedule is run; what was found is still made small. */
  schedules: 1,
  everything: 2,
} as const;

export type SearchTask =
  /** Runs these schedules, in this order; fewer of them when somebody says stop. */
  | { readonly kind: 'schedules'; readonly indices: readonly number[] }
  | ({ readonly kind: 'investigate' } & Inquiry)
  /** Runs this schedule on the recorded path. */
  | { readonly kind: 'record'; readonly index: number }
  | ({ readonly kind: 'orders' } & OrderInquiry);

/** A violated property of a schedule's run, to be made small. */
export interface Inquiry {
  readonly index: number;
  readonly property: string;
  /** 0: shows it as it was drawn, and does not ask whether to stop. */
  readonly minimiseRuns: number;
  /** Redrawn runs at each instant of the inevitability curve; 0: none. */
  readonly futures: number;
}

export interface Schedules {
  readonly outcomes: readonly SearchOutcome[];
  /** Host time, ms. */
  readonly took: number;
}

export interface Investigation {
  /** False: stopped before it had begun. */
  readonly begun: boolean;
  /** Absent: the run did not violate the property again. */
  readonly finding?: Finding;
  /** Runs that it took. */
  readonly runs: number;
}

/** How an exploration of orders decides. */
export type StrategyChoice =
  | ({ readonly kind: 'random' } & RandomOrderOptions)
  | ({ readonly kind: 'pct' } & PctOptions)
  | ({ readonly kind: 'exhaustive' } & ExhaustiveOptions);

/** A whole exploration of orders. The setting's profiles do not matter. */
export interface OrderInquiry {
  readonly strategy: StrategyChoice;
  readonly rules: OrderRules;
  /** In place of the scenario's own, as `parseSchedule` reads them. */
  readonly faults?: readonly unknown[];
  readonly minimiseRuns: number;
  readonly bail: boolean;
  /** For whoever watches: as many doubles as ORDER_COUNTERS. Runs, virtual time in µs, violated properties. */
  readonly counters: SharedArrayBuffer;
}

export const ORDER_COUNTERS = 3;

export interface OrderAnswer {
  readonly summary: OrderSummary;
  /** Of all runs but those spent on minimising, µs. */
  readonly virtualTime: number;
  readonly events: number;
}

/** The run, or what broke it. */
export type Recording = { readonly result: RunResult } | { readonly error: string };

/** Everything, in place of an answer: the scenario or the setting makes no sense in this worker. */
export interface Refusal {
  readonly refused: string;
}
