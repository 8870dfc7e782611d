/** Hit ratios under Zipf popularity against Che's approximation (LRU) and the exact law of FIFO. 10 seeds × 400,000 requests. */
import { afterAll, describe, expect, test } from '@jest/globals';
import { fifo, lru, zipf, type EvictionPolicy, type KeyOrder } from '../../models/index.ts';
import { hitRatio } from './cache-runs.ts';
import { fifoHitRatio, lruHitRatio } from './hit-ratio-forms.ts';
import { compared, seedsFor } from './oracle-table.ts';

const table: string[] = [];
afterAll(() => console.log(['', ...table].join('\n')));

type Row = readonly [count: number, alpha: number, capacity: number, lru: number, fifo: number];

const published: readonly Row[] = [
  [1_000, 0.8, 100, 0.37779, 0.33368],
  [1_000, 1, 100, 0.57652, 0.52025],
  [10_000, 0.8, 100, 0.15662, 0.13362],
  [10_000, 0.8, 1_000, 0.43666, 0.39418],
];
const computed = ([count, alpha, capacity]: readonly [number, number, number]): Row => [
  count,
  alpha,
  capacity,
  lruHitRatio(zipf(count, alpha), capacity),
  fifoHitRatio(zipf(count, alpha), capacity),
];

test('the closed forms of the tests give the published figures', () => {
  for (const row of published) {
    const [, , , ofLru, ofFifo] = computed([row[0], row[1], row[2]]);
    expect(ofLru).toBeCloseTo(row[3], 4);
    expect(ofFifo).toBeCloseTo(row[4], 3);
  }
});

describe('[C1] hit ratios; also (500, 0.9, 50) and (2000, 0.6, 300), which are in no table', () => {
  const rows = [...published, computed([500, 0.9, 50]), computed([2_000, 0.6, 300])];
  test.each(rows)('%d keys, exponent %d, %d places', (count, alpha, capacity, ofLru, ofFifo) => {
    const law = zipf(count, alpha);
    const cell = (policy: EvictionPolicy<KeyOrder>, figure: number) => {
      const name = `[C1] ${policy.name} N=${count} α=${alpha} C=${capacity}`;
      const figures = seedsFor(name, 10).map((seed) => hitRatio(law, capacity, policy, seed, 400_000));
      return compared({ name, published: figure, figures, absolute: 0.003 });
    };
    const cells = [cell(lru(), ofLru), cell(fifo(), ofFifo)];
    table.push(...cells.map(({ line }) => line));
    expect(cells.filter(({ agrees }) => !agrees).map(({ line }) => line)).toEqual([]);
  });
});
