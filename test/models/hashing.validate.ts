/** Hashing against Lamping and Veach's table, closed forms and Mirrokni's bound. */
import { describe, expect, test } from '@jest/globals';
import { boundedAssignment, hashRing, jump, maglev, modulo, rendezvous, xxhash32 } from '../../models/index.ts';
import type { Placement } from '../../models/index.ts';
import { judge, tell } from './oracle-table.ts';

const names = (n: number, ring: number): string[] => Array.from({ length: n }, (_, i) => `ring${ring}/node${i}`);

/** Shares, in units of the mean, of every node of `rings` rings, ascending; and of each ring the standard deviation. */
function sharesOf(n: number, virtualNodes: number, rings: number, hash?: typeof xxhash32) {
  const all = new Float64Array(n * rings);
  const deviations: number[] = [];
  for (let ring = 0; ring < rings; ring++) {
    const options = { members: names(n, ring), virtualNodes, ...(hash === undefined ? {} : { hash }) };
    let squares = 0;
    [...hashRing(options).shares().values()].forEach((share, i) => {
      all[ring * n + i] = share * n;
      squares += (share * n - 1) * (share * n - 1);
    });
    deviations.push(Math.sqrt(squares / n));
  }
  return { shares: all.sort(), deviations };
}

describe('[H1] a ring of n nodes with v points each: deviation of a share, in units of the mean; also (50, 40), in no table', () => {
  test.each([
    [1000, 1, 0.9979, 0.005, 5.25, 400],
    [1000, 10, 0.31518, 0.37, 1.98, 200],
    [1000, 100, 0.0997, 0.76, 1.28, 200],
    [50, 40, undefined, undefined, undefined, 400],
    [10, 100, undefined, undefined, undefined, 400],
  ])('n = %d, v = %d', (n, v, published, low, high, rings) => {
    const { shares, deviations } = sharesOf(n, v, rings);
    const quantile = (q: number): number => shares[Math.floor(q * (shares.length - 1))] as number;
    const name = `[H1] n ${n}, v ${v}`;
    judge([
      ...(published === undefined ? [] : [{ name: `${name} sd`, published, figures: deviations, tolerance: 0.05 }]),
      {
        name: `${name} sd, closed form`,
        published: Math.sqrt((n - 1) / (n * v + 1)),
        // The mean of the squares is what the form gives.
        figures: [Math.sqrt(deviations.reduce((sum, d) => sum + d * d, 0) / rings)],
        tolerance: 0.02,
      },
      ...(low === undefined || high === undefined
        ? []
        : [
            {
              name: `${name} 0.5 %`,
              published: low,
              figures: [quantile(0.005)],
              tolerance: 0.02,
              absolute: Math.max(0.0005, low * 0.02),
            },
            { name: `${name} 99.5 %`, published: high, figures: [quantile(0.995)], tolerance: 0.02 },
          ]),
    ]);
  });

  test('n = 1000, v = 1000', () => {
    const { deviations, shares } = sharesOf(1000, 1000, 20, xxhash32);
    const quantile = (q: number): number => shares[Math.floor(q * (shares.length - 1))] as number;
    judge([
      { name: '[H1] n 1000, v 1000 sd', published: 0.03157, figures: deviations, tolerance: 0.05 },
      { name: '[H1] n 1000, v 1000 0.5 %', published: 0.92, figures: [quantile(0.005)], tolerance: 0.02 },
      { name: '[H1] n 1000, v 1000 99.5 %', published: 1.09, figures: [quantile(0.995)], tolerance: 0.02 },
    ]);
  });
});

describe('[H2] keys that move from n to n + 1 members; also 3 → 4 and 20 → 21, in no table', () => {
  const kinds: readonly (readonly [string, (members: readonly string[]) => Placement])[] = [
    ['hash-ring', (members) => hashRing({ members, virtualNodes: 400 })],
    ['rendezvous', (members) => rendezvous({ members })],
    ['jump', (members) => jump({ members })],
    ['modulo', (members) => modulo({ members })],
  ];
  const keys = Array.from({ length: 10_000 }, (_, i) => `key-${i}`);
  const moved = (make: (members: readonly string[]) => Placement, n: number, series: number): number => {
    const before = make(names(n, series));
    const after = before.with(`ring${series}/node${n}`);
    return (
      keys.filter((key) => before.owner(`${series}/${key}`) !== after.owner(`${series}/${key}`)).length / keys.length
    );
  };
  test.each([4, 9, 3, 20])('from %d', (n) => {
    judge(
      kinds.map(([name, make]) => ({
        name: `[H2] ${name} ${n} → ${n + 1}`,
        published: name === 'modulo' ? n / (n + 1) : 1 / (n + 1),
        figures: Array.from({ length: 20 }, (_, series) => moved(make, n, series)),
        tolerance: 0.02,
      })),
    );
  });

  test('Maglev moves little more than that, the less the larger its table (its paper, figure 12)', () => {
    const excess = [251, 4_093, 65_537].map((size) => {
      const figures = Array.from({ length: 10 }, (_, series) =>
        moved((members) => maglev({ members, size }), 9, series),
      );
      const mean = figures.reduce((sum, x) => sum + x, 0) / figures.length;
      tell(`[H2] Maglev ${size} slots, 9 → 10: ${mean.toFixed(4)} of the keys move, at least 0.1`);
      return mean - 0.1;
    });
    expect(excess[2]).toBeLessThan(excess[0] as number);
    expect(Math.max(...excess)).toBeLessThan(0.1);
  });
});

describe('bounded loads (Mirrokni, Thorup and Zadimoghaddam): what a member that goes moves does not grow with their number', () => {
  /** Keys that move for each that an average member has. */
  const movesOf = (n: number, factor: number): number => {
    const rings = 8_000 / n;
    // With n or n − 1 members c times that is rounded to the same whole number: capacities stay as they are.
    const perMember = 18.3;
    let moves = 0;
    for (let series = 0; series < rings; series++) {
      const keys = Array.from({ length: Math.floor(perMember * n) }, (_, i) => `${series}/key-${i}`);
      const ring = hashRing({ members: names(n, series), virtualNodes: 50 });
      const before = boundedAssignment(ring, keys, factor);
      const after = boundedAssignment(ring.without(`ring${series}/node0`), keys, factor);
      moves += keys.filter((key) => before.get(key) !== after.get(key)).length;
    }
    return moves / (rings * perMember);
  };
  test.each([1.1, 1.25, 2])('c = %d', (factor) => {
    const [few, many] = [movesOf(100, factor), movesOf(400, factor)] as const;
    tell(`[D1] bounded loads, c ${factor}: ${few.toFixed(2)} moves of 100 members, ${many.toFixed(2)} of 400`);
    expect(many).toBeLessThan(1.5 * few);
    expect(few).toBeGreaterThan(0.8);
    // The order of the bound, O(1/ε²), with the paper's factor 2.
    expect(many).toBeLessThan(2 / (factor - 1) ** 2);
  });
});
