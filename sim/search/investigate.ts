/** One violation of one schedule, made small and explained: what a search shows for a failure. */
import type { Verdict } from '../check/verdict.ts';
import { parseSchedule, scheduleJson } from '../faults/schedule.ts';
import { reproOf } from '../repro.ts';
import { topologyOf } from '../topology-of.ts';
import { evenly, inevitability, type Inevitability } from './inevitability.ts';
import { minimise, type Minimised } from './minimise.ts';
import { necessity, type NecessityRow } from './necessity.ts';
import type { SearchOutcome, SearchSpace } from './search.ts';
import { causesOf, signatureOf } from './signature.ts';
import type { Finding } from './summary.ts';

export interface InvestigateOptions {
  /** Runs spent on minimising. Default 300; 0: it is shown as it was drawn. */
  readonly minimiseRuns?: number | undefined;
  /** Redrawn runs at each of 9 instants. Default 0: no inevitability. */
  readonly futures?: number | undefined;
  /** Asked before each run: true ends the work early. */
  readonly stop?: (() => boolean) | undefined;
}

export interface Investigated {
  /** Absent when the run did not violate the property again. */
  readonly finding?: Finding;
  /** Runs that it took; 0 when there is no finding. */
  readonly runs: number;
}

const INSTANTS = 9;

/**
 * Minimises the run of this schedule so that it still violates `property`, and says what it needs. What comes out depends on
 * nothing else: not on other properties that the run violates, nor on what was found before.
 */
export function investigate(
  space: SearchSpace,
  outcome: SearchOutcome,
  property: string,
  options: InvestigateOptions = {},
): Investigated {
  const { minimiseRuns, futures = 0, stop } = options;
  const { scenario, safetyOnly } = space;
  const judged = { property, safetyOnly };
  const minimised = minimise(scenario, space.trial(outcome.index), {
    ...judged,
    ...(stop === undefined ? {} : { stop }),
    ...(minimiseRuns === undefined ? {} : { budget: minimiseRuns }),
  });
  if (minimised === undefined) return { runs: 0 };
  const { trial, result, runs } = minimised;
  const table = necessity(scenario, trial, judged);
  const at = result?.verdicts.find(({ check }) => check === property)?.witness?.at;
  const until = at === undefined || at <= 0 ? space.nemesis.topology.end : at;
  const instants = evenly(until, INSTANTS);
  const redrawn = { ...judged, instants, samples: futures, ...(stop === undefined ? {} : { stop }) };
  const future = futures === 0 ? undefined : inevitability(scenario, trial, redrawn);
  const finding = describe(space, outcome, property, { minimised, table, future });
  return { finding, runs: runs + table.length + (future?.runs ?? 0) };
}

interface Evidence {
  readonly minimised: Minimised;
  readonly table: readonly NecessityRow[];
  readonly future: Inevitability | undefined;
}

function describe(
  { scenario, nemesis }: SearchSpace,
  outcome: SearchOutcome,
  property: string,
  { minimised, table, future }: Evidence,
): Finding {
  const { trial, result, error, runs, steps, ended } = minimised;
  const verdict: Verdict | undefined = result?.verdicts.find(({ check }) => check === property);
  const at = verdict?.witness?.at;
  const left = new Set(trial.faults.map(({ id }) => id));
  const drawn = parseSchedule(outcome.schedule).filter(({ id }) => left.has(id));
  return {
    property,
    signature: signatureOf(property, verdict, trial.faults, topologyOf(scenario, trial.params).nodes),
    message: verdict?.message ?? error ?? property,
    ...(at === undefined ? {} : { at }),
    count: 1,
    index: outcome.index,
    seed: outcome.seed,
    drawn: outcome.schedule,
    schedule: scheduleJson(trial.faults),
    causes: causesOf(drawn, nemesis.topology.nodes),
    ...(result === undefined ? { broken: { seed: trial.seed, params: trial.params } } : {}),
    minimising: { runs, steps, ended },
    necessity: table,
    ...(future === undefined ? {} : { inevitability: future }),
    ...(result === undefined ? {} : { repro: reproOf(result) }),
  };
}
