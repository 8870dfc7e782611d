/** Runs that differ from the plain one in one respect: another future, no noise, operations withheld. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseRepro, replay, reproOf, run, s, type RunOptions, type RunResult } from '../../sim/index.ts';
import canary from '../../scenarios/canary.ts';
import leaseDrift from '../../scenarios/lease-drift.ts';
import { toyScenario } from '../support/toy-scenario.ts';

const toy = (options: Omit<RunOptions, 'seed'> = {}): RunResult => run(toyScenario, { seed: 'seed', ...options });
const before = ({ operations }: RunResult, at: number) => operations.filter(({ completedAt }) => completedAt < at);

describe('drawing the future again', () => {
  test('the past stays, the future is another one, and each salt has its own', () => {
    const plain = run(leaseDrift, { seed: 'seed' });
    const at = s(6);
    const [one, again, two] = [1, 1, 2].map((salt) => run(leaseDrift, { seed: 'seed', redraw: { at, salt } })) as [
      RunResult,
      RunResult,
      RunResult,
    ];
    expect(before(one, at)).toEqual(before(plain, at));
    expect(before(two, at)).toEqual(before(plain, at));
    expect(one.digest).toBe(again.digest);
    expect(one.operations).not.toEqual(plain.operations);
    expect(one.operations).not.toEqual(two.operations);
    expect(one.seed).toBe('seed');
  });

  test('redrawn at the very end nothing changes but the event itself', () => {
    const plain = toy();
    const late = toy({ redraw: { at: s(10), salt: 1 } });
    expect(late.operations).toEqual(plain.operations);
    expect(late.engine.events).toBe(plain.engine.events + 1);
  });
});

describe('latencies without noise', () => {
  test('every round trip takes the same time', () => {
    const times = (result: RunResult): Set<number> =>
      new Set(result.operations.filter(({ outcome }) => outcome === 'ok').map((op) => op.completedAt - op.invokedAt));
    expect(times(toy()).size).toBeGreaterThan(50);
    expect(times(toy({ noise: 'nominal' })).size).toBe(1);
  });
});

describe('operations withheld', () => {
  test('none begins at or after the instant, and those before are as they were', () => {
    const plain = run(canary, { seed: 'seed' });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: s(5) }), (instant) => {
        const { operations } = run(canary, { seed: 'seed', operations: { before: instant } });
        expect(operations.map(({ invokedAt }) => invokedAt)).toEqual(
          plain.operations.map(({ invokedAt }) => invokedAt).filter((at) => at < instant),
        );
      }),
      { numRuns: 20 },
    );
  });

  test('a client that may begin none is silent, and nobody else notices', () => {
    const plain = run(canary, { seed: 'seed' });
    const less = run(canary, { seed: 'seed', operations: { perClient: { c2: 0, c1: 3 } } });
    const begun = (result: RunResult, client: string) =>
      result.operations.filter((op) => op.client === client).map((op) => op.invokedAt);
    expect(begun(less, 'c2')).toEqual([]);
    expect(begun(less, 'c1')).toEqual(begun(plain, 'c1').slice(0, 3));
    expect(begun(less, 'c3')).toEqual(begun(plain, 'c3'));
  });

  test('the recorded path does exactly the same', () => {
    for (const scenario of [canary, toyScenario]) {
      const options: RunOptions = {
        seed: 'seed',
        operations: { before: s(2), perClient: { c1: 5 } },
        noise: 'nominal',
      };
      expect(run(scenario, { ...options, record: true }).digest).toBe(run(scenario, options).digest);
    }
  });

  test('a repro carries it: the replay is identical', () => {
    const options: RunOptions = { seed: 'seed', operations: { before: s(2), perClient: { c1: 5 } }, noise: 'nominal' };
    const repro = parseRepro(JSON.parse(JSON.stringify(reproOf(run(canary, options)))));
    expect(repro).toMatchObject({ noise: 'nominal', limited: { before: s(2), perClient: { c1: 5 } } });
    expect(replay(canary, repro).outcome).toBe('identical');
  });
});
