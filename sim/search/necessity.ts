/** The necessity table: for each fault of a failing trial, what happens without it. */
import { faultText, withoutFault } from '../faults/schedule.ts';
import { faultJson } from '../faults/fault-json.ts';
import type { Scenario } from '../scenario.ts';
import { answerOf } from './oracle.ts';
import { attempt, type Trial } from './trial.ts';

export interface NecessityRow {
  readonly id: string;
  /** One line for people. */
  readonly text: string;
  /** The fault, as `parseSchedule` reads it. */
  readonly fault: Readonly<Record<string, unknown>>;
  /** What becomes of the run without this fault; of all its operations, where those left decide nothing. */
  readonly without: 'passes' | 'still fails' | 'other failure' | 'undecided';
}

export interface NecessityOptions {
  /** Name of the check. */
  readonly property: string;
  /** Judge safety only. Default false. */
  readonly safetyOnly?: boolean;
}

const WITHOUT = {
  same: 'still fails',
  passes: 'passes',
  other: 'other failure',
  undecided: 'undecided',
  impossible: 'undecided',
} as const;

/**
 * One run for each fault. Where so few operations are left that it decides nothing, another with all of them: clients that the failure
 * does not need may be those who would have shown that all is well.
 */
export function necessity(scenario: Scenario, trial: Trial, options: NecessityOptions): readonly NecessityRow[] {
  const answerTo = (without: Trial): NecessityRow['without'] =>
    WITHOUT[answerOf(attempt(scenario, without), options.property, options.safetyOnly ?? false)];
  const { limited, ...unlimited } = trial;
  return trial.faults.map((fault) => {
    const faults = withoutFault(trial.faults, fault.id);
    const left = answerTo({ ...trial, faults });
    const without = left === 'undecided' && limited !== undefined ? answerTo({ ...unlimited, faults }) : left;
    return { id: fault.id, text: faultText(fault), fault: faultJson(fault), without };
  });
}
