/** Every naive bundled design is broken from nothing, quickly, whatever the search's seed; and what is left of the schedule is small. */
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

const SEEDS = 20;
/** Of those, from how many the failure is made small as well, which takes most of the time. `ORRERY_SHRINK=20` for all. */
const SHRUNK = Number(process.env.ORRERY_SHRINK ?? 3);
/** Far more than any of these searches has needed. */
const MOST_SCHEDULES = 2_000;

/** The smallest schedules known to break a design, in faults, by property. The canary breaks with nothing at all. */
const SMALLEST: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  'asymmetric-partition': { 'no acknowledged write is lost': 1 },
  'cache-race': { 'staleness within 100ms': 1 },
  canary: { 'no acknowledged write is lost': 0, 'linearizable register': 0 },
  'cascading-failure': { 'pages come in time': 1 },
  'dead-backend': { 'no request is lost while somebody could serve it': 1 },
  'double-charge': { 'no order is charged twice': 1 },
  'double-charge-forgotten': { 'no order is charged twice': 2 },
  'edge-burst': { 'the limit holds in any second': 1, 'no more than the limit is admitted': 1 },
  'gray-backend': { 'requests are answered in time': 1 },
  'leader-lost': {
    'no acknowledged message is lost': 1,
    'the other subscriber sees every message too': 1,
  },
  'leader-lost-unclean': { 'the other subscriber sees every message too': 2 },
  'lease-drift': { 'at most one holder acts': 1, 'no work is overwritten': 1 },
  'limit-race': { 'the limit holds in any second': 1 },
  'limiter-fail-open': { 'the limit holds in any second': 1 },
  'lone-balancer': { 'no request is lost while somebody could serve it': 1 },
  'lost-cache-node': { 'no more than the limit is admitted (reads of the database)': 1 },
  'lost-invalidation': { 'staleness within 1s': 1 },
  'lost-message': { 'no acknowledged message is lost': 1 },
  'lost-session': { 'who has logged in stays logged in': 1 },
  'lost-write-behind': { 'no acknowledged write is lost': 1 },
  'overload-fifo': { 'goodput returns': 1 },
  'poison-blocks': { 'the queue empties': 1 },
  'raft-volatile-vote': { 'one vote a term': 1 },
  'rebalance-duplicate': { 'no effect happens twice': 1 },
  'rebalance-lost': { 'no acknowledged message is lost': 1 },
  'retry-storm': { 'goodput returns': 1 },
  'scale-up-lag': { 'the objective is kept through the step': 0 },
  'slow-replica': { '99 % of the answers are quick': 1 },
  'split-brain': { 'no acknowledged write is lost': 1, 'linearizable register': 1 },
  'stale-read': { 'linearizable register': 1, 'quorums intersect': 0 },
  'stale-read-no-write-back': { 'linearizable register': 1 },
  stampede: { 'one loader a key': 0, 'goodput returns': 1 },
  'unsynced-gateways': { 'the limit holds in any second': 1 },
  'wasted-work': { 'work is for those who still wait': 1 },
  'worked-twice': { 'no effect happens twice': 0 },
};

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

describe.each(naive)('$name', ({ name, scenario, properties }) => {
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
