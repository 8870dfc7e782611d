/** Queue disciplines against queueing theory. Ten seeds a cell; run lengths stand with the cells. */
import { describe, expect, test } from '@jest/globals';
import { constant, erlang, exponential, mixture, type Distribution } from '../../sim/index.ts';
import {
  byPriority,
  codel,
  controlledDelay,
  deficitRoundRobin,
  earliestDeadlineFirst,
  firstComeFirstServed,
  lastComeFirstServed,
  processorSharing,
  startTimeFair,
  type QueueDiscipline,
} from '../../models/index.ts';
import { cobham, impatient, mmck, pollaczekKhinchine } from './closed-forms.ts';
import { classedStation, SERVICE, type ClassedRun } from './discipline-station.ts';
import { judge, seedsFor } from './oracle-table.ts';

const SEEDS = 10;
const of = (runs: readonly ClassedRun[], figure: (run: ClassedRun) => number): number[] => runs.map(figure);

describe('[Q7] two priorities (Cobham); also (0.1, 0.7), which is in no table', () => {
  const loads: readonly (readonly [number, number])[] = [
    [0.2, 0.5],
    [0.4, 0.4],
    [0.5, 0.3],
    [0.3, 0.6],
    [0.1, 0.7],
  ];
  const published: Readonly<Record<string, readonly [number, number]>> = {
    '0.2,0.5': [0.875, 2.91667],
    '0.4,0.4': [1.33333, 6.66667],
    '0.5,0.3': [1.6, 8],
    '0.3,0.6': [1.28571, 12.8571],
  };

  test.each(loads)('loads %d and %d, 10 × 40,000 jobs', (high, low) => {
    const classes = [
      { load: high, priority: 0 },
      { load: low, priority: 1 },
    ];
    const [wHigh, wLow] = published[`${high},${low}`] ?? cobham(high, low).queueing;
    const runsOf = (discipline: QueueDiscipline, name: string): ClassedRun[] =>
      seedsFor(`q7/${name}/${high}/${low}`, SEEDS).map((seed) =>
        classedStation({ seed, classes, jobs: 40_000, server: { discipline: discipline } }),
      );
    const polite = runsOf(byPriority(), 'polite');
    const fifo = runsOf(firstComeFirstServed(), 'fifo');
    const rude = runsOf(byPriority({ preemptive: true }), 'rude');
    const cell = `[Q7] ${high} + ${low}`;
    const rho = high + low;
    const form = cobham(high, low);
    judge([
      {
        name: `${cell} W high`,
        published: wHigh,
        figures: of(polite, (r) => (r.sojourn[0] as number) - 1),
        tolerance: 0.03,
      },
      {
        name: `${cell} W low`,
        published: wLow,
        figures: of(polite, (r) => (r.sojourn[1] as number) - 1),
        tolerance: 0.03,
      },
      {
        name: `${cell} W, first come first served`,
        published: rho / (1 - rho),
        figures: of(fifo, (r) => (high * (r.sojourn[0] as number) + low * (r.sojourn[1] as number)) / rho - 1),
        tolerance: 0.03,
      },
      {
        name: `${cell} T high, pre-emptive`,
        published: form.preemptive[0],
        figures: of(rude, (r) => r.sojourn[0] as number),
        tolerance: 0.03,
      },
      {
        name: `${cell} T low, pre-emptive`,
        published: form.preemptive[1],
        figures: of(rude, (r) => r.sojourn[1] as number),
        tolerance: 0.03,
      },
      {
        name: `${cell} Σ ρW, work is conserved`,
        published: (rho * rho) / (1 - rho),
        figures: of(polite, (r) => high * ((r.sojourn[0] as number) - 1) + low * ((r.sojourn[1] as number) - 1)),
        tolerance: 0.03,
      },
    ]);
  });
});

describe('[Q5] M/G/1; also uniform work, which is in no table', () => {
  // H2 with balanced means: p of one rate, 1 − p of another.
  const hyper = (cv2: number): Distribution => {
    const p = (1 + Math.sqrt((cv2 - 1) / (cv2 + 1))) / 2;
    return mixture([
      { weight: p, of: exponential({ mean: Math.round(SERVICE / (2 * p)) }) },
      { weight: 1 - p, of: exponential({ mean: Math.round(SERVICE / (2 * (1 - p))) }) },
    ]);
  };
  const laws: readonly (readonly [string, Distribution, number, number])[] = [
    ['D', constant(SERVICE), 0, 0.02],
    ['Erlang-2', erlang({ k: 2, mean: SERVICE }), 0.5, 0.02],
    ['M', exponential({ mean: SERVICE }), 1, 0.02],
    ['H2, cv² 4', hyper(4), 4, 0.05],
    ['H2, cv² 10', hyper(10), 10, 0.05],
    ['uniform', { kind: 'uniform', min: 0, max: 2 * SERVICE }, 1 / 3, 0.02],
  ];
  test.each(laws)('%s', (name, service, cv2, tolerance) => {
    judge(
      [0.5, 0.8, 0.9].map((rho) => {
        const jobs = rho === 0.9 ? 80_000 : 30_000;
        const runs = seedsFor(`q5/${name}/${rho}`, SEEDS).map((seed) =>
          classedStation({ seed, classes: [{ load: rho }], jobs, service }),
        );
        return {
          name: `[Q5] M/G/1 ${name} ${rho} Wq`,
          published: pollaczekKhinchine(rho, cv2),
          figures: of(runs, (r) => (r.sojourn[0] as number) - 1),
          tolerance,
        };
      }),
    );
  });
});

describe('processor sharing: the mean time of M/M/1, whatever the law of the work', () => {
  const laws: readonly (readonly [string, Distribution])[] = [
    ['D', constant(SERVICE)],
    ['M', exponential({ mean: SERVICE })],
    [
      'bimodal',
      mixture([
        { weight: 9, of: constant(SERVICE / 2) },
        { weight: 1, of: constant(SERVICE * 5.5) },
      ]),
    ],
  ];
  test.each(laws)('%s', (name, service) => {
    judge(
      [0.5, 0.8].map((rho) => {
        const runs = seedsFor(`ps/${name}/${rho}`, SEEDS).map((seed) =>
          classedStation({
            seed,
            classes: [{ load: rho }],
            jobs: 25_000,
            service,
            server: { discipline: processorSharing() },
          }),
        );
        return {
          name: `M/G/1-PS ${name} ${rho} T`,
          published: 1 / (1 - rho),
          figures: of(runs, (r) => r.sojourn[0] as number),
          tolerance: 0.02,
        };
      }),
    );
  });

  test('two processors are M/M/2', () => {
    const runs = seedsFor('ps/2', SEEDS).map((seed) =>
      classedStation({
        seed,
        classes: [{ load: 1.6 }],
        jobs: 60_000,
        server: { servers: 2, discipline: processorSharing() },
      }),
    );
    judge([
      {
        name: 'M/M/2-PS 0.8 T',
        published: mmck(2, 0.8).sojourn,
        figures: of(runs, (r) => r.sojourn[0] as number),
        tolerance: 0.02,
      },
    ]);
  });
});

describe('the mean wait is the same for every discipline that does not look at the work (M/M/1 at 0.8)', () => {
  const disciplines = [
    lastComeFirstServed(),
    deficitRoundRobin(),
    startTimeFair(),
    earliestDeadlineFirst(),
  ] as readonly QueueDiscipline[];
  test.each(disciplines.map((discipline) => [discipline.name, discipline] as const))('%s', (name, discipline) => {
    const runs = seedsFor(`same/${name}`, SEEDS).map((seed) =>
      classedStation({ seed, classes: [{ load: 0.8 }], jobs: 40_000, server: { discipline } }),
    );
    judge([
      { name: `M/M/1 0.8 T, ${name}`, published: 5, figures: of(runs, (r) => r.sojourn[0] as number), tolerance: 0.02 },
    ]);
  });
});

describe('[Q4a] balking: M/M/1/K with the queue in the state', () => {
  test.each([
    [0.8, 5],
    [1, 10],
    [2, 10],
    [0.9, 4],
  ])('load %d, %d places', (rho, K) => {
    const form = mmck(1, rho, K);
    const runs = seedsFor(`balk/${rho}/${K}`, SEEDS).map((seed) =>
      classedStation({
        seed,
        classes: [{ load: rho }],
        jobs: 40_000,
        server: { queue: K - 1, discipline: firstComeFirstServed() },
      }),
    );
    judge([
      {
        name: `[Q4a] M/M/1/${K} ${rho} loss, own queue`,
        published: form.loss,
        figures: of(runs, (r) => r.lost[0] as number),
        tolerance: 0.02,
      },
      {
        name: `[Q4a] M/M/1/${K} ${rho} T, own queue`,
        published: form.sojourn,
        figures: of(runs, (r) => r.sojourn[0] as number),
        tolerance: 0.02,
      },
    ]);
  });
});

describe('reneging: M/M/c+M (Erlang A)', () => {
  test.each([
    [1, 0.8, 1],
    [1, 1.5, 0.5],
    [3, 1, 0.25],
    [2, 2, 2],
  ])('%d servers at %d, patience rate %d', (c, rho, theta) => {
    const runs = seedsFor(`renege/${c}/${rho}`, SEEDS).map((seed) =>
      classedStation({
        seed,
        classes: [{ load: rho * c }],
        jobs: 30_000,
        server: { servers: c, patience: exponential({ mean: Math.round(SERVICE / theta) }) },
      }),
    );
    judge([
      {
        name: `M/M/${c}+M ${rho}, θ ${theta}: given up`,
        published: impatient(c, rho, theta),
        figures: of(runs, (r) => r.lost[0] as number),
        tolerance: 0.02,
      },
    ]);
  });
});

test('fair queueing gives flows with requests work by their weights, whatever they ask for', () => {
  for (const [name, discipline] of [
    ['DRR', deficitRoundRobin({ weights: { a: 3 } })],
    ['SFQ', startTimeFair({ weights: { a: 3 } })],
  ] as const) {
    const runs = seedsFor(`fair/${name}`, SEEDS).map((seed) =>
      classedStation({
        seed,
        jobs: 20_000,
        service: constant(SERVICE),
        classes: [
          { load: 2, key: 'a', within: 100 },
          { load: 10, key: 'b', within: 100 },
        ],
        server: { discipline: discipline },
      }),
    );
    judge([
      {
        name: `${name}: share of weight 3 against 1`,
        published: 0.75,
        figures: of(runs, ({ served: [a, b] }) => (a as number) / ((a as number) + (b as number))),
        tolerance: 0.02,
      },
    ]);
  }
});

test('under overload CoDel and controlled delay keep the wait of those served short, first come first served does not', () => {
  const wait = (discipline: QueueDiscipline): number =>
    seedsFor(`overload/${discipline.name}`, 3)
      .map((seed) =>
        classedStation({ seed, classes: [{ load: 1.5 }], jobs: 20_000, server: { discipline } }).quantile(0, 0.5),
      )
      .reduce((sum, x) => sum + x, 0) / 3;
  expect(wait(firstComeFirstServed())).toBeGreaterThan(1_000);
  expect(wait(controlledDelay({ target: '20ms', interval: '400ms' }))).toBeLessThan(40);
  expect(wait(codel({ target: '20ms', interval: '400ms' }))).toBeLessThan(200);
});
