/** Searches for planted bugs, and the same searches of the sound designs. */
import type { Hunt, Hunted } from './hunt.ts';
import { huntingProgram } from './bundle.ts';
import type { Mutant } from './mutant.ts';
import { WITHIN } from './mutants.ts';
import { startHunt } from './start-hunt.ts';

/** Where a mutant is searched for, with one search from each seed. */
const searched = ({ params = {}, profile }: Mutant, seeds: readonly string[]) => ({
  params,
  profile,
  seeds,
});

/** `minimiseRuns`: spent on making smaller what the first search finds. */
export async function huntMutant(
  mutant: Mutant,
  seeds: readonly string[],
  minimiseRuns: number,
): Promise<readonly Hunted[]> {
  const { property } = mutant;
  const hunt: Hunt = { ...searched(mutant, seeds), property, most: WITHIN, minimiseRuns };
  return startHunt(await huntingProgram(mutant.scenario, mutant), hunt);
}

/** The sound design under the first `most` schedules of the searches that the mutant was found with; whatever fails is found. */
export async function huntSound(mutant: Mutant, seeds: readonly string[], most: number): Promise<readonly Hunted[]> {
  return startHunt(await huntingProgram(mutant.scenario), { ...searched(mutant, seeds), most, minimiseRuns: 0 });
}
