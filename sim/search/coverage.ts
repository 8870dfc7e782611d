/**
 * What a search has exercised, and what it has not.
 *
 * Plain counts, so that coverages of shards can be merged in any order and grouping: fault kind × role × phase in which it struck,
 * how often `sometimes` checks held, planned faults that changed nothing, operations completed under each mix of faults.
 */
import { parseSchedule } from '../faults/schedule.ts';
import { FAULT_FAMILIES, type FaultFamily } from '../faults/nemesis/family.ts';
import type { RunResult } from '../result.ts';
import { familyOf } from './families.ts';
import { mapMerged, type Counts } from './merge.ts';

/** How often a fault was planned for a role in a phase, and in how many of these it changed something. */
export type Cell = Counts<'planned' | 'felt'>;

export interface Coverage {
  readonly schedules: number;
  /** Virtual time of all runs, µs. */
  readonly virtualTime: number;
  /** By fault kind, role, and the phase that nodes of the role were in when the fault began or ended. */
  readonly cells: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, Cell>>>>>>;
  /** By role: in how many runs a phase was seen. */
  readonly phases: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** By `sometimes` check: in how many of the runs it held. */
  readonly sometimes: Readonly<Record<string, Counts<'runs' | 'held'>>>;
  /** By fault kind: planned faults, and those that changed nothing. */
  readonly faults: Readonly<Record<string, Counts<'planned' | 'ineffective'>>>;
  /** By mix of fault families (`crash+partition`; `none`): runs, operations begun and completed ok. */
  readonly mixes: Readonly<Record<string, Counts<'runs' | 'begun' | 'ok'>>>;
}

export const NO_COVERAGE: Coverage = {
  schedules: 0,
  virtualTime: 0,
  cells: {},
  phases: {},
  sometimes: {},
  faults: {},
  mixes: {},
};

/** Associative and commutative, with NO_COVERAGE as its zero. */
export const mergeCoverage = (a: Coverage, b: Coverage): Coverage => mapMerged(a, b);

/** The coverage of one run. */
export function coverageOf(result: RunResult): Coverage {
  const planned = parseSchedule(result.schedule);
  const cells: Record<string, Record<string, Record<string, Cell>>> = {};
  const faults: Record<string, Counts<'planned' | 'ineffective'>> = {};
  for (const { id, effects, struck = [] } of result.faults) {
    const kind = planned.find((fault) => fault.id === id)?.kind ?? id;
    const { planned: before, ineffective } = faults[kind] ?? { planned: 0, ineffective: 0 };
    faults[kind] = { planned: before + 1, ineffective: ineffective + (effects === 0 ? 1 : 0) };
    for (const { role, phase } of struck) {
      const phases = ((cells[kind] ??= {})[role] ??= {});
      const cell = phases[phase] ?? { planned: 0, felt: 0 };
      phases[phase] = { planned: cell.planned + 1, felt: cell.felt + (effects === 0 ? 0 : 1) };
    }
  }
  const phases: Record<string, Record<string, number>> = {};
  for (const { role, phase } of result.phases ?? []) (phases[role] ??= {})[phase] = 1;
  const sometimes: Record<string, Counts<'runs' | 'held'>> = {};
  for (const { check, kind, status } of result.verdicts) {
    if (kind === 'sometimes') sometimes[check] = { runs: 1, held: status === 'held' ? 1 : 0 };
  }
  const families = new Set(planned.map(familyOf));
  const mix = FAULT_FAMILIES.filter((family) => families.has(family)).join('+');
  const ok = result.operations.filter(({ outcome }) => outcome === 'ok').length;
  return {
    schedules: 1,
    virtualTime: result.engine.reached,
    cells,
    phases,
    sometimes,
    faults,
    mixes: { [mix === '' ? 'none' : mix]: { runs: 1, begun: result.operations.length, ok } },
  };
}

/** A family that could have struck a role in a phase that was seen, and never did with an effect. */
export interface UnexercisedCell {
  readonly family: FaultFamily;
  readonly role: string;
  readonly phase: string;
}

/** Which families could hit which roles in a search: by role. */
export type Reach = Readonly<Record<string, readonly FaultFamily[]>>;

/** The never-exercised cells of families within reach, sorted by family, role, phase. */
export function unexercised(coverage: Coverage, reach: Reach): readonly UnexercisedCell[] {
  const felt = new Set<string>();
  for (const [kind, roles] of Object.entries(coverage.cells)) {
    for (const [role, phases] of Object.entries(roles)) {
      for (const [phase, cell] of Object.entries(phases)) {
        if (cell.felt > 0) felt.add(`${familyOf({ kind } as never)}\n${role}\n${phase}`);
      }
    }
  }
  return FAULT_FAMILIES.flatMap((family) =>
    Object.keys(coverage.phases)
      .toSorted()
      .filter((role) => reach[role]?.includes(family) === true)
      .flatMap((role) =>
        Object.keys(coverage.phases[role] ?? {})
          .toSorted()
          .map((phase) => ({ family, role, phase })),
      )
      .filter(({ role, phase }) => !felt.has(`${family}\n${role}\n${phase}`)),
  );
}

/** `sometimes` checks that held in no run of the search, sorted. */
export const neverFired = ({ sometimes }: Coverage): readonly string[] =>
  Object.keys(sometimes)
    .filter((name) => sometimes[name]?.held === 0)
    .sort();
