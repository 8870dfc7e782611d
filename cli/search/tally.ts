/** What the schedules of a search did, summed up in their order. */
import {
  explore,
  FAULT_FAMILIES,
  mergeCoverage,
  NO_COVERAGE,
  type NemesisProfile,
  type Reach,
  type Scenario,
  type SearchOutcome,
  type SearchSummary,
} from '../../sim/index.ts';
import { gapsOf } from '../../sim/search/summary.ts';
import type { Findings } from './findings.ts';

export class Tally {
  coverage = NO_COVERAGE;
  virtualTime = 0;
  readonly counts = { held: 0, violated: 0, undecided: 0, broke: 0 };
  private events = 0;

  get schedules(): number {
    return this.coverage.schedules;
  }

  add({ status, virtualTime, events, coverage }: SearchOutcome): void {
    this.counts[status]++;
    this.virtualTime += virtualTime;
    this.events += events;
    this.coverage = mergeCoverage(this.coverage, coverage);
  }

  /** `empty`: the summary of no schedules at all. */
  summary(empty: SearchSummary, findings: Findings): SearchSummary {
    return {
      ...empty,
      schedules: this.schedules,
      ...this.counts,
      virtualTime: this.virtualTime,
      events: this.events,
      extraRuns: findings.runs,
      findings: findings.found,
      notReproduced: findings.notReproduced,
      coverage: this.coverage,
      gaps: gapsOf(this.coverage, empty.reach),
    };
  }
}

/** The summary of a search under these profiles before its first schedule. Throws ConfigError. */
export function emptySummary(
  scenario: Scenario,
  seed: string,
  params: Readonly<Record<string, unknown>>,
  profiles: readonly NemesisProfile[],
): SearchSummary {
  const summaries = profiles.map((profile) => {
    const step = explore(scenario, { seed, params, profile, count: 0 }).next();
    return step.value as SearchSummary;
  });
  const [first] = summaries as [SearchSummary, ...SearchSummary[]];
  const reach: Record<string, Reach[string]> = {};
  for (const role of Object.keys(first.reach)) {
    reach[role] = FAULT_FAMILIES.filter((family) => summaries.some((one) => one.reach[role]?.includes(family)));
  }
  return { ...first, profile: profiles.map(({ name }) => name).join('+'), reach };
}
