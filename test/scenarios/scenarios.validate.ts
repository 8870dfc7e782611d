/** Every bundled scenario on the recorded path from beginning to end, and under other seeds. */
import { describe, expect, test } from '@jest/globals';
import { nemesisOf, readParams, run } from '../../sim/index.ts';
import { scenarios } from '../../scenarios/index.ts';

const table = scenarios.map((scenario) => ({ name: scenario.name, scenario }));

describe.each(table)('$name', ({ scenario }) => {
  test('has the same digest when all of it is recorded, or a part', () => {
    const { seed } = scenario;
    const { digest } = run(scenario, { seed });
    for (const record of [true, { from: 3_950_000, to: 4_450_000 }])
      expect(run(scenario, { seed, record }).digest).toBe(digest);
  });

  test('answers as it expects under four other seeds', () => {
    const unmet = Array.from({ length: 4 }, (_, i) => `seed-${i + 1}`)
      .map((seed) => ({ seed, ...run(scenario, { seed }).expectation }))
      .filter(({ met }) => !met);
    expect(unmet).toEqual([]);
  });
});

/** The designs that are meant to hold, under what they claim to withstand. */
const SOUND = scenarios.filter((scenario) => scenario.expect(readParams(scenario.params)).kind === 'holds');

test('a naive design may lose what it likes, but never throws', () => {
  for (const scenario of scenarios.filter((one) => !SOUND.includes(one))) {
    const { draw, profiles } = nemesisOf(scenario);
    for (const profile of profiles) {
      for (let k = 0; k < 2; k++)
        expect(() => run(scenario, { seed: `s${k}`, faults: draw(profile, 's', k) })).not.toThrow();
    }
  }
});
