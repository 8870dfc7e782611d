/** Every bundled scenario on the recorded path from beginning to end, and under other seeds. */
import { describe, expect, test } from '@jest/globals';
import { run } from '../../sim/index.ts';
import { scenarios } from '../../scenarios/index.ts';

const table = scenarios.map((scenario) => ({ name: scenario.name, scenario }));

describe.each(table)('$name', ({ scenario }) => {
  test('has the same digest when all of it is recorded', () => {
    const { seed } = scenario;
    expect(run(scenario, { seed, record: true }).digest).toBe(run(scenario, { seed }).digest);
  });

  test('answers as it expects under ten other seeds', () => {
    const unmet = Array.from({ length: 10 }, (_, i) => `seed-${i + 1}`)
      .map((seed) => ({ seed, ...run(scenario, { seed }).expectation }))
      .filter(({ met }) => !met);
    expect(unmet).toEqual([]);
  });
});
