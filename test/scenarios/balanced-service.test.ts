import { describe, expect, test } from '@jest/globals';
import { run, type RunResult, type Scenario } from '../../sim/index.ts';
import deadBackend from '../../scenarios/dead-backend.ts';
import deadBackendProbed from '../../scenarios/dead-backend-probed.ts';
import grayBackend from '../../scenarios/gray-backend.ts';
import grayBackendAvoided from '../../scenarios/gray-backend-avoided.ts';
import loneBalancer from '../../scenarios/lone-balancer.ts';
import loneBalancerPair from '../../scenarios/lone-balancer-pair.ts';

const SEEDS = ['first', 'second'];

const count = ({ metrics }: RunResult, name: string, scope: RegExp): number =>
  metrics.counters.filter((c) => c.name === name && scope.test(c.scope)).reduce((sum, c) => sum + c.value, 0);

const known = new Map<string, readonly RunResult[]>();

function results(scenario: Scenario, params: Record<string, unknown> = {}): readonly RunResult[] {
  const name = `${scenario.name} ${JSON.stringify(params)}`;
  const all = known.get(name) ?? SEEDS.map((seed) => run(scenario, { seed, params }));
  known.set(name, all);
  return all;
}

const expectAsDeclared = (all: readonly RunResult[]): void => {
  for (const { expectation, seed } of all) expect({ seed, ...expectation }).toMatchObject({ met: true });
};

describe('one of five servers is dead', () => {
  test('without health checks every fifth request is lost, with them none, and hardly any is sent to the dead one', () => {
    const [naive, sound] = [results(deadBackend), results(deadBackendProbed)];
    expectAsDeclared([...naive, ...sound]);
    for (const [i, lossy] of naive.entries()) {
      const offered = count(lossy, 'offered', /^c\d/) * (3 / 8.5);
      expect(Math.abs(count(lossy, 'info', /^c\d/) / offered - 0.2)).toBeLessThan(0.03);
      expect(count(sound[i] as RunResult, 'info', /^c\d/)).toBe(0);
      expect(count(sound[i] as RunResult, 'retried', /^lb/)).toBeLessThan(25);
    }
  });
});

describe('one of five servers is slow', () => {
  test('round robin misses the objective', () => expectAsDeclared(results(grayBackend)));

  test.each(['peak-ewma', 'least-connections', 'two-choices'])('%s keeps it', (policy) =>
    expectAsDeclared(results(grayBackendAvoided, { policy })),
  );

  test('peak EWMA is better than counting, and counting better than round robin', () => {
    const late = (scenario: Scenario, params: Record<string, unknown> = {}): number =>
      results(scenario, params)
        .flatMap(({ verdicts }) => verdicts)
        .flatMap(({ check, message }) =>
          check === 'requests are answered in time' ? [100 - Number.parseFloat(message)] : [],
        )
        .reduce((sum, x) => sum + x, 0);
    const [ewma, least, inTurn] = [
      late(grayBackendAvoided, { policy: 'peak-ewma' }),
      late(grayBackendAvoided, { policy: 'least-connections' }),
      late(grayBackend),
    ];
    expect(ewma).toBeLessThan(least);
    expect(least).toBeLessThan(inTurn / 2);
  });
});

describe('the balancer crashes', () => {
  test('alone it takes all requests with it', () => expectAsDeclared(results(loneBalancer)));

  test.each(['shared-address', 'both-known'])('of two, %s, the other one takes over', (redundancy) => {
    const all = results(loneBalancerPair, { redundancy });
    expectAsDeclared(all);
    for (const result of all) {
      expect(count(result, 'info', /^c\d/) + count(result, 'fail', /^c\d/)).toBe(0);
      expect(count(result, 'forwarded', /^lb2/)).toBeGreaterThan(100);
      expect(count(result, 'takeovers', /^lb2/)).toBe(redundancy === 'shared-address' ? 1 : 0);
    }
  });
});
