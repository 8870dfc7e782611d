import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ms } from '../../sim/base/time.ts';
import { ExactSum } from '../../sim/metrics/exact-sum.ts';
import { Histogram } from '../../sim/metrics/histogram.ts';
import { LevelSeries } from '../../sim/metrics/level-series.ts';
import { Metrics } from '../../sim/metrics/metrics.ts';
import { SumSeries } from '../../sim/metrics/sum-series.ts';

/** Whole numbers of every size up to 2^52, small ones as likely as large ones. */
const size = fc
  .tuple(fc.integer({ min: 0, max: 52 }), fc.double({ min: 0, max: 1, noNaN: true }))
  .map(([bits, share]) => Math.floor(share * 2 ** bits));
const sizes = fc.array(size, { minLength: 1, maxLength: 60 });
const ofAll = (values: readonly number[]): Histogram => {
  const histogram = new Histogram();
  for (const value of values) histogram.record(value);
  return histogram;
};

describe('a histogram', () => {
  test('quantiles are within 1/128 of the nearest-rank value of the sorted list', () => {
    fc.assert(
      fc.property(sizes, fc.integer({ min: 0, max: 1_000 }), (values, permille) => {
        const rank = Math.max(1, Math.ceil((permille * values.length) / 1_000));
        const exact = values.toSorted((a, b) => a - b)[rank - 1]!;
        expect(Math.abs(ofAll(values).quantile(permille / 1_000) - exact)).toBeLessThanOrEqual(exact / 128);
      }),
      { numRuns: 500 },
    );
  });

  test('is exact up to 127, and at both ends', () => {
    const histogram = ofAll(Array.from({ length: 100 }, (_, i) => i + 1));
    expect([0.01, 0.07, 0.5, 0.55, 0.99].map((q) => histogram.quantile(q))).toEqual([1, 7, 50, 55, 99]);
    const far = ofAll([1_000_003, 2 ** 52, 77_777_777]);
    expect([far.quantile(0), far.quantile(1), far.min, far.max]).toEqual([1_000_003, 2 ** 52, 1_000_003, 2 ** 52]);
  });

  test.each([127, 128, 129, 255, 256, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 33 + 1, 2 ** 52 - 1, 2 ** 52])(
    'the edge %i falls into its own power of two',
    (value) => {
      const histogram = ofAll([0, value, 2 ** 52]);
      expect(Math.abs(histogram.quantile(0.5) - value)).toBeLessThanOrEqual(value / 128);
      expect(Histogram.fromJSON(histogram.toJSON()).quantile(0.5)).toBe(histogram.quantile(0.5));
    },
  );

  test('count, mean and standard deviation are exact', () => {
    fc.assert(
      fc.property(sizes, (values) => {
        const histogram = ofAll(values);
        const n = BigInt(values.length);
        const sum = values.reduce((total, value) => total + BigInt(value), 0n);
        const squares = values.reduce((total, value) => total + BigInt(value) ** 2n, 0n);
        expect(histogram.count).toBe(values.length);
        expect(histogram.mean).toBe(Number(sum) / values.length);
        expect(histogram.standardDeviation).toBe(Math.sqrt(Number(n * squares - sum * sum)) / values.length);
      }),
    );
  });

  test('a constant far from 0 has no deviation, where sums in doubles would show one', () => {
    expect(ofAll(new Array<number>(1_000).fill(60_000_001)).standardDeviation).toBe(0);
    expect(ofAll([2, 4, 4, 4, 5, 5, 7, 9]).standardDeviation).toBe(2);
  });

  test('merging is recording everything in one', () => {
    fc.assert(
      fc.property(sizes, fc.array(size), (left, right) => {
        const merged = ofAll(left);
        merged.merge(ofAll(right));
        expect(merged.toJSON()).toEqual(ofAll([...left, ...right]).toJSON());
        expect(merged.summary()).toEqual(ofAll([...left, ...right]).summary());
      }),
    );
  });

  test('a count is the same value recorded so many times', () => {
    fc.assert(
      fc.property(size, fc.integer({ min: 0, max: 40 }), (value, count) => {
        const counted = new Histogram();
        counted.record(value, count);
        expect(counted.toJSON()).toEqual(ofAll(new Array<number>(count).fill(value)).toJSON());
      }),
    );
  });

  test('survives JSON', () => {
    fc.assert(
      fc.property(fc.array(size), (values) => {
        const json = JSON.stringify(ofAll(values));
        const read = Histogram.fromJSON(JSON.parse(json));
        expect(JSON.stringify(read)).toBe(json);
        expect(read.summary()).toEqual(ofAll(values).summary());
      }),
    );
  });

  test('an empty one sums up to zeros', () => {
    expect(new Set(Object.values(new Histogram().summary()))).toEqual(new Set([0]));
    expect(new Histogram().standardDeviation).toBe(0);
  });

  test('refuses what it cannot hold', () => {
    const histogram = new Histogram();
    for (const value of [-1, 0.5, NaN, 2 ** 52 + 1, Infinity])
      expect(() => histogram.record(value)).toThrow(`value ${value}`);
    expect(() => histogram.record(1, -1)).toThrow('count -1');
    expect(() => histogram.quantile(1.1)).toThrow('q: got 1.1, expected a quantile from 0 to 1');
    expect(histogram.toJSON().buckets).toEqual([]);
    const json = { min: 1, max: 1, sum: '1', sumOfSquares: '1' };
    expect(() => Histogram.fromJSON({ ...json, buckets: [[1e6, 1]] })).toThrow('buckets[0][0]: got 1000000');
    expect(() => Histogram.fromJSON({ ...json, buckets: [[1, 0]] })).toThrow('buckets[0][1]: got 0');
  });

  test('sums do not round', () => {
    const sum = new ExactSum();
    for (let i = 0; i < 5; i++) sum.add(2 ** 52);
    sum.add(1);
    sum.addBig(3n * 2n ** 70n + 5n);
    expect(sum.toBigInt()).toBe(5n * 2n ** 52n + 3n * 2n ** 70n + 6n);
  });
});

/** Steps of [time since the last, amount]. */
const steps = fc.array(fc.tuple(fc.oneof(fc.nat(20), fc.nat(5_000)), fc.nat(100)), { minLength: 1, maxLength: 80 });

describe('a series of sums', () => {
  test('loses nothing, however often it is halved, and puts it where it belongs', () => {
    fc.assert(
      fc.property(steps, (list) => {
        const series = new SumSeries({ bucket: 10, most: 8 });
        let now = 0;
        const added = list.map(([gap, amount]) => {
          series.add((now += gap), amount);
          return [now, amount] as const;
        });
        const { bucketUs, values } = series.toJSON();
        const expected = values.map((_, i) =>
          added.reduce((sum, [at, amount]) => (Math.floor(at / bucketUs) === i ? sum + amount : sum), 0),
        );
        expect(values).toEqual(expected);
        expect(values.length).toBeLessThanOrEqual(8);
        expect(values.reduce((sum, value) => sum + value)).toBe(list.reduce((sum, [, amount]) => sum + amount, 0));
      }),
    );
  });

  test('keeps its width until it has to double', () => {
    const series = new SumSeries({ bucket: 10, most: 4 });
    for (const at of [0, 9, 10, 39]) series.add(at, 1);
    expect(series.toJSON()).toEqual({ mode: 'sum', bucketUs: 10, values: [2, 1, 0, 1] });
    series.add(40, 1);
    expect(series.toJSON()).toEqual({ mode: 'sum', bucketUs: 20, values: [3, 1, 1] });
    series.add(5, 1);
    expect(series.toJSON().values).toEqual([4, 1, 1]);
  });

  test('starts at 512 buckets of 10 ms', () => {
    const series = new SumSeries();
    series.add(ms(5_119), 1);
    expect([series.toJSON().bucketUs, series.toJSON().values.length]).toEqual([ms(10), 512]);
    series.add(ms(5_120), 1);
    expect([series.toJSON().bucketUs, series.toJSON().values.length]).toEqual([ms(20), 257]);
  });

  test('refuses buckets without width or an odd number of them', () => {
    expect(() => new SumSeries({ bucket: 0 })).toThrow('bucket: got 0');
    expect(() => new SumSeries({ most: 7 })).toThrow('most: got 7, expected an even number from 2');
  });
});

describe('a series of levels', () => {
  test('is the time-weighted mean and the maximum of each bucket', () => {
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 300 }), (list, rest) => {
        const series = new LevelSeries({ bucket: 10, most: 8 });
        let now = 0;
        const levels: [number, number][] = [[0, 0]];
        for (const [gap, level] of list) {
          series.set((now += gap), level);
          levels.push([now, level]);
        }
        const end = now + rest;
        const { bucketUs, values, max } = series.toJSON(end);
        levels.push([end, NaN]);
        for (const [i, value] of values.entries()) {
          const [from, to] = [i * bucketUs, Math.min(end, (i + 1) * bucketUs)];
          let area = 0;
          let most = 0;
          for (let k = 0; k + 1 < levels.length; k++) {
            const [at, level] = levels[k]!;
            const until = levels[k + 1]![0];
            area += level * Math.max(0, Math.min(to, until) - Math.max(from, at));
            const held = Math.max(from, at) < Math.min(to, until);
            if (held || (at >= from && at < to)) most = Math.max(most, level);
          }
          expect(value).toBe(area / (to - from));
          expect(max[i]).toBe(most);
        }
      }),
    );
  });

  test('time never goes back, and levels are not negative', () => {
    const series = new LevelSeries();
    series.set(10, 1);
    expect(() => series.set(9, 1)).toThrow('time went back from 10 to 9 us');
    expect(() => series.set(11, -1)).toThrow('level -1, expected none below 0');
  });
});

describe('a mark', () => {
  test('tells since when it was in which state: each change once, the last of an instant, none without a change', () => {
    const clock = { now: 5 };
    const breaker = new Metrics(clock).mark('n1', 'breaker');
    const at = (now: number, state: string): void => {
      clock.now = now;
      breaker.set(state);
    };
    at(5, 'closed');
    at(9, 'closed');
    at(12, 'open');
    at(12, 'half-open');
    at(20, 'open');
    at(20, 'half-open');
    expect(breaker.toJSON()).toEqual({
      value: 'half-open',
      changes: [
        [5, 'closed'],
        [12, 'half-open'],
      ],
    });
  });

  test('forgets the briefest states when there are too many, and says how brief', () => {
    const clock = { now: 0 };
    const breaker = new Metrics(clock).mark('n1', 'breaker');
    const lasts = (us: number, state: string): void => {
      breaker.set(state);
      clock.now += us;
    };
    for (let i = 0; i < 2_000; i++) {
      lasts(100, 'open');
      lasts(i % 8 === 0 ? 50_000 : 300, 'closed');
      lasts(200_000, i % 8 === 0 ? 'half-open' : 'closed');
    }
    const { changes, grain } = breaker.toJSON();
    expect(grain).toBe(ms(1));
    // 250 cycles with two long states each; of the last ones the brief states are still there.
    expect(changes.length).toBeLessThanOrEqual(1_024);
    expect(changes.filter(([, state]) => state === 'half-open')).toHaveLength(250);
    const early = changes.slice(0, 300);
    expect(early.map(([, state]) => state)).not.toContain('open');
    expect(early.every(([at], i) => changes[i + 1]![0] - at >= ms(1))).toBe(true);
  });
});

describe('metrics', () => {
  test('a name belongs to one kind, and a gauge knows when it is full', () => {
    const metrics = new Metrics({ now: 0 });
    expect(metrics.toJSON().marks).toBeUndefined();
    metrics.mark('n1', 'breaker').set('open');
    expect(metrics.mark('n1', 'breaker').value).toBe('open');
    expect(() => metrics.gauge('n1', 'breaker')).toThrow('a gauge; the name is taken by another kind');
    metrics.gauge('n1', 'busy', { capacity: 4 }).set(1);
    expect(() => metrics.mark('n1', 'busy')).toThrow('a mark; the name is taken by another kind');
    const { marks, gauges } = metrics.toJSON();
    expect(marks).toEqual([{ scope: 'n1', name: 'breaker', value: 'open', changes: [[0, 'open']] }]);
    expect(gauges[0]?.capacity).toBe(4);
  });

  test('looking at a counter before anybody counts does not cost it its series', () => {
    const metrics = new Metrics({ now: 0 });
    expect(metrics.counter('n1', 'limited').value).toBe(0);
    metrics.counter('n1', 'limited', { series: true }).add(3);
    expect(metrics.toJSON().counters[0]?.series?.values).toEqual([3]);
    metrics.counter('n1', 'late').add();
    metrics.counter('n1', 'late', { series: true }).add();
    expect(metrics.toJSON().counters[0]).toEqual({ scope: 'n1', name: 'late', value: 2 });
  });

  test('come out as plain data, sorted by code unit', () => {
    const metrics = new Metrics({ now: 0 });
    for (const [scope, name] of [
      ['n2', 'a'],
      ['', 'z'],
      ['n10', 'b'],
      ['n10', 'Z'],
      ['ä', 'a'],
      ['n2', 'B'],
    ]) {
      metrics.counter(scope!, name!).add();
    }
    metrics.histogram('n1', 'latency').record(5);
    const json = metrics.toJSON();
    expect(json.counters.map(({ scope, name }) => `${scope}/${name}`)).toEqual([
      '/z',
      'n10/Z',
      'n10/b',
      'n2/B',
      'n2/a',
      'ä/a',
    ]);
    expect(JSON.parse(JSON.stringify(json))).toEqual(json);
    expect(json.histograms[0]?.summary.p99).toBe(5);
  });

  test('a handle is the same every time, and keeps to its kind', () => {
    const metrics = new Metrics({ now: 0 });
    expect(metrics.counter('n', 'a')).toBe(metrics.counter('n', 'a'));
    expect(metrics.counter('n', 'a')).not.toBe(metrics.counter('m', 'a'));
    expect(() => metrics.gauge('n', 'a')).toThrow(
      'metric: got "n: a", expected a gauge; the name is taken by another kind',
    );
    expect(() => metrics.histogram('n', 'a')).toThrow('expected a histogram');
    metrics.gauge('', 'b');
    expect(() => metrics.counter('', 'b')).toThrow('metric: got "b", expected a counter');
  });

  test('a counter counts, over time if asked', () => {
    const clock = { now: 0 };
    const metrics = new Metrics(clock);
    const [plain, charted] = [metrics.counter('', 'plain'), metrics.counter('', 'charted', { series: true })];
    for (const now of [0, ms(4), ms(25)]) {
      clock.now = now;
      plain.add();
      charted.add(2);
    }
    expect([plain.value, charted.value]).toEqual([3, 6]);
    expect(charted.toJSON()).toEqual({ value: 6, series: { mode: 'sum', bucketUs: ms(10), values: [4, 0, 2] } });
    expect(plain.toJSON()).toEqual({ value: 3 });
  });

  test('a gauge weighs its levels by the time they are held, from its making on', () => {
    const clock = { now: 100 };
    const gauge = new Metrics(clock).gauge('n', 'queue', { series: { bucket: 100, most: 4 } });
    gauge.set(2);
    clock.now = 200;
    gauge.add(4);
    clock.now = 250;
    gauge.add(-5);
    clock.now = 300;
    expect(gauge.toJSON()).toEqual({
      value: 1,
      mean: (2 * 100 + 6 * 50 + 1 * 50) / 200,
      min: 0,
      max: 6,
      series: { mode: 'level', bucketUs: 100, values: [0, 2, 3.5], max: [0, 2, 6] },
    });
  });
});
