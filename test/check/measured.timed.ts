/** What checking costs in a process of its own: memory, and CPU time with the start-up. The numbers are printed. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { labelledHistories, LINEARIZABLE_ETCD } from './labelled-histories.ts';
import { LARGE } from './large-histories.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const bin = (name: string): string => join(ROOT, 'node_modules', '.bin', name);
let folder = '';

beforeAll(() => {
  // Below node_modules, so that what is built finds its packages.
  folder = mkdtempSync(join(ROOT, 'node_modules', '.orrery-measured-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const told = (text: string): void => void process.stderr.write(`${text}\n`);

interface Measured {
  readonly status: string;
  readonly milliseconds: number;
  readonly mebibytes: number;
}

/** CPU time, ms; a second for the others. */
const BOUNDS: Readonly<Record<string, number>> = { transactions: 5_000, 'busy register': 1_500 };

test('200,000 operations, 100,000 transactions and busy registers are checked within 500 MiB each', () => {
  const child = join(folder, 'child.mjs');
  const entry = join(ROOT, 'test', 'check', 'measured-child.ts');
  execFileSync(bin('esbuild'), [
    entry,
    '--bundle',
    '--platform=node',
    '--format=esm',
    '--packages=external',
    `--outfile=${child}`,
    '--log-level=error',
  ]);
  for (const name of [...Object.keys(LARGE), 'busy register', 'transactions']) {
    const out = execFileSync(process.execPath, [child, name], { encoding: 'utf8' });
    const { status, milliseconds, mebibytes } = JSON.parse(out) as Measured;
    told(`${name}: ${mebibytes.toFixed(0)} MiB at most, ${milliseconds.toFixed(0)} ms of CPU to check`);
    expect([name, status]).toEqual([name, 'held']);
    expect(mebibytes).toBeLessThan(500);
    expect(milliseconds).toBeLessThan(BOUNDS[name] ?? 1_000);
  }
});

test('the folder of labelled histories takes one command less than 1.5 s of CPU, start-up included', () => {
  const where = labelledHistories('.');
  if (where === undefined) return;
  const dist = join(folder, 'dist');
  execFileSync(process.execPath, [
    join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc'),
    '-p',
    join(ROOT, 'tsconfig.build.json'),
    '--outDir',
    dist,
  ]);
  const atExit = `process.on('exit', () => process.stderr.write('CPU ' + JSON.stringify(process.cpuUsage())))`;
  const preload = `data:text/javascript,${encodeURIComponent(atExit)}`;
  const orrery = join(dist, 'cli', 'orrery.js');
  const run = spawnSync(process.execPath, ['--import', preload, orrery, 'check-history', where], {
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  const cpu = /CPU (\{.*\})/.exec(run.stderr)?.[1] ?? '{}';
  const { user, system } = JSON.parse(cpu) as { user: number; system: number };
  const rows = run.stdout.split('\n');
  told(`${rows.filter((row) => row !== '').at(-1)}: ${((user + system) / 1_000).toFixed(0)} ms of CPU`);
  expect(run.status).toBe(1);
  for (const row of rows.filter((line) => /^[✓✗?]/.test(line))) {
    const file = row.split('  ')[0] as string;
    const isGood = file.includes('/etcd/') ? LINEARIZABLE_ETCD.includes(file.slice(-7, -4)) : /\/good\/|-ok/.test(file);
    expect([file, row.startsWith('✓')]).toEqual([file, isGood]);
  }
  expect(user + system).toBeLessThan(1_500_000);
});
