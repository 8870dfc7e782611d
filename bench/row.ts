/** A row of the benchmark: what is measured, and what is asked of it. */
import type { Spread } from './statistics.ts';

export interface Budget {
  readonly sense: 'at least' | 'at most';
  readonly limit: number;
}

/** × of a reference, share, time added, time, memory. */
export type Unit = '×' | '%' | 'µs' | 'ms' | 'MiB';

export interface Line {
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
}

export interface Scale {
  /** How often each contestant has its turn. */
  readonly rounds: number;
  /** Work per turn: 1 in full, less in a quick run. */
  readonly size: number;
}

export interface Row {
  /** For `--only`. */
  readonly name: string;
  measure(scale: Scale): readonly Line[];
}

/** Undefined when nothing is asked or nothing was measured. Judged by the median. */
export function isMet({ figure, budget }: Line): boolean | undefined {
  if (figure === undefined || budget === undefined) return undefined;
  return budget.sense === 'at least' ? figure.median >= budget.limit : figure.median <= budget.limit;
}
