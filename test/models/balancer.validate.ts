/** Balancers, piece by piece: published sequences, balls in bins, and detection times. */
import { describe, expect, test } from '@jest/globals';
import { RandomStream, ms, s } from '../../sim/index.ts';
import { crash } from '../../sim/world/lifecycle.ts';
import { World } from '../../sim/world/world.ts';
import { loadBalancer, powerOfChoices, roundRobin, serverNode, smoothWeightedRoundRobin } from '../../models/index.ts';
import type { LoadBalancerState, ServiceProtocol } from '../../models/index.ts';
import { drive } from '../support/bare-world.ts';
import { judge, seedsFor } from './oracle-table.ts';

test.each([
  [[5, 1, 1], 'aabacaa'],
  [[4, 2, 1], 'abacaba'],
  [[3, 2, 1], 'abacba'],
  [[5, 3, 2], 'abcaabacba'],
])('[L4] smooth weighted round robin %j', (weights, expected) => {
  const policy = smoothWeightedRoundRobin();
  const all = weights.map((weight, index) => ({ index, id: '', weight, inFlight: 0 }));
  const state = policy.init(all);
  const placing = { key: '', now: 0, random: new RandomStream('s', 'n') };
  const right = [...expected].filter((name) => 'abc'[policy.pick(state, all, placing)] === name).length;
  judge([
    { name: `[L4] weights ${weights.join(', ')}: choices as published`, published: expected.length, figures: [right] },
  ]);
});

describe('[L7] detection by probes, crash at 100 phases of the interval; also (4, 3, 1), which is in no table', () => {
  test.each([
    [5, 2, 2, 7, 9.5, 12],
    [10, 3, 5, 25, 30, 35],
    [30, 2, 5, 35, 50, 65],
    [4, 3, 1, 9, 11, 13],
  ])('interval %d s, %d failures, timeout %d s', (interval, down, timeout, min, mean, max) => {
    const phases = 100;
    const found = Array.from({ length: phases }, (_, i) => {
      const world = new World({ seed: 'l7' });
      world.links({ latency: { kind: 'constant', value: 500 } });
      const backends = [1, 2].map((n) => world.node(`s${n}`, serverNode()));
      const active = { interval: s(interval), timeout: s(timeout), down };
      world.node('lb', { actor: loadBalancer<ServiceProtocol, object>({ backends, policy: roundRobin(), active }) });
      // Probes take half a millisecond to get there.
      const at = 2 * s(interval) + Math.round(((i + 0.5) / phases) * s(interval)) + 500;
      drive(world, at);
      crash(world, world.named('s1'));
      const isUp = (): boolean => (world.named('lb').state as LoadBalancerState<object>).backends[0]?.up === true;
      while (isUp()) drive(world, world.now + ms(5));
      return (world.now - at) / s(1);
    });
    judge([
      {
        name: `[L7] (${interval}, ${down}, ${timeout}) min s`,
        published: min,
        figures: [Math.min(...found)],
        tolerance: 0.01,
      },
      {
        name: `[L7] (${interval}, ${down}, ${timeout}) mean s`,
        published: mean,
        figures: [found.reduce((sum, x) => sum + x, 0) / phases],
        tolerance: 0.01,
      },
      {
        name: `[L7] (${interval}, ${down}, ${timeout}) max s`,
        published: max,
        figures: [Math.max(...found)],
        tolerance: 0.01,
      },
    ]);
  });
});

describe('[L8] balls in bins, as many as bins, 10 × 100,000; d = 4 is in no table', () => {
  /** The fluid limit: s(i+1)' = s(i)^d − s(i+1)^d, from time 0 to 1, by Runge and Kutta. */
  const fluid = (d: number): readonly number[] => {
    let level = [1, 0, 0, 0, 0, 0, 0];
    const slope = (at: readonly number[]): number[] =>
      at.map((x, i) => (i === 0 ? 0 : (at[i - 1] as number) ** d - x ** d));
    const moved = (by: readonly number[], h: number): number[] => level.map((x, i) => x + h * (by[i] as number));
    const h = 1e-3;
    for (let step = 0; step < 1_000; step++) {
      const [a, b] = [slope(level), slope(moved(slope(level), h / 2))];
      const c = slope(moved(b, h / 2));
      const e = slope(moved(c, h));
      level = level.map(
        (x, i) => x + (h / 6) * ((a[i] as number) + 2 * (b[i] as number) + 2 * (c[i] as number) + (e[i] as number)),
      );
    }
    return level;
  };

  test.each([
    [1, [0.632121, 0.264241, 0.080301, 0.018988]],
    [2, [0.761594, 0.229505, 0.008895, 6.05e-6]],
    [3, [0.823041, 0.176452, 0.000508]],
    [4, fluid(4).slice(1, 3)],
  ])('d = %d', (d, published) => {
    const bins = 100_000;
    const policy = powerOfChoices({ choices: d });
    const loads = seedsFor(`l8/${d}`, 10).map((seed) => {
      const all = Array.from({ length: bins }, (_, index) => ({ index, id: '', weight: 1, inFlight: 0 }));
      const random = new RandomStream(seed, 'balls');
      for (let ball = 0; ball < bins; ball++)
        (all[policy.pick({}, all, { key: '', now: 0, random })] as { inFlight: number }).inFlight++;
      return all.map(({ inFlight }) => inFlight);
    });
    judge(
      published.map((share, i) => ({
        name: `[L8] d ${d}: bins with ${i + 1} or more`,
        published: share,
        figures: loads.map((counts) => counts.filter((n) => n > i).length / bins),
        tolerance: i < 2 ? 0.01 : 0.05,
      })),
    );
    const [, first, second] = fluid(d) as [number, number, number];
    expect(Math.abs(first - (published[0] as number))).toBeLessThan(1e-5);
    expect(Math.abs(second - (published[1] as number))).toBeLessThan(1e-5);
  });
});
