/**
 * Caches against closed forms: hit ratios under Zipf popularity (Che's approximation for LRU, the exact law of FIFO and random eviction,
 * perfect LFU; 10 seeds × 400,000 requests), values that expire, what write-behind saves and loses, what leases save.
 */
import { describe, expect, test } from '@jest/globals';
import { fifo, lfu, lru, randomEviction, zipf, type EvictionPolicy } from '../../models/index.ts';
import { herdPeaks, hitRatio, ttlHitRatio, unflushed, writesOfStore } from './cache-runs.ts';
import { fifoHitRatio, lfuHitRatio, lruHitRatio } from './hit-ratio-forms.ts';
import { judge, seedsFor, tell } from './oracle-table.ts';

type Row = readonly [count: number, alpha: number, capacity: number, lru: number, fifo: number, lfu: number];

const published: readonly Row[] = [
  [1_000, 0.8, 100, 0.37779, 0.33368, 0.52583],
  [1_000, 1, 100, 0.57652, 0.52025, 0.69299],
  [10_000, 0.8, 100, 0.15662, 0.13362, 0.30005],
  [10_000, 0.8, 1_000, 0.43666, 0.39418, 0.57062],
];
const computed = ([count, alpha, capacity]: readonly [number, number, number]): Row => {
  const law = zipf(count, alpha);
  const ratios = [lruHitRatio(law, capacity), fifoHitRatio(law, capacity), lfuHitRatio(law, capacity)] as const;
  return [count, alpha, capacity, ...ratios];
};

test('the closed forms of the tests give the published figures', () => {
  for (const row of published) {
    const [, , , ofLru, ofFifo, ofLfu] = computed([row[0], row[1], row[2]]);
    expect(ofLru).toBeCloseTo(row[3], 4);
    expect(ofFifo).toBeCloseTo(row[4], 3);
    expect(ofLfu).toBeCloseTo(row[5], 4);
  }
});

describe('[C1] hit ratios; also (500, 0.9, 50) and (2000, 0.6, 300), which are in no table', () => {
  const rows = [...published, computed([500, 0.9, 50]), computed([2_000, 0.6, 300])];
  test.each(rows)('%d keys, exponent %d, %d places', (count, alpha, capacity, ofLru, ofFifo, ofLfu) => {
    const law = zipf(count, alpha);
    const cell = <S>(policy: EvictionPolicy<S>, figure: number, warmUp?: number) => {
      const name = `[C1] ${policy.name} N=${count} α=${alpha} C=${capacity}`;
      const figures = seedsFor(name, 10).map((seed) => hitRatio(law, capacity, policy, seed, 400_000, warmUp));
      return { name, published: figure, figures, absolute: 0.003 };
    };
    const perfect = lfu({ counts: 'for-ever' });
    // It learns what is popular by counting: a tenth of the row's 4,000,000 requests are for that.
    const counting = cell(perfect, ofLfu, 400_000);
    judge([cell(lru(), ofLru), cell(fifo(), ofFifo), cell(randomEviction(), ofFifo), counting]);
  });
});

describe('[C4] the hit ratio of a value that expires; also λT = 0.4 and 3', () => {
  test.each([0.1, 0.4, 1, 3, 10])('λT = %d', (load) => {
    const cell = (renews: boolean, figure: number) => {
      const name = `[C4] λT=${load}, ${renews ? 'renewed on hits' : 'not renewed'}`;
      const figures = seedsFor(name, 10).map((seed) => ttlHitRatio(load, renews, seed, 300_000));
      return { name, published: figure, figures, tolerance: 0.01 };
    };
    judge([cell(false, load / (1 + load)), cell(true, 1 - Math.exp(-load))]);
  });
});

describe('[C6] write-behind, a flush every second; also λT = 2.5', () => {
  test.each([0.1, 1, 2.5, 5, 10])('λT = %d', (load) => {
    const name = `[C6] λT=${load}`;
    const runs = seedsFor(name, 10).map((seed) => writesOfStore(load, seed));
    const writes = { name: `${name}, writes of a key a flush`, published: 1 - Math.exp(-load) };
    const saved = { name: `${name}, reduction`, published: load / (1 - Math.exp(-load)) };
    const lost = { name: `${name}, lost with a crash`, published: load / 2 };
    judge([
      { ...writes, figures: runs.map(({ flushed }) => flushed), tolerance: 0.01 },
      { ...saved, figures: runs.map(({ written, flushed }) => written / flushed), tolerance: 0.01 },
      {
        ...lost,
        figures: seedsFor(`${name} lost`, 10).map((seed) => unflushed(load, seed)),
        tolerance: 0.01,
      },
    ]);
  });
});

test('[C7] leases cut the peak of what a herd asks of the store at least tenfold', () => {
  const [none, leases] = ['none', 'exclusive'].map((tokens) => herdPeaks(tokens as 'none' | 'exclusive', 'herd'));
  tell(`[C7] peak reads of the store a second: ${none} without leases, ${leases} with (17,000 and 1,300 at Facebook)`);
  expect((none as number) / (leases as number)).toBeGreaterThanOrEqual(10);
});
