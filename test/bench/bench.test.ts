/** `npm run bench` as it was built: it starts a process for each row, and says what it did. */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

const BIN = resolve('dist/bench/main.js');
let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'orrery-bench-test-'));
  // Says that SimPy is there, and how long it took.
  const python = join(folder, 'python3');
  writeFileSync(
    python,
    `#!/bin/sh\nif [ "$1" = -c ]; then echo 4.1.1; else echo '{"units": 200, "seconds": 0.5}'; fi\n`,
  );
  chmodSync(python, 0o755);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Other simulators are looked for in `path` alone. */
function bench(args: readonly string[], path = '') {
  const env = { ...process.env, PATH: path, CXX: '' };
  const { status, stdout, stderr } = spawnSync(process.execPath, [BIN, ...args], { encoding: 'utf8', env });
  return { status, stdout, stderr };
}

describe('npm run bench', () => {
  test('measures rows in processes of their own, and gives the machine with the numbers', () => {
    const { status, stdout, stderr } = bench(['--quick', '--json', '--only', 'boot-10000', '--only=object-heap-100']);
    expect(stderr).toMatch(/^object-heap-100 … \d+\.\d s\nboot-10000 … \d+\.\d s\n$/);
    expect(status).toBe(0);
    const { date, scale, machine, rows } = JSON.parse(stdout) as {
      date: string;
      scale: string;
      machine: { node: string; cores: number };
      rows: { row: string; peak: number; entries: { figure: { median: number } }[] }[];
    };
    expect(new Date(date).getTime()).toBeLessThanOrEqual(Date.now());
    expect([scale, machine.node]).toEqual(['quick', process.versions.node]);
    expect(rows.map(({ row }) => row)).toEqual(['object-heap-100', 'boot-10000']);
    expect(rows.every(({ peak }) => peak > 20)).toBe(true);
    expect(rows.flatMap(({ entries }) => entries).every(({ figure }) => figure.median > 0)).toBe(true);
  });

  test('says which other simulators are not there', () => {
    const { status, stdout } = bench(['--quick', '--only', 'simpy-mm1', '--only', 'ns3-timers']);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^M\/M\/1, against SimPy .*skipped: SimPy is not installed$/m);
    expect(stdout).toMatch(/^10,000 timers, against ns-3.*skipped: ns-3 is not installed$/m);
    expect(stdout).not.toContain('budgets met');
  });

  test("takes another simulator's own word for how long it took", () => {
    const { stdout } = bench(['--quick', '--only', 'simpy-timers'], folder);
    expect(stdout).toMatch(/^10,000 timers, against SimPy, per timer \(SimPy 4\.1\.1\) +\d+ +2500000 +\d+\.\d\d×/m);
  });

  test('refuses what it does not know, and lists the rows', () => {
    const { status, stdout, stderr } = bench(['--only', 'rings']);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^--only: got "rings", expected one of the rows .*timers, .*simpy-mm1/);
  });

  test('says what it can do', () => {
    const { status, stdout } = bench(['--help']);
    expect(status).toBe(0);
    for (const option of ['--quick', '--only', '--json', '--guard', '--write-baseline'])
      expect(stdout).toContain(option);
  });
});
