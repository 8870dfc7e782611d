/** A row of the benchmark: what is measured, and what is asked of it. */
import type { Spread } from './statistics.ts';

export interface Budget {
  readonly sense: 'at least' | 'at most';
  readonly limit: number;
}

/** × of a reference, share, time added, time, memory, how many in a second, virtual time as a multiple of real time. */
export type Unit = '×' | '%' | 'µs' | 'ms' | 'MiB' | '/s' | '× real time';

/** A line of the main table. */
export interface Line {
  readonly table?: undefined;
  readonly work: string;
  /** Nanoseconds per event (or job, or call: `work` says which), and those of the reference. */
  readonly cost?: Spread;
  readonly reference?: Spread;
  /** What the budget is about. */
  readonly figure?: Spread;
  readonly unit: Unit;
  readonly budget?: Budget;
  /** Instead of a figure: why there is none. */
  readonly skipped?: string;
  /** The most memory that the row's process had, MiB; on the row's first line. Filled in by whoever started the process. */
  readonly peak?: number;
}

/** A line of the table of growth: the same load on a larger world. */
export interface GrowthLine {
  readonly table: 'growth';
  readonly work: string;
  readonly actors: number;
  /** Nanoseconds per event; and as a multiple of the smallest world's. */
  readonly cost: Spread;
  readonly growth: Spread;
  /** Heap in use per actor, once booted and after `events` events, bytes. */
  readonly booted: number;
  readonly after: number;
  readonly events: number;
  /** Links that carried a message in them. */
  readonly links: number;
}

/** A line of the table of searches: schedules a second. */
export interface SearchLine {
  readonly table: 'searches';
  readonly scenario: string;
  readonly oneWorker?: Spread;
  readonly twoWorkers?: Spread;
  /** Two workers as a multiple of one. */
  readonly speedUp?: Spread;
  readonly skipped?: string;
}

export type Entry = Line | GrowthLine | SearchLine;

export interface Scale {
  /** How often each contestant has its turn. */
  readonly rounds: number;
  /** Work per turn: 1 in full, less in a quick run. */
  readonly size: number;
}

export interface Row {
  /** For `--only`. */
  readonly name: string;
  measure(scale: Scale): readonly Entry[] | Promise<readonly Entry[]>;
}

/** What a row's process has found out. */
export interface Measured {
  readonly row: string;
  /** Largest resident set, MiB. */
  readonly peak: number;
  readonly entries: readonly Entry[];
}

/** Undefined when nothing is asked or nothing was measured. Judged by the median. */
export function isMet({ figure, budget }: Line): boolean | undefined {
  if (figure === undefined || budget === undefined) return undefined;
  return budget.sense === 'at least' ? figure.median >= budget.limit : figure.median <= budget.limit;
}
