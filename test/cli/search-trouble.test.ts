/** Searches that something goes wrong with. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { SearchFile } from '../../cli/search/search-file.ts';
import { attempt } from '../support/attempt-command.ts';

const BIN = resolve('dist/cli/orrery.js');
let folder = '';

/** Five nodes that beat 40 times each, of which n1 must not be down; TROUBLE sees how many beats this process has seen so far. */
const BEATS = `
import { always, defineScenario, holds, s } from 'orrery';
let beats = 0;
const spin = (ms) => { for (const end = performance.now() + ms; performance.now() < end; ); };
export default defineScenario({
  name: 'beats',
  question: 'Is n1 ever down?',
  params: {},
  duration: s(4),
  recovery: false,
  expect: holds(),
  build({ world }) {
    for (const ref of world.refs('n', 5)) {
      world.node(ref, {
        actor: {
          role: 'server',
          init: () => ({}),
          start: (_state, ctx) => ctx.setTimer('beat', 100_000),
          timers: { beat(_state, ctx) { beats++; TROUBLE; ctx.setTimer('beat', 100_000); } },
        },
      });
    }
    return {};
  },
  checks: () => [always('n1 is never down', (view) => view.node('n1').status === 'up')],
});
`;

const TROUBLES = {
  sound: '',
  exits: 'if (beats > 20_000) process.exit(3)',
  // Beyond what the search runs, in a worker that repeats some of it.
  hangs: 'if (beats > 700) spin(5_000)',
  slow: 'if (beats % 100 === 1) spin(700)',
};

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'orrery-trouble-'));
  for (const [name, trouble] of Object.entries(TROUBLES))
    writeFileSync(join(folder, `${name}.ts`), BEATS.replace('TROUBLE', trouble));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const { GITHUB_ACTIONS: _, ...env } = process.env;
const common = ['--seed', 'x', '--jobs', '1', '--profile', 'crashes', '--no-minimise'];

function search(...args: string[]): { code: number | null; out: string; err: string } {
  const options = { cwd: folder, encoding: 'utf8', env, timeout: 20_000 } as const;
  const { status, stdout, stderr } = spawnSync(process.execPath, [BIN, 'search', ...args], options);
  return { code: status, out: stdout, err: stderr };
}

const fileIn = (out: string): SearchFile =>
  JSON.parse(readFileSync(join(folder, out, 'beats-x.search.json'), 'utf8')) as SearchFile;

describe('a search', () => {
  test('ends with what was found and an error when the scenario ends a worker', () => {
    const { code, out, err } = search('exits.ts', ...common, '--schedules', '400', '--out', 'exits');
    expect(code).toBe(2);
    expect(err).toContain('orrery: a worker ended with exit code 3 in the middle of its work');
    expect(out).toContain('✗ n1 is never down');
    expect(fileIn('exits').schedules).toBeGreaterThan(3);
  });

  test('of orders ends with an error when the scenario ends its worker', () => {
    const { code, err } = search('exits.ts', '--order', 'random', '--out', 'exits');
    expect(code).toBe(2);
    expect(err).toContain('orrery: a worker ended with exit code 3 in the middle of its work');
  });

  test('runs no schedule that was handed out, but not begun, when its time is up', () => {
    const { out } = search('slow.ts', ...common, '--time', '700ms', '--json');
    expect((JSON.parse(out) as SearchFile).schedules).toBeLessThanOrEqual(1);
  });

  test('prints what it found when its files cannot be written in the end', () => {
    mkdirSync(join(folder, 'blocked/beats-x.search.json'), { recursive: true });
    const { code, out, err } = search('sound.ts', ...common, '--schedules', '20', '--out', 'blocked');
    expect(code).toBe(2);
    expect(out).toMatch(/✗ n1 is never down.*\n.*\n[^]*replay {3}orrery run sound\.ts --seed x\/\d+ --faults '\[\{/);
    expect(err).toMatch(/orrery: output: got .*it is a folder/);
  });

  test('has no more workers than schedules', () => {
    expect(search('sound.ts', '--schedules', '1', '--jobs', '100').err).toContain('· 1 schedule · 1 worker\n');
  });

  test('ends at Ctrl-C while it repeats schedules, too', async () => {
    const child = spawn(
      process.execPath,
      [
        BIN,
        'search',
        'hangs.ts',
        '--seed',
        'x',
        '--jobs',
        '1',
        '--profile',
        'network',
        '--schedules',
        '3',
        '--check-determinism',
        '--out',
        'hangs',
      ],
      { cwd: folder, env },
    );
    child.stderr.on('data', (text: Buffer) => {
      if (text.toString().includes('repeating')) setTimeout(() => child.kill('SIGINT'), 500);
    });
    expect(await new Promise((done) => child.on('close', done))).toBe(130);
    expect(fileIn('hangs')).toMatchObject({ schedules: 3 });
  });

  test.each([
    ['/dev/null/x', 'a file stands where a folder is needed'],
    ['/proc/foo', 'no such file'],
  ])('begins only if its files can be written: not with --out %s', async (out, why) => {
    for (const order of [[], ['--order', 'pct']]) {
      expect(await attempt(['search', 'split-brain', '--out', out, ...order])).toEqual({
        code: 2,
        out: [],
        err: `orrery: --out: got "${out}", expected a folder that can be written (${why})`,
      });
    }
  });
});
