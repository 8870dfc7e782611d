/**
 * `node dist/bench/mutants.js`: how soon a random search finds each of the bugs that are planted in the sound designs.
 * `--only <mutant>`, again for another one; `--seeds <n>`: searches for each, 5 by default.
 */
import { parseArgs } from 'node:util';
import { ConfigError } from '../sim/index.ts';
import { columns } from './columns.ts';
import type { Hunted } from './mutants/hunt.ts';
import { huntMutant } from './mutants/hunt-mutant.ts';
import type { Mutant } from './mutants/mutant.ts';
import { MUTANTS, WITHIN } from './mutants/mutants.ts';
import { median } from './statistics.ts';

const MINIMISE_RUNS = 100;
const HEADER = [
  'mutant',
  'scenario',
  'profile',
  'property that falls',
  'schedules',
  'most',
  'faults',
  'left',
  'seconds',
];
const LEFT = new Set([0, 1, 2, 3]);

function parsed() {
  try {
    return parseArgs({
      options: { only: { type: 'string', multiple: true }, seeds: { type: 'string', default: '5' } },
    }).values;
  } catch (error) {
    throw new ConfigError(
      'options',
      process.argv.slice(2).join(' '),
      `--only and --seeds (${(error as Error).message})`,
    );
  }
}

function readOptions() {
  const { only, seeds } = parsed();
  const count = Number(seeds);
  if (!Number.isSafeInteger(count) || count < 1)
    throw new ConfigError('--seeds', seeds, 'a whole number of at least 1');
  for (const name of only ?? [])
    if (!MUTANTS.some((mutant) => mutant.name === name)) throw new ConfigError('--only', name, 'the name of a mutant');
  return {
    mutants: MUTANTS.filter(({ name }) => only?.includes(name) ?? true),
    seeds: Array.from({ length: count }, (_, i) => `mutants/${i + 1}`),
  };
}

/** Medians; a search without a finding counts as one schedule more than it may run. */
function rowOf({ name, scenario, profile, property }: Mutant, hunted: readonly Hunted[]): string[] {
  const schedules = hunted.map((one) => (one.violated === undefined ? WITHIN + 1 : one.schedules));
  const most = Math.max(...schedules);
  const [first] = hunted;
  const number = (value: number | undefined): string => (value === undefined ? '–' : String(value));
  return [
    name,
    scenario,
    profile,
    property,
    String(median(schedules)),
    most > WITHIN ? `> ${WITHIN}` : String(most),
    number(first?.drawn),
    number(first?.left),
    median(hunted.map(({ seconds }) => seconds)).toFixed(1),
  ];
}

async function huntThem(): Promise<void> {
  const { mutants, seeds } = readOptions();
  const rows: string[][] = [];
  let missed = 0;
  for (const mutant of mutants) {
    process.stderr.write(`${mutant.name} …\n`);
    const hunted = await huntMutant(mutant, seeds, MINIMISE_RUNS);
    if (hunted.some(({ violated }) => violated === undefined)) missed++;
    rows.push(rowOf(mutant, hunted));
  }
  process.stdout.write(
    `\n${columns([HEADER, ...rows], LEFT)}\n${mutants.length - missed} of ${mutants.length} mutants found from each of ${seeds.length} seeds within ${WITHIN} schedules\n`,
  );
  if (missed > 0) process.exitCode = 1;
}

try {
  await huntThem();
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
}
