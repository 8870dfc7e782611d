import { describe, expect, test } from '@jest/globals';
import { leastConnections, roundRobin } from '../../models/index.ts';
import { mmck, shortestQueue } from './closed-forms.ts';
import { compared, seedsFor, type Cell } from './oracle-table.ts';
import { balanced, station } from './station.ts';

const expectAgreement = (cell: Cell): void => {
  const { line, agrees } = compared(cell);
  expect(agrees ? 'agrees' : line).toBe('agrees');
};

describe('queueing theory, quickly (the full runs are in queueing.validate.ts)', () => {
  test('the closed forms of the tests give the published figures of Q1, Q2, Q4a and L3', () => {
    expect(mmck(1, 0.8).sojourn).toBeCloseTo(5, 4);
    expect(mmck(2, 0.8).waits).toBeCloseTo(0.711111, 5);
    expect(mmck(100, 0.95).queueing).toBeCloseTo(0.101291, 5);
    expect(mmck(1, 1.2, 10).loss).toBeCloseTo(0.192586, 5);
    expect(mmck(1, 2, 10).present).toBeCloseTo(9.00537, 4);
    expect(shortestQueue(2, 0.5, 40)).toBeCloseTo(1.426321, 4);
    expect(shortestQueue(3, 0.5, 10)).toBeCloseTo(1.24484, 3);
  });

  test('[Q1] M/M/1 at 0.5: time in the system, its 90th percentile, and Little’s law', () => {
    const runs = seedsFor('q1-quick', 10).map((seed) => station({ seed, load: 0.5, jobs: 3_000 }));
    expectAgreement({ name: 'T', published: 2, figures: runs.map((run) => run.sojourn), tolerance: 0.02 });
    expectAgreement({
      name: 'p90',
      published: -Math.log(0.1) / 0.5,
      figures: runs.map((run) => run.quantile(0.9)),
      tolerance: 0.02,
    });
    for (const { littleError } of runs) expect(littleError).toBeLessThan(0.005);
  });

  test('[Q2] M/M/5 at 0.8: probability of waiting and mean queueing time', () => {
    const runs = seedsFor('q2-quick', 10).map((seed) => station({ seed, load: 4, jobs: 9_000, servers: 5 }));
    expectAgreement({ name: 'P(wait)', published: 0.554113, figures: runs.map((run) => run.waits), tolerance: 0.01 });
    expectAgreement({ name: 'Wq', published: 0.554113, figures: runs.map((run) => run.queueing), tolerance: 0.02 });
  });

  test('[Q4a] M/M/1/5 at 0.8: loss, number and time in the system', () => {
    const runs = seedsFor('q4-quick', 10).map((seed) => station({ seed, load: 0.8, jobs: 3_000, queue: 4 }));
    expectAgreement({ name: 'loss', published: 0.0888195, figures: runs.map((run) => run.loss), tolerance: 0.02 });
    expectAgreement({ name: 'L', published: 1.86833, figures: runs.map((run) => run.present), tolerance: 0.02 });
    expectAgreement({ name: 'T', published: 2.56307, figures: runs.map((run) => run.sojourn), tolerance: 0.02 });
  });

  test('[L3] least connections over two servers at 0.7, and worse policies are worse', () => {
    const seeds = seedsFor('l3-quick', 10);
    const least = seeds.map((seed) => balanced({ seed, load: 1.4, jobs: 2_500 }, leastConnections()));
    const inTurn = seeds.map((seed) => balanced({ seed, load: 1.4, jobs: 2_500 }, roundRobin()));
    expectAgreement({ name: 'T', published: 2.108197, figures: least, tolerance: 0.02 });
    const mean = (figures: readonly number[]): number => figures.reduce((sum, x) => sum + x, 0) / figures.length;
    expect(mmck(2, 0.7).sojourn).toBeLessThan(mean(least));
    expect(mean(least)).toBeLessThan(mean(inTurn));
    expect(mean(inTurn)).toBeLessThan(mmck(1, 0.7).sojourn);
  });
});
