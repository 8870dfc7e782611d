/** The public models against queueing theory. Ten seeds a cell; run lengths stand with the cells. */
import { describe, expect, test } from '@jest/globals';
import { leastConnections, roundRobin } from '../../models/index.ts';
import { mmck, shortestQueue } from './closed-forms.ts';
import { judge, seedsFor } from './oracle-table.ts';
import { balanced, station, type Measured } from './station.ts';

const SEEDS = 10;
const runs = (name: string, run: (seed: string) => Measured): Measured[] => seedsFor(name, SEEDS).map(run);
const of = (measured: readonly Measured[], quantity: 'sojourn' | 'queueing' | 'waits' | 'loss' | 'present'): number[] =>
  measured.map((m) => m[quantity]);

describe('[Q1] M/M/1; also at 0.6 and 0.85, which are in no table', () => {
  test.each([
    [0.5, 60_000],
    [0.6, 60_000],
    [0.8, 200_000],
    [0.85, 200_000],
    [0.9, 300_000],
  ])('load %d, 10 × %d jobs', (rho, jobs) => {
    const measured = runs(`q1/${rho}`, (seed) => station({ seed, load: rho, jobs }));
    for (const { littleError } of measured) expect(littleError).toBeLessThan(0.005);
    judge([
      { name: `[Q1] M/M/1 ${rho} T`, published: 1 / (1 - rho), figures: of(measured, 'sojourn'), tolerance: 0.02 },
      { name: `[Q1] M/M/1 ${rho} L`, published: rho / (1 - rho), figures: of(measured, 'present'), tolerance: 0.02 },
      ...[0.5, 0.9, 0.99].map((p) => ({
        name: `[Q1] M/M/1 ${rho} T quantile ${p}`,
        published: -Math.log(1 - p) / (1 - rho),
        figures: measured.map((m) => m.quantile(p)),
        tolerance: 0.02,
      })),
    ]);
  });
});

describe('[Q2] M/M/c; also (4, 0.7) and (8, 0.85), which are in no table', () => {
  const rows: readonly (readonly [number, number, number, number, number, number])[] = [
    [2, 0.8, 0.711111, 1.77778, 2.77778, 100_000],
    [3, 0.8, 0.647191, 1.07865, 2.07865, 100_000],
    [5, 0.8, 0.554113, 0.554113, 1.55411, 100_000],
    [10, 0.8, 0.40918, 0.20459, 1.20459, 100_000],
    [10, 0.9, 0.668732, 0.668732, 1.66873, 200_000],
    [20, 0.9, 0.550769, 0.275385, 1.27538, 400_000],
    [100, 0.95, 0.506457, 0.101291, 1.10129, 400_000],
    [4, 0.7, mmck(4, 0.7).waits, mmck(4, 0.7).queueing, mmck(4, 0.7).sojourn, 100_000],
    [8, 0.85, mmck(8, 0.85).waits, mmck(8, 0.85).queueing, mmck(8, 0.85).sojourn, 100_000],
  ];
  test.each(rows)('%d servers at %d', (c, rho, waits, queueing, sojourn, jobs) => {
    const measured = runs(`q2/${c}/${rho}`, (seed) => station({ seed, load: rho * c, jobs, servers: c }));
    judge([
      { name: `[Q2] M/M/${c} ${rho} P(wait)`, published: waits, figures: of(measured, 'waits'), tolerance: 0.01 },
      { name: `[Q2] M/M/${c} ${rho} Wq`, published: queueing, figures: of(measured, 'queueing'), tolerance: 0.02 },
      { name: `[Q2] M/M/${c} ${rho} T`, published: sojourn, figures: of(measured, 'sojourn'), tolerance: 0.02 },
    ]);
  });
});

describe('[Q4a] M/M/1/K; also (0.7, 3) and (1.5, 8), which are in no table', () => {
  const rows: readonly (readonly [number, number, number, number, number])[] = [
    [0.5, 5, 0.015873, 0.904762, 1.83871],
    [0.8, 5, 0.0888195, 1.86833, 2.56307],
    [0.8, 10, 0.0234929, 2.96631, 3.7971],
    [0.9, 10, 0.0508137, 3.96944, 4.6466],
    [1, 10, 0.0909091, 5, 5.5],
    [1.2, 10, 0.192586, 6.71071, 6.92614],
    [2, 10, 0.500244, 9.00537, 9.00978],
    [0.7, 3, mmck(1, 0.7, 3).loss, mmck(1, 0.7, 3).present, mmck(1, 0.7, 3).sojourn],
    [1.5, 8, mmck(1, 1.5, 8).loss, mmck(1, 1.5, 8).present, mmck(1, 1.5, 8).sojourn],
  ];
  test.each(rows)('load %d, %d places, 10 × 60,000 jobs', (rho, K, loss, present, sojourn) => {
    const measured = runs(`q4a/${rho}/${K}`, (seed) => station({ seed, load: rho, jobs: 60_000, queue: K - 1 }));
    judge([
      { name: `[Q4a] M/M/1/${K} ${rho} loss`, published: loss, figures: of(measured, 'loss'), tolerance: 0.02 },
      { name: `[Q4a] M/M/1/${K} ${rho} L`, published: present, figures: of(measured, 'present'), tolerance: 0.02 },
      { name: `[Q4a] M/M/1/${K} ${rho} T`, published: sojourn, figures: of(measured, 'sojourn'), tolerance: 0.02 },
    ]);
  });
});

describe('[L3] least connections; also (2, 0.6) and (3, 0.6), which are in no table', () => {
  const rows: readonly (readonly [2 | 3, number, number, number])[] = [
    [2, 0.5, 1.426321, 60_000],
    [2, 0.7, 2.108197, 60_000],
    [2, 0.8, 2.955737, 100_000],
    [2, 0.9, 5.474883, 200_000],
    [2, 0.95, 10.48607, 300_000],
    [3, 0.5, 1.24484, 60_000],
    [3, 0.7, 1.70888, 60_000],
    [3, 0.8, 2.28555, 100_000],
    [3, 0.9, 3.98192, 200_000],
    [2, 0.6, shortestQueue(2, 0.6), 60_000],
    [3, 0.6, shortestQueue(3, 0.6, 20), 60_000],
  ];
  test.each(rows)('%d servers at %d', (n, rho, sojourn, jobs) => {
    const figures = seedsFor(`l3/${n}/${rho}`, SEEDS).map((seed) =>
      balanced({ seed, load: rho * n, jobs, servers: n }, leastConnections()),
    );
    judge([{ name: `[L3] least connections ${n} × ${rho} T`, published: sojourn, figures, tolerance: 0.02 }]);
  });

  test('M/M/n ≤ least connections ≤ round robin ≤ random', () => {
    const seeds = seedsFor('l3/order', SEEDS);
    const mean = (figures: readonly number[]): number => figures.reduce((sum, x) => sum + x, 0) / figures.length;
    const least = mean(seeds.map((seed) => balanced({ seed, load: 1.6, jobs: 60_000 }, leastConnections())));
    const inTurn = mean(seeds.map((seed) => balanced({ seed, load: 1.6, jobs: 60_000 }, roundRobin())));
    expect(mmck(2, 0.8).sojourn).toBeLessThan(least);
    expect(least).toBeLessThan(inTurn);
    expect(inTurn).toBeLessThan(mmck(1, 0.8).sojourn);
  });
});
