/** The sound designs, with what they claim and the code that they are. */
import { createHash } from 'node:crypto';
import { nemesisOf, readParams, searchSchedules, type NemesisProfile, type Scenario } from '../../sim/index.ts';
import { scenarios } from '../../scenarios/index.ts';
import { bundled } from '../bundled.ts';
import { inPackage } from '../package-root.ts';
import { SEED, type Task } from './ledger.ts';

export interface SoundDesign {
  readonly name: string;
  readonly scenario: Scenario;
  /** Those that its claims cover. */
  readonly profiles: readonly NemesisProfile[];
}

export const soundDesigns = (): readonly SoundDesign[] =>
  scenarios
    .filter((scenario) => scenario.expect(readParams(scenario.params)).kind === 'holds')
    .map((scenario) => ({ name: scenario.name, scenario, profiles: nemesisOf(scenario).profiles }));

/**
 * A digest of a bundled scenario with all of the simulator and the models that it uses. Comments and layout are not in it, nor where
 * files are and in which order they are loaded, nor what the scenario does not use.
 */
export async function codeOf(name: string): Promise<string> {
  const contents = `export { default } from './scenarios/${name}.ts'; export { searchSchedules } from './sim/index.ts';`;
  const program = await bundled({
    stdin: { contents, resolveDir: inPackage('.'), loader: 'ts' },
    platform: 'neutral',
    mainFields: ['module', 'main'],
    conditions: ['orrery-source'],
    banner: {},
  });
  const hash = createHash('sha256');
  for (const file of program.split(FILE_NAME).toSorted()) hash.update(file);
  return hash.digest('hex').slice(0, 16);
}

/** What a bundle says before each file's code. */
const FILE_NAME = /^\/\/ .*\n/m;

/** One for each profile of each design, cheap ones first: most are known soon. */
export async function tasksOf(designs: readonly SoundDesign[], schedules: number): Promise<readonly Task[]> {
  const tasks: Task[] = [];
  for (const { name, scenario, profiles } of designs) {
    const code = await codeOf(name);
    const firsts = profiles.flatMap((profile) => [...searchSchedules(scenario, { seed: SEED, profile, count: 1 })]);
    const events = firsts.reduce((sum, first) => sum + first.events, 0);
    tasks.push(...profiles.map((profile) => ({ scenario: name, profile: profile.name, code, schedules, events })));
  }
  return tasks.sort((a, b) => a.events - b.events);
}
