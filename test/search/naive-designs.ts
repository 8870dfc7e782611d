/**
 * Every naive bundled design is broken from nothing, quickly, whatever the search's seed; and what is left of the schedule is small. The designs
 * are shared out between two files, so that two workers have something to do.
 */
import { afterAll, describe, expect, test } from '@jest/globals';
import {
  explore,
  profileNamed,
  readParams,
  replay,
  searchSchedules,
  type Finding,
  type Scenario,
  type SearchOptions,
} from '../../sim/index.ts';
import { scenarios } from '../../scenarios/index.ts';
import { SMALLEST } from './smallest-schedules.ts';

const SEEDS = 20;
/** Of those, from how many the failure is made small as well, which takes most of the time. `ORRERY_SHRINK=20` for all. */
const SHRUNK = Number(process.env.ORRERY_SHRINK ?? 1);
/** Far more than any of these searches has needed. */
const MOST_SCHEDULES = 2_000;

const naive = scenarios.flatMap((scenario) => {
  const expected = scenario.expect(readParams(scenario.params));
  return expected.kind === 'violates' ? [{ name: scenario.name, scenario, properties: expected.checks }] : [];
});

interface Hunt {
  readonly schedules: number;
  /** Until the first schedule that broke the property, without minimising. */
  readonly seconds: number;
  readonly found: boolean;
  readonly finding: Finding | undefined;
}

function hunt(scenario: Scenario, property: string, seed: string, shrinks: boolean): Hunt {
  const options = { seed, profile: profileNamed('mixed'), count: MOST_SCHEDULES };
  const began = performance.now();
  for (const { index, violated } of searchSchedules(scenario, options)) {
    if (!violated.includes(property)) continue;
    const seconds = (performance.now() - began) / 1000;
    const finding = shrinks ? minimised(scenario, property, { ...options, from: index, count: 1 }) : undefined;
    return { schedules: index + 1, seconds, found: true, finding };
  }
  return { schedules: MOST_SCHEDULES, seconds: (performance.now() - began) / 1000, found: false, finding: undefined };
}

function minimised(scenario: Scenario, property: string, options: SearchOptions): Finding | undefined {
  for (const event of explore(scenario, { ...options, minimiseRuns: 150 })) {
    if (event.kind === 'finding' && event.finding.property === property) return event.finding;
  }
  return undefined;
}

/** The middle one; the lower of two. */
const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[(values.length - 1) >> 1] ?? NaN;

/** Declares the tests of every second design, beginning with the first or the second. */
export function describeNaiveDesigns(half: 0 | 1): void {
  const table: string[] = [];
  afterAll(() => {
    const head = [
      'scenario: property',
      'schedules: median',
      'most',
      'seconds: median',
      'most',
      'faults left: median',
      'most',
      'known',
    ];
    console.log([head.join(' | '), ...table].join('\n'));
  });

  describe.each(naive.filter((_, i) => i % 2 === half))('$name', ({ name, scenario, properties }) => {
    test.each(properties)(`is found to violate “%s” from each of ${SEEDS} seeds`, (property) => {
      const smallest = SMALLEST[name]?.[property];
      if (smallest === undefined) throw new Error(`add the smallest schedule known to break “${property}” of ${name}`);
      const hunts = Array.from({ length: SEEDS }, (_, k) => hunt(scenario, property, `naive/${k + 1}`, k < SHRUNK));
      const left = hunts.slice(0, SHRUNK).map(({ finding }) => finding?.schedule.length ?? Infinity);
      const schedules = hunts.map((one) => one.schedules);
      const seconds = hunts.map((one) => one.seconds);
      const figures = [
        median(schedules),
        Math.max(...schedules),
        median(seconds).toFixed(2),
        Math.max(...seconds).toFixed(2),
      ];
      table.push([`${name}: ${property}`, ...figures, median(left), Math.max(...left), smallest].join(' | '));

      expect(hunts.filter(({ found }) => !found)).toEqual([]);
      expect(median(seconds)).toBeLessThan(60);
      expect(left.filter((faults) => faults > 2 * smallest)).toEqual([]);
      const [first] = hunts;
      expect(first?.finding?.necessity.filter(({ without }) => without === 'still fails')).toEqual([]);
      expect(first?.finding?.repro && replay(scenario, first.finding.repro).outcome).toBe('identical');
    });
  });
}
