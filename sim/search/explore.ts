/** A whole search: schedules are run, failures minimised and grouped, and everything that was seen is summed up. */
import { FAULT_FAMILIES } from '../faults/nemesis/family.ts';
import { resolveLimits } from '../faults/nemesis/limits.ts';
import { parseSchedule } from '../faults/schedule.ts';
import type { Scenario } from '../scenario.ts';
import { VERSION } from '../version.ts';
import { mergeCoverage, NO_COVERAGE, type Coverage, type Reach } from './coverage.ts';
import { investigate } from './investigate.ts';
import { searchSchedules, SearchSpace, type SearchOptions, type SearchOutcome } from './search.ts';
import { causesOf } from './signature.ts';
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
      const finding = exploration.lookInto(outcome, property);
      if (finding === undefined) continue;
      found = true;
      yield { kind: 'finding', finding };
    }
    if (found && options.bail === true) break;
  }
  return exploration.summary();
}

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

  /** A finding that is new; undefined when the failure is known, is of a known kind after all, or does not reproduce. */
  lookInto(outcome: SearchOutcome, property: string): Finding | undefined {
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
    const { minimiseRuns, futures } = this.options;
    const { finding, runs } = investigate(this.space, outcome, property, { minimiseRuns, futures, stop: this.stop });
    this.extraRuns += runs;
    if (finding === undefined) {
      if (this.notReproduced.at(-1) !== outcome.index) this.notReproduced.push(outcome.index);
      return undefined;
    }
    const isNew = !this.findings.some(({ signature }) => signature === finding.signature);
    this.findings = groupFindings([...this.findings, finding]);
    return isNew ? finding : undefined;
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
