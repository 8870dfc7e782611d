/** A whole search: schedules are run, failures minimised and grouped, and everything that was seen is summed up. */
import type { Verdict } from '../check/verdict.ts';
import { FAULT_FAMILIES } from '../faults/nemesis/family.ts';
import { resolveLimits } from '../faults/nemesis/limits.ts';
import { parseSchedule, scheduleJson } from '../faults/schedule.ts';
import { reproOf } from '../repro.ts';
import type { Scenario } from '../scenario.ts';
import { topologyOf } from '../topology-of.ts';
import { VERSION } from '../version.ts';
import { mergeCoverage, NO_COVERAGE, type Coverage, type Reach } from './coverage.ts';
import { evenly, inevitability } from './inevitability.ts';
import { minimise, type Minimised } from './minimise.ts';
import { necessity } from './necessity.ts';
import { searchSchedules, SearchSpace, type SearchOptions, type SearchOutcome } from './search.ts';
import { causesOf, signatureOf } from './signature.ts';
import { gapsOf, groupFindings, SEARCH_SCHEMA_VERSION, type Finding, type SearchSummary } from './summary.ts';

export interface ExploreOptions extends SearchOptions {
  /** Runs spent on minimising one failure. Default 300. */
  readonly minimiseRuns?: number;
  /** Redrawn runs at each of 9 instants for each finding. Default 0: no inevitability. */
  readonly futures?: number;
  /** Ends the search with the first finding. Default false. */
  readonly bail?: boolean;
}

export type SearchEvent =
  | { readonly kind: 'schedule'; readonly outcome: SearchOutcome }
  /** A failure that is not one of those found before, minimised. */
  | { readonly kind: 'finding'; readonly finding: Finding };

/** Searches, and yields each schedule's outcome and each new finding; what it returns sums everything up. Throws ConfigError. */
export function* explore(
  scenario: Scenario,
  options: ExploreOptions,
  stop: () => boolean = () => false,
): Generator<SearchEvent, SearchSummary, void> {
  const exploration = new Exploration(scenario, options, stop);
  for (const outcome of searchSchedules(scenario, options, stop)) {
    exploration.tally(outcome);
    yield { kind: 'schedule', outcome };
    let found = false;
    for (const property of outcome.violated) {
      const finding = exploration.investigate(outcome, property);
      if (finding === undefined) continue;
      found = true;
      yield { kind: 'finding', finding };
    }
    if (found && options.bail === true) break;
  }
  return exploration.summary();
}

const INSTANTS = 9;

class Exploration {
  private readonly space: SearchSpace;
  private readonly options: ExploreOptions;
  private readonly stop: () => boolean;
  private coverage: Coverage = NO_COVERAGE;
  private readonly counts = { held: 0, violated: 0, undecided: 0, broke: 0 };
  private virtualTime = 0;
  private events = 0;
  private extraRuns = 0;
  private findings: readonly Finding[] = [];
  private readonly notReproduced: number[] = [];

  constructor(scenario: Scenario, options: ExploreOptions, stop: () => boolean) {
    this.space = new SearchSpace(scenario, options);
    this.options = options;
    this.stop = stop;
  }

  tally(outcome: SearchOutcome): void {
    this.counts[outcome.status]++;
    this.virtualTime += outcome.virtualTime;
    this.events += outcome.events;
    this.coverage = mergeCoverage(this.coverage, outcome.coverage);
  }

  /** A finding that is new, or a smaller example of an old one; undefined when the failure is known or does not reproduce. */
  investigate(outcome: SearchOutcome, property: string): Finding | undefined {
    const { topology } = this.space.nemesis;
    const drawn = causesOf(parseSchedule(outcome.schedule), topology.nodes);
    // What has already made this property fail is there again: minimising would lead to the same place.
    const known = this.findings.find(
      (one) => one.property === property && one.causes.every((cause) => drawn.includes(cause)),
    );
    if (known !== undefined) {
      this.findings = this.findings.map((one) => (one === known ? { ...one, count: one.count + 1 } : one));
      return undefined;
    }
    const { minimiseRuns, ...rest } = this.options;
    const minimised = minimise(this.space.scenario, this.space.trial(outcome.index), {
      property,
      safetyOnly: this.space.safetyOnly,
      stop: this.stop,
      ...(minimiseRuns === undefined ? {} : { budget: minimiseRuns }),
    });
    if (minimised === undefined) {
      this.notReproduced.push(outcome.index);
      return undefined;
    }
    const finding = this.describe(outcome, property, minimised, rest.futures ?? 0);
    const isNew = !this.findings.some(({ signature }) => signature === finding.signature);
    this.findings = groupFindings([...this.findings, finding]);
    return isNew ? finding : undefined;
  }

  private describe(outcome: SearchOutcome, property: string, minimised: Minimised, futures: number): Finding {
    const { scenario, safetyOnly, nemesis } = this.space;
    const { trial, result, runs, steps, ended } = minimised;
    const judged = { property, safetyOnly };
    const verdict: Verdict | undefined = result?.verdicts.find(({ check }) => check === property);
    const at = verdict?.witness?.at;
    const table = necessity(scenario, trial, judged);
    const until = at === undefined || at <= 0 ? nemesis.topology.end : at;
    const future =
      futures === 0
        ? undefined
        : inevitability(scenario, trial, {
            ...judged,
            instants: evenly(until, INSTANTS),
            samples: futures,
            stop: this.stop,
          });
    this.extraRuns += runs + table.length + (future?.runs ?? 0);
    const left = new Set(trial.faults.map(({ id }) => id));
    const drawn = parseSchedule(outcome.schedule).filter(({ id }) => left.has(id));
    return {
      property,
      signature: signatureOf(property, verdict, trial.faults, topologyOf(scenario, trial.params).nodes),
      message: verdict?.message ?? outcome.error ?? property,
      ...(at === undefined ? {} : { at }),
      count: 1,
      index: outcome.index,
      seed: outcome.seed,
      drawn: outcome.schedule,
      schedule: scheduleJson(trial.faults),
      causes: causesOf(drawn, nemesis.topology.nodes),
      minimising: { runs, steps, ended },
      necessity: table,
      ...(future === undefined ? {} : { inevitability: future }),
      ...(result === undefined ? {} : { repro: reproOf(result) }),
    };
  }

  summary(): SearchSummary {
    const { scenario, params } = this.space;
    const { seed, profile } = this.options;
    const reach = reachOf(this.space);
    return {
      schemaVersion: SEARCH_SCHEMA_VERSION,
      version: VERSION,
      scenario: scenario.name,
      question: scenario.question,
      seed,
      profile: profile.name,
      params,
      schedules: this.coverage.schedules,
      ...this.counts,
      virtualTime: this.virtualTime,
      events: this.events,
      extraRuns: this.extraRuns,
      findings: this.findings,
      notReproduced: this.notReproduced,
      coverage: this.coverage,
      reach,
      gaps: gapsOf(this.coverage, reach),
    };
  }
}

/** The families that the profile and the limits let hit each role. */
function reachOf({ nemesis, options: { profile } }: SearchSpace): Reach {
  const { roles, families } = resolveLimits(nemesis.limits, nemesis.topology, profile.unrestricted);
  const drawn = FAULT_FAMILIES.filter(
    (family) => profile.families.includes(family) && (families?.includes(family) ?? true),
  );
  const reach: Record<string, readonly (typeof drawn)[number][]> = {};
  for (const { role } of nemesis.topology.nodes) {
    reach[role] ??= drawn.filter((family) => roles[role]?.includes(family) ?? true);
  }
  return reach;
}
