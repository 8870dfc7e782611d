/**
 * `node dist/bench/survival.js`: how the sound designs fare under random schedules of each profile that they claim. What it finds goes
 * into bench/survival.json after each profile, and what is there already for the present code is not run again.
 * `--schedules <n>` of each profile, 2,000 by default; `--jobs <n>` threads, 2 by default; `--only <design>`, again for another one;
 * `--take-over`: runs nothing but the first schedules of what is there, and takes entries of other code over to the present code where
 * they run to the same digests; `--list`: only says what the file says.
 */
import { parseArgs } from 'node:util';
import { Tinypool } from 'tinypool';
import { keepWorkersToTheirThreads } from '../cli/search/own-thread.ts';
import { ConfigError } from '../sim/index.ts';
import { columns } from './columns.ts';
import { inPackage } from './package-root.ts';
import { soundDesigns, tasksOf, type SoundDesign } from './survival/designs.ts';
import {
  isDone,
  readLedger,
  takenOver,
  withEntry,
  writeLedger,
  type Endured,
  type Ledger,
  type Task,
} from './survival/ledger.ts';

const FILE = inPackage('bench/survival.json');
const HEADER = ['design', 'profiles', 'schedules of each', 'failed', 'events of a run'];
const LEFT = new Set([0]);

function readOptions() {
  const { only, schedules, jobs, ...modes } = parseArgs({
    options: {
      only: { type: 'string', multiple: true },
      schedules: { type: 'string', default: '2000' },
      jobs: { type: 'string', default: '2' },
      list: { type: 'boolean', default: false },
      'take-over': { type: 'boolean', default: false },
    },
  }).values;
  const all = soundDesigns();
  for (const name of only ?? [])
    if (!all.some((design) => design.name === name))
      throw new ConfigError('--only', name, 'the name of a sound design');
  const designs = all.filter(({ name }) => only?.includes(name) ?? true);
  return { designs, schedules: whole('--schedules', schedules), jobs: whole('--jobs', jobs), ...modes };
}

function whole(option: string, text: string): number {
  const count = Number(text);
  if (!Number.isSafeInteger(count) || count < 1) throw new ConfigError(option, text, 'a whole number of at least 1');
  return count;
}

function poolOf(jobs: number): Tinypool {
  keepWorkersToTheirThreads();
  const filename = new URL('survival/endure.js', import.meta.url).href;
  return new Tinypool({ filename, minThreads: jobs, maxThreads: jobs });
}

async function endureAll(tasks: readonly Task[], jobs: number): Promise<void> {
  const pool = poolOf(jobs);
  await Promise.all(
    tasks.map(async (task) => {
      const entry = (await pool.run(task)) as Endured;
      writeLedger(FILE, withEntry(readLedger(FILE), task, entry));
      process.stderr.write(`${task.scenario} · ${task.profile}: ${entry.held} of ${entry.schedules} held\n`);
    }),
  );
  await pool.destroy();
}

async function takeOverAll(tasks: readonly Task[], jobs: number): Promise<void> {
  const pool = poolOf(jobs);
  const known = readLedger(FILE);
  await Promise.all(
    tasks.map(async (task) => {
      const entry = known[task.scenario]?.[task.profile];
      if (entry === undefined || (entry.code === task.code && entry.sample !== undefined)) return;
      const taken = takenOver(entry, task.code, (await pool.run(task, { name: 'sampleOf' })) as string);
      if (taken === undefined) process.stderr.write(`${task.scenario} · ${task.profile}: other digests\n`);
      else writeLedger(FILE, withEntry(readLedger(FILE), task, taken));
    }),
  );
  await pool.destroy();
}

function rowOf({ name }: SoundDesign, tasks: readonly Task[], ledger: Ledger): string[] {
  const own = tasks.filter(({ scenario }) => scenario === name);
  const entries = own.flatMap((task) => {
    const entry = ledger[name]?.[task.profile];
    return entry === undefined || entry.code !== task.code ? [] : [entry];
  });
  const sum = (of: (entry: Endured) => number): number => entries.reduce((total, entry) => total + of(entry), 0);
  const schedules = entries.length < own.length ? 0 : Math.min(...entries.map((entry) => entry.schedules));
  const events =
    entries.length === 0 ? '–' : (sum((entry) => entry.events) / sum((entry) => entry.schedules)).toFixed(0);
  return [
    name,
    `${entries.length} of ${own.length}`,
    String(schedules),
    String(sum(({ failures }) => failures.length)),
    events,
  ];
}

const { designs, schedules, jobs, list, 'take-over': takeOver } = readOptions();
const tasks = await tasksOf(designs, schedules);
if (takeOver) await takeOverAll(tasks, jobs);
else if (!list) {
  const known = readLedger(FILE);
  const open = tasks.filter((task) => !isDone(known, task));
  await endureAll(open, jobs);
}
const ledger = readLedger(FILE);
const rows = designs.map((design) => rowOf(design, tasks, ledger));
const complete = tasks.filter((task) => isDone(ledger, task)).length;
process.stdout.write(
  `\n${columns([HEADER, ...rows], LEFT)}\n${complete} of ${tasks.length} profiles of ${designs.length} designs have run ${schedules} schedules with this code\n`,
);
if (rows.some(([, , , failed]) => failed !== '0')) process.exitCode = 1;
