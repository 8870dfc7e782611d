/** Load balancing against Mitzenmacher's table and limits, and the order of the policies. Ten seeds a cell. */
import { describe, expect, test } from '@jest/globals';
import { leastConnections, powerOfChoices, randomBackend, roundRobin } from '../../models/index.ts';
import type { BalancerPolicy } from '../../models/index.ts';
import { mmck } from './closed-forms.ts';
import { queuesUnder } from './jump-chain.ts';
import { judge, seedsFor, tell } from './oracle-table.ts';
import { balanced } from './station.ts';

/** Share of the queues with at least i jobs, with n → ∞ and d choices: λ^((d^i − 1)/(d − 1)). */
const tailOf = (load: number, choices: number): readonly number[] =>
  Array.from({ length: 12 }, (_, i) => load ** (choices === 1 ? i : (choices ** i - 1) / (choices - 1)));

/** Mean response with n → ∞ and d choices: Σ λ^((d^i − d)/(d − 1)). */
function limitOf(load: number, choices = 2): number {
  let sum = 0;
  for (let i = 1; i < 60; i++) sum += load ** ((choices ** i - choices) / (choices - 1));
  return sum;
}

describe('[L2] the power of two choices; also at 0.6, with three choices, and 20 and 300 queues, which are in no table', () => {
  const runs = (load: number, n: number, time: number, choices = 2) =>
    seedsFor(`l2/${load}/${n}/${choices}`, 10).map((seed) =>
      queuesUnder(powerOfChoices({ choices }), { seed, load, n, time, from: tailOf(load, choices) }),
    );

  test.each([
    [0.5, 1.2664, 0.01, 500],
    [0.7, 1.6211, 0.01, 800],
    [0.8, 1.9588, 0.01, 1_500],
    [0.9, 2.6564, 0.01, 4_000],
    [0.95, 3.465, 0.03, 4_000],
    [0.99, 6.02, 0.08, 8_000],
  ])('100 queues at %d', (load, published, tolerance, time) => {
    const figures = runs(load, 100, time).map(({ response }) => response);
    judge([{ name: `[L2] n 100, λ ${load} T`, published, figures, tolerance }]);
  });

  test.each([
    [0.5, 150],
    [0.7, 150],
    [0.8, 250],
    [0.9, 600],
    [0.6, 150],
  ])('1,000 queues at %d, against the limit', (load, time) => {
    const figures = runs(load, 1_000, time).map(({ response }) => response);
    judge([{ name: `[L2] n 1000, λ ${load} T`, published: limitOf(load), figures, tolerance: 0.005 }]);
  });

  test('lengths of 10,000 queues at 0.9, against the limit', () => {
    const measured = runs(0.9, 10_000, 60);
    judge(
      [0.9, 0.729, 0.478297, 0.205891, 0.038152, 0.00131].map((published, i) => ({
        name: `[L2] n 10000, λ 0.9, s${i + 1}`,
        published,
        figures: measured.map(({ atLeast }) => atLeast[i + 1] as number),
        tolerance: 0.01,
      })),
    );
  });

  test('three choices, 300 queues at 0.8, against their limit; one choice is M/M/1', () => {
    const three = runs(0.8, 300, 500, 3).map(({ response }) => response);
    const one = runs(0.7, 20, 12_000, 1).map(({ response }) => response);
    judge([
      { name: '[L2] n 300, d 3, λ 0.8 T', published: limitOf(0.8, 3), figures: three, tolerance: 0.01 },
      { name: '[L2] n 20, d 1, λ 0.7 T', published: 1 / 0.3, figures: one, tolerance: 0.02 },
    ]);
  });

  test.each([
    [0.7, 1.6211, 15_000],
    [0.9, 2.6564, 60_000],
  ])('100 servers behind the balancer at %d, through clients and network', (load, published, jobs) => {
    const figures = seedsFor(`l2/world/${load}`, 10).map((seed) =>
      balanced({ seed, load: load * 100, jobs, servers: 100, warmUp: 0.3 }, powerOfChoices()),
    );
    judge([{ name: `[L2] n 100, λ ${load} T, whole world`, published, figures, tolerance: 0.01 }]);
  });
});

describe('[L3] the order of the policies over five servers at 0.8', () => {
  test('M/M/n ≤ least connections ≤ two choices ≤ random, least connections ≤ round robin ≤ random', () => {
    const seeds = seedsFor('l3/five', 10);
    const mean = (policy: BalancerPolicy<unknown>): number => {
      const figures = seeds.map((seed) => balanced({ seed, load: 4, jobs: 10_000, servers: 5 }, policy));
      const value = figures.reduce((sum, x) => sum + x, 0) / figures.length;
      tell(`[L3] five servers at 0.8, ${policy.name}: T ${value.toFixed(3)}`);
      return value;
    };
    const least = mean(leastConnections() as BalancerPolicy<unknown>);
    const two = mean(powerOfChoices() as BalancerPolicy<unknown>);
    const inTurn = mean(roundRobin() as BalancerPolicy<unknown>);
    const anyOne = mean(randomBackend() as BalancerPolicy<unknown>);
    expect(mmck(5, 0.8).sojourn).toBeLessThan(least);
    expect(least).toBeLessThan(two);
    expect(two).toBeLessThan(anyOne);
    expect(least).toBeLessThan(inTurn);
    expect(inTurn).toBeLessThan(anyOne);
  });
});
