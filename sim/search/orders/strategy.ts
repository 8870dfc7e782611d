/** What a strategy is: it says how each run of an exploration decides. */
import { ConfigError } from '../../base/errors.ts';
import type { Alternative, OrderRules, Position } from '../../world/director.ts';

/** Decides one run: as `Director.choose`. */
export type Chooser = (alternatives: readonly Alternative[], position: Position) => number;

/** What an exploration knows of a run that is over. */
export interface Explored {
  /** Decisions that it took. */
  readonly choices: number;
  /** Causal chains that it had. */
  readonly chains: number;
  /** It ran out of decisions before it was over: there are orders beyond the bound. */
  readonly cut: boolean;
}

/** A strategy at work. */
export interface Course {
  /** Decides run `index` (0, 1, …); undefined when there is nothing left to try. */
  begin(index: number): Chooser | undefined;
  /** The run is over. */
  end(run: Explored): void;
  /** Every order that the rules allow has been tried, or one like it. */
  readonly complete: boolean;
  /** Distinct states in which a decision was due, where the strategy tells them apart. */
  readonly states?: number | undefined;
}

export interface Strategy {
  /** For people: `pct, depth 3`. */
  readonly name: string;
  /** Most runs. */
  readonly runs: number;
  /** Everything that it draws derives from `seed`. */
  start(seed: string, rules: OrderRules): Course;
}

/** Checks an option. */
export function atLeastOne(field: string, value: number): number {
  if (Number.isSafeInteger(value) && value >= 1) return value;
  throw new ConfigError(field, value, 'a whole number of at least 1');
}
