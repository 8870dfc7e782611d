import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ms, NEVER, s } from '../../sim/base/time.ts';
import * as make from '../../sim/random/distribution.ts';
import type { Distribution, DistributionSpec } from '../../sim/random/distribution-spec.ts';
import { toDistribution } from '../../sim/random/parse-distribution.ts';
import { KeyedDraws } from '../../sim/random/keyed-draws.ts';
import { compile } from '../../sim/random/sampler.ts';
import { normalQuantile, normalShare } from '../../sim/random/standard-normal.ts';
import { RandomStream } from '../../sim/random/stream.ts';

const N = 60_000;

interface Law {
  readonly spec: DistributionSpec;
  readonly mean: number;
  /** NaN: not compared, the fourth moment is too heavy to estimate the error, or there is no short closed form. */
  readonly variance: number;
  /** P(X ≤ x). */
  readonly share: (x: number) => number;
}

const clamped = (x: number): number => Math.min(1, Math.max(0, x));
const erlangShare = (k: number, rate: number, x: number): number => {
  let term = 1;
  let sum = 1;
  for (let i = 1; i < k; i++) {
    term *= (rate * x) / i;
    sum += term;
  }
  return 1 - Math.exp(-rate * x) * sum;
};

/** sigma of a log-normal whose 99th percentile is `ratio` times its mean. */
const Z99 = 2.3263478740408408;
const sigmaFor = (ratio: number): number => Z99 - Math.sqrt(Z99 ** 2 - 2 * Math.log(ratio));
const halfNormal = Math.sqrt(2 / Math.PI);

const LAWS: readonly Law[] = [
  {
    spec: make.uniform('2ms', '10ms'),
    mean: 6_000,
    variance: 8_000 ** 2 / 12,
    share: (x) => clamped((x - 2_000) / 8_000),
  },
  {
    spec: make.exponential({ mean: '7ms' }),
    mean: 7_000,
    variance: 7_000 ** 2,
    share: (x) => 1 - Math.exp(-x / 7_000),
  },
  {
    spec: make.logNormal({ median: '5ms', sigma: 0.5 }),
    mean: 5_000 * Math.exp(0.125),
    variance: 5_000 ** 2 * Math.exp(0.25) * (Math.exp(0.25) - 1),
    share: (x) => normalShare(Math.log(x / 5_000) / 0.5),
  },
  {
    spec: make.logNormal({ mean: '3ms', p99: '9ms' }),
    mean: 3_000,
    variance: 3_000 ** 2 * (Math.exp(sigmaFor(3) ** 2) - 1),
    share: (x) => normalShare((Math.log(x / 9_000) + Z99 * sigmaFor(3)) / sigmaFor(3)),
  },
  {
    spec: make.logNormal({ mean: '3ms', p99: '20ms' }),
    mean: 3_000,
    variance: NaN,
    share: (x) => normalShare((Math.log(x / 20_000) + Z99 * sigmaFor(20 / 3)) / sigmaFor(20 / 3)),
  },
  {
    spec: make.pareto({ scale: '1ms', alpha: 9 }),
    mean: 1_125,
    variance: 1_000 ** 2 * (9 / (8 ** 2 * 7)),
    share: (x) => 1 - (1_000 / x) ** 9,
  },
  {
    spec: make.pareto({ scale: '1ms', alpha: 2.5 }),
    mean: 5_000 / 3,
    variance: NaN,
    share: (x) => 1 - (1_000 / x) ** 2.5,
  },
  {
    spec: make.pareto({ scale: '1ms', alpha: 1, max: '100ms' }),
    mean: (1_000 * Math.log(100)) / 0.99,
    variance: (1_000 * 99_000) / 0.99 - ((1_000 * Math.log(100)) / 0.99) ** 2,
    share: (x) => (1 - 1_000 / x) / 0.99,
  },
  {
    spec: make.pareto({ scale: '1ms', alpha: 1.5, max: '1s' }),
    mean: (3_000 * (1 - 1_000 ** -0.5)) / (1 - 1_000 ** -1.5),
    variance: NaN,
    share: (x) => (1 - (1_000 / x) ** 1.5) / (1 - 1_000 ** -1.5),
  },
  {
    spec: make.empirical([
      [0, '1ms'],
      [0.5, '3ms'],
      [0.9, '3ms'],
      [1, '43ms'],
    ]),
    mean: 0.5 * 2_000 + 0.4 * 3_000 + 0.1 * 23_000,
    variance: NaN,
    share: (x) => (x < 3_000 ? (x - 1_000) / 4_000 : 0.9 + (x - 3_000) / 400_000),
  },
  {
    spec: make.mixture([
      { weight: 9, of: make.exponential({ mean: '1ms' }) },
      { weight: 1, of: make.uniform('20ms', '40ms') },
    ]),
    mean: 3_900,
    variance: 0.9 * 2e6 + 0.1 * (30_000 ** 2 + 20_000 ** 2 / 12) - 3_900 ** 2,
    share: (x) => 0.9 * (1 - Math.exp(-x / 1_000)) + 0.1 * clamped((x - 20_000) / 20_000),
  },
  {
    spec: make.erlang({ k: 4, mean: '8ms' }),
    mean: 8_000,
    variance: 8_000 ** 2 / 4,
    share: (x) => erlangShare(4, 1 / 2_000, x),
  },
  {
    spec: make.normal({ mean: '10ms', sd: '2ms' }),
    mean: 10_000,
    variance: 2_000 ** 2,
    share: (x) => normalShare((x - 10_000) / 2_000),
  },
  {
    spec: make.normal({ mean: 0, sd: '2ms' }),
    mean: 2_000 * halfNormal,
    variance: 2_000 ** 2 * (1 - halfNormal ** 2),
    share: (x) => 2 * normalShare(x / 2_000) - 1,
  },
  {
    spec: make.shifted({ by: '40ms', of: make.exponential({ mean: '2ms' }) }),
    mean: 42_000,
    variance: 2_000 ** 2,
    share: (x) => 1 - Math.exp(-(x - 40_000) / 2_000),
  },
];

const named = LAWS.map((law) => [JSON.stringify(law.spec), law] as const);

describe.each(named)('%s', (name, law) => {
  const sampler = compile(law.spec);
  const stream = new RandomStream('laws', name);
  const values = Float64Array.from({ length: N }, () => sampler.sample(stream)).sort();
  const mean = values.reduce((sum, x) => sum + x, 0) / N;
  const central = (power: number): number => values.reduce((sum, x) => sum + (x - mean) ** power, 0) / N;

  test('states its exact mean and samples it', () => {
    expect(Math.abs(sampler.mean / law.mean - 1)).toBeLessThan(1e-5);
    expect(Math.abs(mean - law.mean)).toBeLessThan(4 * Math.sqrt(central(2) / N));
  });

  if (!Number.isNaN(law.variance)) {
    test('has the variance of the closed form', () => {
      const variance = central(2);
      const standardError = Math.sqrt((central(4) - variance ** 2) / N);
      expect(Math.abs(variance - law.variance)).toBeLessThan(4 * standardError);
    });
  }

  test('has the shares of the closed form at its quantiles', () => {
    for (const q of [0.001, 0.01, 0.1, 0.25, 0.45, 0.95, 0.99, 0.999]) {
      const x = values[Math.floor(q * N)]! + 0.5;
      const share = law.share(x);
      const below = values.findIndex((value) => value > x) / N;
      expect(Math.abs(below - share)).toBeLessThan(4 * Math.sqrt((share * (1 - share)) / N) + 1e-4);
    }
  });

  test('survives JSON', () => {
    expect(toDistribution(JSON.parse(JSON.stringify(law.spec)), 'x')).toEqual(law.spec);
    expect(compile(law.spec).spec).toEqual(law.spec);
  });

  test('samples the same by key whatever the order', () => {
    const keyed = new KeyedDraws('s', 'l');
    const forward = [1, 2, 3].map((i) => sampler.sample(keyed.at(i)));
    const backward = [3, 2, 1].map((i) => sampler.sample(keyed.at(i)));
    expect(backward.reverse()).toEqual(forward);
  });
});

describe('samplers', () => {
  test.each<[Distribution, number[]]>([
    [{ kind: 'constant', value: '5ms' }, [5000, 5000, 5000, 5000, 5000]],
    [{ kind: 'uniform', min: '2ms', max: '10ms' }, [6813, 5251, 4378, 2313, 3538]],
    [{ kind: 'exponential', mean: '1s' }, [500358, 1058485, 636889, 19935, 785108]],
    [{ kind: 'logNormal', median: '1s', sigma: 1.5 }, [1471552, 700792, 449934, 71292, 271302]],
    [{ kind: 'logNormal', mean: '1s', p99: '5s' }, [869655, 572465, 445945, 157873, 335314]],
    [{ kind: 'pareto', scale: '1s', alpha: 1.2 }, [1517349, 2415898, 1700191, 1016751, 1923712]],
    [{ kind: 'pareto', scale: '1s', alpha: 1.2, max: '1h' }, [2153063, 1544155, 1341647, 1033838, 1194700]],
    [
      {
        kind: 'empirical',
        points: [
          [0, 0],
          [0.5, '1s'],
          [1, '9s'],
        ],
      },
      [2625937, 812634, 594424, 78298, 384475],
    ],
    [
      {
        kind: 'mixture',
        parts: [
          { weight: 1, of: '1s' },
          { weight: 1, of: { kind: 'exponential', mean: '1s' } },
        ],
      },
      [1058485, 1000000, 1000000, 1000000, 1000000],
    ],
    [{ kind: 'erlang', k: 3, mean: '1s' }, [731911, 320416, 1935862, 1293313, 369373]],
    [{ kind: 'normal', mean: '1s', sd: '1s' }, [1425670, 1001273, 769143, 127960, 533401]],
    [
      { kind: 'shifted', by: '1s', of: { kind: 'uniform', min: 0, max: '1s' } },
      [1601621, 1406317, 1297212, 1039149, 1192237],
    ],
  ])('%j keeps its golden values', (spec, golden) => {
    const sampler = compile(spec);
    const stream = new RandomStream('golden', 'sampler');
    expect(Array.from({ length: 5 }, () => sampler.sample(stream))).toEqual(golden);
  });

  test('a bare duration is a constant and draws nothing', () => {
    const stream = new RandomStream('s', 'n');
    expect([compile('5ms').sample(stream), compile(7).sample(stream), compile('1s').mean]).toEqual([5_000, 7, s(1)]);
    expect(stream.next()).toBe(new RandomStream('s', 'n').next());
  });

  test('durations are normalised to microseconds', () => {
    expect(make.shifted({ by: '1ms', of: '2ms' })).toEqual({
      kind: 'shifted',
      by: ms(1),
      of: { kind: 'constant', value: ms(2) },
    });
  });

  test('a tail without a mean ends at the last instant', () => {
    const sampler = compile(make.pareto({ scale: '1s', alpha: 0.1 }));
    const stream = new RandomStream('s', 'tail');
    const values = Array.from({ length: 2_000 }, () => sampler.sample(stream));
    expect(sampler.mean).toBe(Infinity);
    expect(Math.max(...values)).toBe(NEVER);
  });

  test('the mean of a bounded Pareto is continuous at alpha = 1', () => {
    const mean = (alpha: number): number => compile(make.pareto({ scale: '1ms', alpha, max: '100ms' })).mean;
    for (const gap of [1e-3, 2.2e-4, 2.1e-4, 1e-9]) {
      expect(Math.abs((mean(1 - gap) + mean(1 + gap)) / 2 / mean(1) - 1)).toBeLessThan(5 * gap * gap + 1e-12);
    }
  });

  test('a sample is the real value rounded', () => {
    const sampler = compile(make.exponential({ mean: 3 }));
    const [a, b] = [new RandomStream('s', 'r'), new RandomStream('s', 'r')];
    for (let i = 0; i < 100; i++) expect(sampler.sample(a)).toBe(Math.round(sampler.sampleReal(b)));
  });

  test('the normal quantile inverts the normal share', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-12, max: 1 - 1e-12, noNaN: true }), (p) => {
        expect(Math.abs(normalShare(normalQuantile(p)) - p)).toBeLessThan(3e-15);
      }),
    );
    expect(normalQuantile(0.99)).toBeCloseTo(Z99, 14);
    expect(normalQuantile(1e-9)).toBeCloseTo(-5.9978070150076869, 13);
  });
});

describe('a wrong distribution is refused with its path', () => {
  const bad =
    (value: unknown): (() => DistributionSpec) =>
    () =>
      toDistribution(value, 'latency');

  test.each<[unknown, string]>([
    [null, 'latency: got null, expected a duration or a distribution'],
    ['5 apples', 'latency: got "5 apples", expected a duration'],
    [{ kind: 'gauss' }, 'latency.kind: got "gauss"'],
    [{ kind: 'toString' }, 'latency.kind: got "toString"'],
    [{ kind: 'constant' }, 'latency.value: got undefined'],
    [{ kind: 'constant', value: -1 }, 'latency.value: got -1'],
    [{ kind: 'constant', value: 1, mean: 2 }, 'latency.mean: got 2, expected only the fields kind, value'],
    [{ kind: 'uniform', min: '2ms', max: '1ms' }, 'latency.max: got "1ms", expected at least min, 2000 us'],
    [{ kind: 'exponential', mean: 0 }, 'latency.mean: got 0, expected a duration above 0'],
    [{ kind: 'logNormal', median: 1, sigma: -1 }, 'latency.sigma: got -1, expected a number from 0 to 10'],
    [{ kind: 'logNormal', median: 1, sigma: NaN }, 'latency.sigma: got'],
    [{ kind: 'logNormal', mean: '1ms', p99: '1ms' }, 'latency.p99: got "1ms", expected more than the mean'],
    [{ kind: 'logNormal', mean: '1ms', p99: '15ms' }, 'latency.p99: got "15ms", expected at most 14.97 times the mean'],
    [{ kind: 'logNormal', mean: 1, p99: 2, sigma: 1 }, 'latency.sigma: got 1'],
    [{ kind: 'pareto', scale: 1, alpha: 0 }, 'latency.alpha: got 0'],
    [{ kind: 'pareto', scale: 5, alpha: 1, max: 5 }, 'latency.max: got 5, expected more than scale, 5 us'],
    [{ kind: 'empirical', points: [[0, 1]] }, 'latency.points: got [[0,1]], expected at least two'],
    [
      {
        kind: 'empirical',
        points: [
          [0, 1],
          [0.5, 2],
        ],
      },
      'expected at least two [quantile, duration] pairs, from quantile 0',
    ],
    [
      {
        kind: 'empirical',
        points: [
          [0, 1],
          [0, 2],
          [1, 3],
        ],
      },
      'latency.points[1][0]: got 0, expected quantiles that ascend',
    ],
    [
      {
        kind: 'empirical',
        points: [
          [0, 3],
          [1, 2],
        ],
      },
      'latency.points[1][1]: got 2, expected values that never fall',
    ],
    [{ kind: 'mixture', parts: [] }, 'latency.parts: got []'],
    [{ kind: 'mixture', parts: [{ weight: 0, of: 1 }] }, 'latency.parts[0].weight: got 0'],
    [
      { kind: 'mixture', parts: [{ weight: 1, of: { kind: 'erlang', k: 1.5, mean: 1 } }] },
      'latency.parts[0].of.k: got 1.5',
    ],
    [{ kind: 'normal', mean: 1, sd: 0 }, 'latency.sd: got 0'],
    [{ kind: 'shifted', by: 1, of: {} }, 'latency.of.kind: got undefined'],
  ])('%j', (value, message) => {
    expect(bad(value)).toThrow(message);
  });

  test('nested too deep', () => {
    let spec: Distribution = '1ms';
    for (let i = 0; i < 12; i++) spec = { kind: 'shifted', by: 1, of: spec };
    expect(bad(spec)).toThrow('expected distributions nested at most 8 deep');
  });
});
