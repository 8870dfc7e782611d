/** What a search leaves behind: plain, versioned data. Summaries of shards are merged into one. */
import { ConfigError } from '../base/errors.ts';
import { canonicalJson } from '../base/json.ts';
import type { Repro } from '../repro.ts';
import { mergeCoverage, neverFired, unexercised, type Coverage, type Reach, type UnexercisedCell } from './coverage.ts';
import type { Inevitability } from './inevitability.ts';
import type { Minimised } from './minimise.ts';
import type { NecessityRow } from './necessity.ts';
import type { Trial } from './trial.ts';

/** Bumped when a field changes its meaning. */
export const SEARCH_SCHEMA_VERSION = 1;

type Schedule = readonly Readonly<Record<string, unknown>>[];

/** One distinct failure, shown by its smallest example. */
export interface Finding {
  /** Name of the violated check. */
  readonly property: string;
  /** Equal for failures that count as the same. */
  readonly signature: string;
  /** The contradiction in one sentence, from the minimised run. */
  readonly message: string;
  /** When, µs; absent when the run broke. */
  readonly at?: number;
  /** Schedules of the search that failed so. */
  readonly count: number;
  /** Index of the schedule that the example comes from; its seed. */
  readonly index: number;
  readonly seed: string;
  /** The schedule as it was drawn, and as it was minimised. */
  readonly drawn: Schedule;
  readonly schedule: Schedule;
  /** Kinds and roles of the drawn faults that are left after minimising. */
  readonly causes: readonly string[];
  /** Seed and parameters of the minimised run, when it breaks off and so has no repro. */
  readonly broken?: Pick<Trial, 'seed' | 'params'>;
  readonly minimising: Pick<Minimised, 'runs' | 'steps' | 'ended'>;
  readonly necessity: readonly NecessityRow[];
  readonly inevitability?: Inevitability;
  /** The minimised run, verified; absent when the property is that the run ends without an error. */
  readonly repro?: Repro;
}

export interface SearchSummary {
  readonly schemaVersion: typeof SEARCH_SCHEMA_VERSION;
  /** Version of the engine. */
  readonly version: string;
  readonly scenario: string;
  readonly question: string;
  readonly seed: string;
  readonly profile: string;
  readonly params: Readonly<Record<string, unknown>>;
  /** Schedules tried, and what became of them. */
  readonly schedules: number;
  readonly held: number;
  readonly violated: number;
  readonly undecided: number;
  readonly broke: number;
  /** Virtual time of all schedules, µs; events handled. */
  readonly virtualTime: number;
  readonly events: number;
  /** Runs spent on minimising and on necessity. */
  readonly extraRuns: number;
  /** Smallest index first. */
  readonly findings: readonly Finding[];
  /** Failing schedules that reproduced no failure: a leak of determinism. Their indices. */
  readonly notReproduced: readonly number[];
  readonly coverage: Coverage;
  /** Which families of faults could hit which roles. */
  readonly reach: Reach;
  readonly gaps: {
    readonly cells: readonly UnexercisedCell[];
    /** `sometimes` checks that never held. */
    readonly sometimes: readonly string[];
  };
}

export const gapsOf = (coverage: Coverage, reach: Reach): SearchSummary['gaps'] => ({
  cells: unexercised(coverage, reach),
  sometimes: neverFired(coverage),
});

/** One summary of two disjoint parts of one search. Throws ConfigError when they are not of the same search. */
export function mergeSummaries(a: SearchSummary, b: SearchSummary): SearchSummary {
  for (const field of ['schemaVersion', 'version', 'scenario', 'seed', 'profile', 'params'] as const) {
    if (canonicalJson(a[field]) !== canonicalJson(b[field])) {
      throw new ConfigError(`summary.${field}`, b[field], `that of the other part, ${canonicalJson(a[field])}`);
    }
  }
  const coverage = mergeCoverage(a.coverage, b.coverage);
  return {
    ...a,
    schedules: a.schedules + b.schedules,
    held: a.held + b.held,
    violated: a.violated + b.violated,
    undecided: a.undecided + b.undecided,
    broke: a.broke + b.broke,
    virtualTime: a.virtualTime + b.virtualTime,
    events: a.events + b.events,
    extraRuns: a.extraRuns + b.extraRuns,
    findings: groupFindings([...a.findings, ...b.findings]),
    notReproduced: [...a.notReproduced, ...b.notReproduced].sort((x, y) => x - y),
    coverage,
    gaps: gapsOf(coverage, a.reach),
  };
}

/** One finding for each signature: the smallest example, the counts added. In order of the examples' indices. */
export function groupFindings(findings: readonly Finding[]): readonly Finding[] {
  const groups = new Map<string, Finding>();
  for (const finding of findings) {
    const known = groups.get(finding.signature);
    if (known === undefined) groups.set(finding.signature, finding);
    else {
      const smaller = compareFindings(finding, known) < 0 ? finding : known;
      groups.set(finding.signature, { ...smaller, count: known.count + finding.count });
    }
  }
  return [...groups.values()].sort((x, y) => x.index - y.index || (x.signature < y.signature ? -1 : 1));
}

/** Fewer faults, then a shorter text, then the lower index: a total order, so that merging gives the same example in any order. */
const compareFindings = (a: Finding, b: Finding): number =>
  a.schedule.length - b.schedule.length ||
  canonicalJson(a.schedule).length - canonicalJson(b.schedule).length ||
  a.index - b.index;
