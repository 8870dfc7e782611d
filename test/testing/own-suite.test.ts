/**
 * The example project, run as its owner runs it: a folder of its own, its own Jest, and `orrery` found by its name and through its
 * doors. Nothing is installed: the packages are links to this checkout's.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parseSchedule } from '../../sim/index.ts';

const ROOT = resolve('.');
let project = '';
let told = '';

beforeAll(() => {
  project = realpathSync(mkdtempSync(join(tmpdir(), 'orrery-own-suite-')));
  cpSync(join(ROOT, 'examples/own-suite'), project, { recursive: true });
  writeFileSync(join(project, 'hasty.test.ts'), FAILING);
  mkdirSync(join(project, 'node_modules/@jest'), { recursive: true });
  symlinkSync(ROOT, join(project, 'node_modules/orrery'));
  for (const name of ['jest', 'fast-check', 'esbuild', '@jest/globals']) {
    symlinkSync(join(ROOT, 'node_modules', name), join(project, 'node_modules', name));
  }
  told = npmTest();
});
afterAll(() => rmSync(project, { recursive: true, force: true }));

/** What the project's own `npm test` says; the doors lead to the sources, so that nothing has to be built. */
function npmTest(): string {
  const conditions = JSON.stringify({ customExportConditions: ['orrery-source', 'node', 'node-addons'] });
  const jest = ['--experimental-vm-modules', 'node_modules/jest/bin/jest.js', '--runInBand', '--verbose'];
  const { stderr } = spawnSync(
    process.execPath,
    [...jest, '--testEnvironmentOptions', conditions, '--cacheDirectory', join(tmpdir(), 'orrery-own-suite-cache')],
    { cwd: project, encoding: 'utf8', env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0' } },
  );
  return stderr;
}

const FAILING = `
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { run } from 'orrery';
import { faultSchedules, orreryMatchers, seeds } from 'orrery/testing';
import { hastyStore } from './store.ts';

expect.extend(orreryMatchers);

test('the hasty store is linearizable', () => {
  fc.assert(
    fc.property(faultSchedules(hastyStore, { profile: 'partitions' }), seeds(), (faults, seed) =>
      expect(run(hastyStore, { faults, seed })).toHold({ scenario: 'store.ts' }),
    ),
    { seed: 2 },
  );
});
`;

describe('a project of its own', () => {
  test('holds its sound design to its promise under random schedules', () => {
    expect(told).toContain('PASS ./store.test.ts');
    expect(told).toContain('✓ the store is linearizable and comes back, whatever breaks');
  });

  test('is told of a naive design what broke, the shrunk schedule, the seed and the command that shows it again', () => {
    expect(told).toContain('FAIL ./hasty.test.ts');
    expect(told).toContain('hasty-store does not hold: linearizable register');
    expect(told).toMatch(/violated: linearizable register\n\s+\S/);
    const [, faults = ''] = /Fault schedule:\n((?: +F\d+ .*\n)+)/.exec(told) ?? [];
    expect(faults.trim().split('\n')).toHaveLength(1);
    const [, seed] = /Seed: ([0-9a-z]+)\n/.exec(told) ?? [];
    const [, schedule = ''] =
      new RegExp(`Replay: orrery run store\\.ts#hasty-store --seed ${seed} --faults '(.*)'\n`).exec(told) ?? [];
    expect(parseSchedule(JSON.parse(schedule))).toHaveLength(1);
  });

  test('can paste that command, and sees the same failure', () => {
    const [, words = ''] = /Replay: orrery (.*)/.exec(told) ?? [];
    const { stdout, status } = spawnSync(
      'sh',
      ['-c', `"${process.execPath}" "${join(ROOT, 'dist/cli/orrery.js')}" ${words}`],
      {
        cwd: project,
        encoding: 'utf8',
      },
    );
    expect(stdout).toContain(
      '✓ hasty-store  as expected (violates linearizable register)  violated: linearizable register',
    );
    expect(stdout).not.toContain('majority-store');
    expect(status).toBe(0);
  });
});
