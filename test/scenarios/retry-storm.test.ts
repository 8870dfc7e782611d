import { expect, test } from '@jest/globals';
import { run } from '../../sim/index.ts';
import naive from '../../scenarios/retry-storm.ts';
import budgeted from '../../scenarios/retry-storm-budgeted.ts';

test.each(['retry-storm', 'second'])('the storm outlives its trigger, the budget holds, seed for seed: %s', (seed) => {
  const [storm, calm] = [run(naive, { seed }), run(budgeted, { seed })];
  expect([storm.expectation, calm.expectation]).toMatchObject([{ met: true }, { met: true }]);
  expect(storm.schedule).toEqual(calm.schedule);
  for (const { faults } of [storm, calm]) expect(faults[0]?.effects).toBeGreaterThan(50);
  const total = (result: typeof storm, name: string): number =>
    result.metrics.counters
      .filter((c) => c.name === name && c.scope.startsWith('c'))
      .reduce((sum, c) => sum + c.value, 0);
  expect(total(storm, 'retries')).toBeGreaterThan(2 * total(storm, 'offered'));
  // 10 clients with 10 tokens to begin with, and a tenth of the requests.
  expect(total(calm, 'retries')).toBeLessThanOrEqual(100 + 0.1 * total(calm, 'offered'));
});

test('without a slow database nobody notices how eagerly clients would retry', () => {
  const { verdicts, metrics } = run(naive, { seed: 'quiet', faults: [] });
  const failures = metrics.counters.filter((c) => (c.name === 'fail' || c.name === 'info') && c.scope.startsWith('c'));
  expect(failures.reduce((sum, c) => sum + c.value, 0)).toBe(0);
  expect(verdicts.find(({ check }) => check === 'an operation is retried')?.status).toBe('violated');
});
