/** The planted bugs fit the designs that they are planted in. That they are found is shown in mutants.validate.ts. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { transformSync } from 'esbuild';
import { mutated, type Mutant } from '../../bench/mutants/mutant.ts';
import { MUTANTS } from '../../bench/mutants/mutants.ts';
import { nemesisOf, readParams } from '../../sim/index.ts';
import { scenarios } from '../../scenarios/index.ts';

const sourceOf = ({ file }: Mutant): string => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
const toy: Mutant = { ...(MUTANTS[0] as Mutant), find: 'b', replace: 'B' };

describe.each(MUTANTS)('$name', (mutant) => {
  test('applies to its file once, and still compiles', () => {
    const text = mutated(sourceOf(mutant), mutant);
    expect(() => transformSync(text, { loader: 'ts' })).not.toThrow();
  });

  test('is planted in a sound design that claims to withstand the profile', () => {
    const scenario = scenarios.find(({ name }) => name === mutant.scenario);
    if (scenario === undefined) throw new Error(`there is no scenario ${mutant.scenario}`);
    expect(scenario.expect(readParams(scenario.params, mutant.params)).kind).toBe('holds');
    expect(nemesisOf(scenario, readParams(scenario.params, mutant.params)).profiles.map(({ name }) => name)).toContain(
      mutant.profile,
    );
  });
});

test('names are used once', () => {
  expect(new Set(MUTANTS.map(({ name }) => name)).size).toBe(MUTANTS.length);
});

test('a text that the file does not have exactly once is refused', () => {
  expect(mutated('abc', toy)).toBe('aBc');
  for (const [source, times] of [
    ['ac', 0],
    ['abcb', 2],
  ] as const)
    expect(() => mutated(source, toy)).toThrow(new RegExp(`exactly once, not ${times} times`));
  expect(() => mutated('abc', { ...toy, replace: 'b' })).toThrow(/something else/);
});
