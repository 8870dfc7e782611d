/** Raft against its papers: elections [P1, P2, P4]; fifty random schedules of each shape and profile; disks that rot. */
import { describe, expect, test } from '@jest/globals';
import { ms, s } from '../../../sim/index.ts';
import { judge, seedsFor } from '../oracle-table.ts';
import { downtime, elect, splitVote } from './election-lab.ts';
import { SHAPES, underTest, type Shape } from './raft-under-test.ts';
import { survivesRandomSchedules, survivesRottenDisk } from './random-schedules.ts';

describe('[P1] split votes, fixed latency', () => {
  const spread = ms(100);
  const published: readonly (readonly [number, number, readonly number[]])[] = [
    [3, 2, [0.0199, 0.0975, 0.19, 0.36]],
    [5, 4, [0.000592, 0.014019, 0.0523, 0.1808]],
    [5, 3, [0.029701, 0.142625, 0.271, 0.488]],
  ];
  test.each(published)('%i servers, %i up', (n, up, shares) => {
    judge(
      [0.01, 0.05, 0.1, 0.2].map((l, i) => {
        const share = shares[i] as number;
        expect(splitVote(n, up, l)).toBeCloseTo(share, 4);
        const figures = seedsFor(`P1/${n}/${up}/${l}`, share < 0.01 ? 20_000 : 3_000).map((seed) => {
          const timeout = 3 * spread;
          const { term } = elect({ n, up, timeout, spread, latency: l * spread, seed, until: timeout + 2 * spread });
          return term === 1 ? 0 : 1;
        });
        return { name: `[P1] n=${n} s=${up} l=${l} split votes`, published: share, figures };
      }),
    );
  });
});

const trials = (cell: string, count: number, election: Omit<Parameters<typeof downtime>[0], 'seed'>): number[] =>
  seedsFor(cell, count).map((seed) => downtime({ ...election, seed }) / 1_000);

test('[P2] time to elect a leader, timeouts of 150 to 300 ms, 15 ms one way', () => {
  judge(
    [
      [5, 4, 183.3],
      [5, 3, 255.3],
      [3, 2, 242.9],
    ].map(([n = 0, up = 0, published = 0]) => ({
      name: `[P2] n=${n} s=${up} ms to a leader`,
      published,
      tolerance: 0.03,
      figures: trials(`P2/${n}/${up}`, 3_000, {
        n,
        up,
        timeout: ms(150),
        spread: ms(150),
        latency: ms(15),
        until: s(20),
      }),
    })),
  );
});

test('[P4] Raft paper, figure 16: time without a leader, five servers, two of four survivors cannot win', () => {
  const rows: readonly (readonly [number, number, number, number])[] = [
    [150, 155, 345, 0.4],
    [150, 175, 163.8, 0.1],
    [150, 200, 156.0, 0.1],
    [150, 300, 180.7, 0.1],
    [50, 100, 71.4, 0.1],
  ];
  judge(
    rows.map(([from, to, published, tolerance]) => ({
      name: `[P4] ${from}-${to} ms: mean downtime, ms`,
      published,
      tolerance,
      // A request takes 3 ms, its answer, with a write to disk, 12 ms: a broadcast takes 15 ms.
      figures: trials(`P4/${from}/${to}`, 1_000, {
        n: 5,
        up: 4,
        eligible: 2,
        timeout: ms(from),
        spread: ms(to - from),
        latency: ms(3),
        replyDelay: ms(9),
        until: s(60),
      }),
    })),
  );
});

// 10,000 in all.
survivesRandomSchedules(SHAPES, underTest, 50);

// A server that has lost its ballot is back in term 0, but takes part in nothing.
survivesRottenDisk(underTest(SHAPES[1] as Shape), 300, /^(terms never go back|one vote a term)/);
