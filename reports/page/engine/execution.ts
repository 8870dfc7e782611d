/** Runs a plan with the engine of this page, and makes of it what the page shows. */
import {
  ConfigError,
  parseSchedule,
  run,
  variationOf,
  type RunOptions,
  type RunResult,
  type Scenario,
} from '../../../sim/index.ts';
import type { Status, Verdict } from '../../../sim/check/verdict.ts';
import { failureText, headline } from '../../headline.ts';
import { pageData } from '../../page-data.ts';
import { partsOf } from '../../parts.ts';
import type { Plan } from '../../plan.ts';
import { pageTrace } from '../../trace-columns.ts';
import type { Became, Outcome, Shown } from './messages.ts';

/** The same run as the plan's, or its like with other options. Throws ConfigError and SimulationError. */
export const execute = (scenario: Scenario, plan: Plan, also: Pick<RunOptions, 'record' | 'redraw'> = {}): RunResult =>
  run(scenario, {
    ...variationOf(plan),
    seed: plan.seed,
    params: plan.params,
    faults: parseSchedule(plan.schedule),
    ...also,
  });

/** What became of a property; `sometimes` is not a failure, because one run need not show everything. */
export function became(scenario: Scenario, plan: Plan, property: string, redraw?: RunOptions['redraw']): Became {
  let result: RunResult;
  try {
    result = execute(scenario, plan, redraw === undefined ? {} : { redraw });
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    return 'other failure';
  }
  const of = (status: Status): string[] =>
    result.verdicts.filter((one) => one.status === status && one.kind !== 'sometimes').map(({ check }) => check);
  if (of('violated').includes(property)) return 'still fails';
  if (of('violated').length > 0) return 'other failure';
  return of('undecided').includes(property) ? 'undecided' : 'passes';
}

export function outcomeOf(result: RunResult, elapsedMs: number): Outcome {
  const told = headline(result);
  const { verdict, sentence, status } = told;
  const named = (picked: (verdict: Verdict) => boolean): string[] => result.verdicts.filter(picked).map((v) => v.check);
  return {
    digest: result.digest,
    status,
    violated: named(({ status: was, kind }) => was === 'violated' && kind !== 'sometimes'),
    neverHappened: named(({ status: was, kind }) => was === 'violated' && kind === 'sometimes'),
    undecided: named(({ status: was }) => was === 'undecided'),
    ...(verdict === undefined ? {} : { check: verdict.check }),
    sentence,
    when: failureText(told),
    messages: result.network.sent,
    operations: result.operations.length,
    events: result.engine.events,
    elapsedMs,
  };
}

export const shownOf = (result: RunResult): Shown => ({
  page: pageData(result),
  parts: partsOf(result),
  ...(result.trace === undefined ? {} : { trace: pageTrace(result.trace) }),
});
