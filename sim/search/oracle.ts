/** The three-way oracle of the minimiser: the same failure, no failure, or another one. It remembers what it has seen. */
import { ConfigError } from '../base/errors.ts';
import type { Scenario } from '../scenario.ts';
import { attempt, ENDS_WITHOUT_ERROR, failuresOf, keyOf, undecidedIn, type Attempt, type Trial } from './trial.ts';

/**
 * `same`: the property is violated; `other`: it is not, but another one is; `undecided`: nobody can tell; `impossible`: there is
 * no such run (a parameter out of bounds, a fault without a target).
 */
export type OracleAnswer = 'same' | 'passes' | 'other' | 'undecided' | 'impossible';

export interface OracleOptions {
  /** Name of the check. */
  readonly property: string;
  /** Judge safety only. Default false. */
  readonly safetyOnly?: boolean;
  /** Runs at most. */
  readonly budget: number;
  /** Asked before each run: true ends the work early. */
  readonly stop?: (() => boolean) | undefined;
}

/** What an attempt means for one property. */
export function answerOf(outcome: Attempt, property: string, safetyOnly: boolean): OracleAnswer {
  const failures = failuresOf(outcome, safetyOnly);
  if (failures.includes(property)) return 'same';
  // Any error at all, where nobody said which.
  if (property === ENDS_WITHOUT_ERROR && outcome.result === undefined) return 'same';
  if (failures.length > 0) return 'other';
  return undecidedIn(outcome, safetyOnly).includes(property) ? 'undecided' : 'passes';
}

export class Oracle {
  readonly scenario: Scenario;
  readonly property: string;
  readonly safetyOnly: boolean;
  /** Runs made so far; answers that were known cost none. */
  runs = 0;
  /** Why it answers no more. */
  ended: 'budget' | 'stopped' | undefined = undefined;
  private readonly budget: number;
  private readonly stop: () => boolean;
  private readonly known = new Map<string, OracleAnswer>();

  constructor(scenario: Scenario, { property, safetyOnly = false, budget, stop = () => false }: OracleOptions) {
    this.scenario = scenario;
    this.property = property;
    this.safetyOnly = safetyOnly;
    this.budget = budget;
    this.stop = stop;
  }

  /** Undefined when the budget is used up or somebody said stop. */
  ask(trial: Trial): OracleAnswer | undefined {
    const key = keyOf(trial);
    const known = this.known.get(key);
    if (known !== undefined) return known;
    if (this.runs >= this.budget) this.ended ??= 'budget';
    else if (this.stop()) this.ended ??= 'stopped';
    if (this.ended !== undefined) return undefined;
    this.runs++;
    const answer = this.answer(trial);
    this.known.set(key, answer);
    return answer;
  }

  private answer(trial: Trial): OracleAnswer {
    try {
      return answerOf(attempt(this.scenario, trial), this.property, this.safetyOnly);
    } catch (error) {
      if (error instanceof ConfigError) return 'impossible';
      throw error;
    }
  }
}
