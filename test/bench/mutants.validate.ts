/** Every planted bug is found by the scenario's own checks, and the sound design survives the very schedules that found it. */
import { describe, expect, test } from '@jest/globals';
import { huntMutant, huntSound } from '../../bench/mutants/hunt-mutant.ts';
import type { Mutant } from '../../bench/mutants/mutant.ts';
import { MUTANTS, WITHIN } from '../../bench/mutants/mutants.ts';

const SEEDS = ['mutants/1'];

/** By what is searched: the most schedules that any of its mutants took. */
const taken = new Map<string, { readonly mutant: Mutant; readonly most: number }>();
const searched = ({ scenario, params, profile }: Mutant): string => JSON.stringify([scenario, profile, params ?? {}]);

test.each(MUTANTS)(`$name is found within ${WITHIN} schedules`, async (mutant) => {
  const hunted = await huntMutant(mutant, SEEDS, 0);
  expect(hunted.filter(({ violated }) => violated === undefined)).toEqual([]);
  const most = Math.max(taken.get(searched(mutant))?.most ?? 0, ...hunted.map(({ schedules }) => schedules));
  taken.set(searched(mutant), { mutant, most });
});

describe('the same searches without the bug', () => {
  test.each([...new Set(MUTANTS.map(searched))])('%s', async (key) => {
    const { mutant, most } = taken.get(key) ?? { mutant: undefined, most: 0 };
    if (mutant === undefined) throw new Error('its mutants have not been searched for');
    const survived = await huntSound(mutant, SEEDS, most);
    expect(survived.flatMap(({ violated = [] }) => violated)).toEqual([]);
  });
});
