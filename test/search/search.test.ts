import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  explore,
  FAULT_FAMILIES,
  FAULT_KINDS,
  mergeCoverage,
  mergeSummaries,
  neverFired,
  NO_COVERAGE,
  parseSchedule,
  PROFILES,
  profileNamed,
  replay,
  run,
  searchSchedules,
  SearchSpace,
  unexercised,
  type Coverage,
  type ExploreOptions,
  type Finding,
  type NemesisProfile,
  type Scenario,
  type SearchEvent,
  type SearchOutcome,
  type SearchSummary,
} from '../../sim/index.ts';
import canary from '../../scenarios/canary.ts';
import leaseDrift from '../../scenarios/lease-drift.ts';
import lostMessage from '../../scenarios/lost-message.ts';
import { familyOf } from '../../sim/search/families.ts';
import { toyScenario } from '../support/toy-scenario.ts';
import { BOTH_DOWN, pair } from './toy-designs.ts';

function explored(
  scenario: Scenario,
  options: ExploreOptions,
): { summary: SearchSummary; events: readonly SearchEvent[] } {
  const events: SearchEvent[] = [];
  const search = explore(scenario, options);
  for (;;) {
    const step = search.next();
    if (step.done === true) return { summary: step.value, events };
    events.push(step.value);
  }
}

const mixed = profileNamed('mixed');
const outcomes = (scenario: Scenario, options: Partial<ExploreOptions>): SearchOutcome[] => [
  ...searchSchedules(scenario, { seed: 'seed', profile: mixed, count: 12, ...options }),
];

describe('searching schedules', () => {
  test('each outcome can be made again from its schedule and its seed alone', () => {
    for (const outcome of outcomes(pair, {})) {
      const result = run(pair, {
        seed: outcome.seed,
        faults: parseSchedule(JSON.parse(JSON.stringify(outcome.schedule))),
      });
      expect(result.digest).toBe(outcome.digest);
      expect(outcome.ineffective).toEqual(result.faults.flatMap(({ id, effects }) => (effects === 0 ? [id] : [])));
    }
  });

  test('shards are the parts of the whole: which run is which depends on its index alone', () => {
    const whole = outcomes(pair, {});
    const shards = [0, 1, 2].flatMap((from) => outcomes(pair, { from, step: 3, count: 4 }));
    expect(shards.sort((a, b) => a.index - b.index)).toEqual(whole);
    expect(new Set(whole.map(({ digest }) => digest)).size).toBeGreaterThan(8);
  });

  test('it ends when it is told to, and refuses nonsense', () => {
    let asked = 0;
    expect([...searchSchedules(pair, { seed: 'seed', profile: mixed }, () => ++asked > 5)]).toHaveLength(5);
    expect(() => [...searchSchedules(pair, { seed: '', profile: mixed, count: 1 })]).toThrow(/seed/);
    expect(() => [...searchSchedules(pair, { seed: 'seed', profile: mixed, from: -1 })]).toThrow(/from/);
  });

  test('some schedules leave a minority broken for good, and recovery is owed all the same', () => {
    const many = outcomes(pair, { count: 40, profile: profileNamed('crashes') });
    const staying = many.filter(({ schedule }) => schedule.some(({ stays }) => stays === true));
    expect(staying.length).toBeGreaterThan(5);
    expect(staying.length).toBeLessThan(35);
    for (const { schedule, seed } of staying) {
      expect(run(pair, { seed, faults: parseSchedule(schedule) }).healedAt).toBeLessThanOrEqual(9_000_000);
    }
    expect(
      outcomes(pair, { freeze: false })
        .flatMap(({ schedule }) => schedule)
        .filter(({ stays }) => stays === true),
    ).toEqual([]);
  });

  test('an unrestricted profile judges safety only', () => {
    expect(new SearchSpace(pair, { seed: 'seed', profile: profileNamed('safety') }).safetyOnly).toBe(true);
    const unjudged = outcomes(toyScenario, { profile: profileNamed('safety'), count: 8, params: { gap: '200ms' } });
    for (const { status, violated, undecided } of unjudged)
      expect({ status, violated, undecided }).toEqual({ status: 'held', violated: [], undecided: [] });
    const owed = unjudged.map(
      ({ seed, schedule }) =>
        run(toyScenario, { seed, params: { gap: '200ms' }, faults: parseSchedule(schedule) }).status,
    );
    expect(owed).toContain('undecided');
  });
});

/** Schedules until the first finding, with its size, in one search from nothing. */
function firstFinding(
  scenario: Scenario,
  profile: NemesisProfile,
  most: number,
  property?: string,
): { tried: number; finding: Finding | undefined } {
  const search = explore(scenario, { seed: 'from-nothing', profile, count: most, minimiseRuns: 70 });
  let tried = 0;
  for (let step = search.next(); step.done !== true; step = search.next()) {
    if (step.value.kind === 'schedule') tried++;
    else if (property === undefined || step.value.finding.property === property)
      return { tried, finding: step.value.finding };
  }
  return { tried, finding: undefined };
}

describe('naive designs are found out from nothing (the larger ones in naive-designs.validate.ts)', () => {
  test.each([
    { scenario: canary, profile: mixed, property: 'no acknowledged write is lost', most: 1, smallest: 0 },
    {
      scenario: leaseDrift,
      profile: profileNamed('clocks'),
      property: 'at most one holder acts',
      most: 40,
      smallest: 1,
    },
    {
      scenario: lostMessage,
      profile: profileNamed('crashes'),
      property: 'no acknowledged message is lost',
      most: 20,
      smallest: 1,
    },
  ])(
    '$scenario.name within $most schedules, shrunk to at most twice $smallest faults',
    ({ scenario, profile, property, most, smallest }) => {
      const { tried, finding } = firstFinding(scenario, profile, most, property);
      expect(tried).toBeLessThanOrEqual(most);
      expect(finding).toMatchObject({ property, necessity: expect.any(Array) });
      expect(finding?.schedule.length).toBeLessThanOrEqual(2 * smallest);
      expect(finding?.necessity.some(({ without }) => without === 'still fails')).toBe(false);
      expect(finding?.repro === undefined ? undefined : replay(scenario, finding.repro).outcome).toBe('identical');
    },
  );
});

describe('a whole search', () => {
  const options: ExploreOptions = { seed: 'whole', profile: profileNamed('zones'), count: 12, futures: 2 };
  const { summary, events } = explored(pair, options);

  test('failures that are the same are one finding, counted; it carries table, future and repro', () => {
    expect(summary.violated).toBeGreaterThan(summary.findings.length);
    const finding = summary.findings.find(({ property }) => property === BOTH_DOWN) as Finding;
    expect(finding.schedule).toHaveLength(1);
    expect(finding.necessity).toEqual([expect.objectContaining({ without: 'passes' })]);
    expect(finding.inevitability?.points).toHaveLength(9);
    expect(finding.repro && replay(pair, finding.repro).outcome).toBe('identical');
    expect(new Set(summary.findings.map(({ signature }) => signature)).size).toBe(summary.findings.length);
    const counted = summary.findings.reduce((sum, { count }) => sum + count, 0);
    expect(counted).toBe(
      events.reduce((sum, event) => sum + (event.kind === 'schedule' ? event.outcome.violated.length : 0), 0),
    );
  });

  test('it says what it has not exercised', () => {
    expect(summary.reach).toEqual({ server: ['zone'] });
    expect(summary.coverage.phases['server']).toMatchObject({ young: expect.any(Number), old: expect.any(Number) });
    const cells = unexercised({ ...summary.coverage, cells: {} }, { server: ['zone', 'disk'] });
    expect(cells).toContainEqual({ family: 'disk', role: 'server', phase: 'old' });
    expect(summary.gaps.cells).not.toContainEqual({ family: 'zone', role: 'server', phase: 'old' });
    expect(
      neverFired({ ...NO_COVERAGE, sometimes: { never: { runs: 3, held: 0 }, once: { runs: 3, held: 1 } } }),
    ).toEqual(['never']);
  });

  test('the summaries of two shards merge into that of the whole, but for what one shard can know', () => {
    const [even, odd] = [0, 1].map((from) => explored(pair, { ...options, from, step: 2, count: 6 }).summary) as [
      SearchSummary,
      SearchSummary,
    ];
    const merged = mergeSummaries(even, odd);
    expect(mergeSummaries(odd, even)).toEqual(merged);
    const { coverage, schedules, held, violated, virtualTime, events: handled, gaps } = summary;
    expect(merged).toMatchObject({ coverage, schedules, held, violated, virtualTime, events: handled, gaps });
    expect(merged.findings.map(({ property }) => property)).toContain(BOTH_DOWN);
    expect(JSON.parse(JSON.stringify(merged))).toEqual(merged);
    expect(() => mergeSummaries(even, { ...odd, seed: 'other' })).toThrow(/summary\.seed/);
  });

  test('with bail it ends at the first finding', () => {
    const { summary: bailed, events: few } = explored(pair, { ...options, bail: true });
    expect(few.at(-1)?.kind).toBe('finding');
    expect(bailed.schedules).toBeLessThan(12);
  });
});

describe('coverage', () => {
  const name = fc.constantFrom('a', 'b', 'c');
  const n = fc.nat(9);
  const by = <T>(values: fc.Arbitrary<T>) => fc.dictionary(name, values, { maxKeys: 3 }).map((made) => ({ ...made }));
  const coverage: fc.Arbitrary<Coverage> = fc.record({
    schedules: n,
    virtualTime: n,
    cells: by(by(by(fc.record({ planned: n, felt: n })))),
    phases: by(by(n)),
    sometimes: by(fc.record({ runs: n, held: n })),
    faults: by(fc.record({ planned: n, ineffective: n })),
    mixes: by(fc.record({ runs: n, begun: n, ok: n })),
  });

  test('merging is associative and commutative, and nothing changes nothing', () => {
    fc.assert(
      fc.property(coverage, coverage, coverage, (a, b, c) => {
        expect(mergeCoverage(mergeCoverage(a, b), c)).toEqual(mergeCoverage(a, mergeCoverage(b, c)));
        expect(JSON.stringify(mergeCoverage(a, b))).toBe(JSON.stringify(mergeCoverage(b, a)));
        expect(mergeCoverage(a, NO_COVERAGE)).toEqual(a);
      }),
    );
  });

  test('every kind of fault belongs to a family, and every profile draws only its own', () => {
    for (const kind of FAULT_KINDS) expect(FAULT_FAMILIES).toContain(familyOf({ kind }));
    for (const profile of Object.values(PROFILES)) {
      for (const { schedule } of outcomes(pair, { profile, count: 6 })) {
        for (const fault of parseSchedule(schedule)) expect(profile.families).toContain(familyOf(fault));
      }
    }
  });
});
