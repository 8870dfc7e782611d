/** The stream’s throughput under loss against the laws of Mathis and Padhye. */
import { describe, expect, test } from '@jest/globals';
import { maths, ms } from '../../../sim/index.ts';
import { judge, seedsFor } from '../oracle-table.ts';
import { throughput } from './bulk.ts';

const MEGABITS = (1460 * 8) / 1e6;
/** Mathis, Semke, Mahdavi and Ott 1997, Mb/s. */
const mathis = (roundTrip: number, p: number): number => (MEGABITS / (roundTrip / 1e6)) * maths.sqrt(1.5 / p);
/** Padhye, Firoiu, Towsley and Kurose 1998, an acknowledgement for every second segment, first timeout four round trips. */
const padhye = (roundTrip: number, p: number): number => {
  const rtt = roundTrip / 1e6;
  const timeouts = 4 * rtt * Math.min(1, 3 * maths.sqrt((3 * 2 * p) / 8)) * p * (1 + 32 * p * p);
  return MEGABITS / (rtt * maths.sqrt((2 * 2 * p) / 3) + timeouts);
};

describe('[S9] a stream that is never short of data', () => {
  test.each([
    ['Mathis', 100, 1e-2, 200, 1.4305],
    ['Mathis', 100, 1e-3, 150, undefined],
    ['Mathis', 100, 1e-4, 80, 14.305],
    ['Mathis', 10, 1e-3, 10, 45.24],
    ['Padhye', 100, 1e-2, 200, 0.928],
    ['Padhye', 100, 1e-3, 150, 3.17],
    ['Padhye', 100, 1e-4, 80, 10.106],
    ['Padhye', 50, 3e-3, 60, undefined],
  ] as const)('sends as much as %s says, over %i ms with a loss of %f', (whose, roundTripMs, p, seconds, published) => {
    const roundTrip = ms(roundTripMs);
    const law = whose === 'Mathis' ? mathis(roundTrip, p) : padhye(roundTrip, p);
    if (published !== undefined) expect(Math.abs(law / published - 1)).toBeLessThan(0.001);
    const options = whose === 'Mathis' ? {} : ({ ackEvery: 2, minTimeout: 4 * roundTrip } as const);
    const name = `S9 ${whose}, ${roundTripMs} ms, loss ${p}, Mb/s`;
    const figures = seedsFor(name, 10).map((seed) => throughput(seed, roundTrip, p, seconds, options) * MEGABITS);
    judge([{ name, published: law, figures, tolerance: 0.15 }]);
  });
});
