import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { scenarios } from '../../scenarios/index.ts';
import { VERSION } from '../../sim/index.ts';
import { attempt } from '../support/attempt-command.ts';

const BIN = resolve('dist/cli/orrery.js');
let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'orrery-test-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** The built command line, in a folder of its own, as a user has it. */
const orrery = (...args: string[]): Ended => orreryIn('.', ...args);

/** The same in a folder within. */
function orreryIn(inner: string, ...args: string[]): Ended {
  const { GITHUB_ACTIONS: _, ...env } = process.env;
  const { status, stdout, stderr } = spawnSync(process.execPath, [BIN, ...args], {
    cwd: join(folder, inner),
    encoding: 'utf8',
    env,
  });
  return { code: status, out: stdout, err: stderr };
}

const file = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return name;
};

const MINE = `
import { always, count, crash, defineScenario, holds, s, violates, type NodeRef } from 'orrery';
import { text } from './part.js';
enum Speed { Slow = 1, Fast = 2 }
interface Ticker { ticks: number }
export default defineScenario({
  name: 'mine',
  question: text,
  params: { most: count(100) },
  duration: s(1),
  recovery: false,
  expect: ({ most }) => (most < 20 ? violates('few ticks') : holds()),
  build({ world }) {
    const node: NodeRef<object> = world.node<Ticker, object>('n', {
      actor: {
        role: 'ticker',
        init: () => ({ ticks: 0 }),
        start: (_state, ctx) => ctx.setTimer('tick', 25_000),
        timers: { tick(state, ctx) { state.ticks += Speed.Slow; ctx.setTimer('tick', 25_000); } },
      },
    });
    return { node };
  },
  faults: ({ node }) => [crash({ node, at: s(0.9), for: '50ms' })],
  checks: ({ node, params }) => [always('few ticks', (view) => (view.state<Ticker>(node)?.ticks ?? 0) < params.most)],
});
`;

describe('the built command line', () => {
  test('answers --version without loading anything else', () => {
    expect(orrery('--version')).toEqual({ code: 0, out: `${VERSION}\n`, err: '' });
  });

  test('runs a user’s own TypeScript file from the user’s own folder', () => {
    file('part.ts', `export const text: string = 'Does it tick?';`);
    file('mine.ts', MINE);
    const held = orrery('run', 'mine.ts');
    expect(held).toMatchObject({ code: 0, err: expect.stringContaining('seed mine') });
    expect(held.out).toContain('✓ mine');
    const caught = orrery('run', 'mine.ts', '--param', 'most=10', '--seed', 'abc');
    expect(caught).toMatchObject({ code: 0, err: expect.stringContaining('seed abc') });
  });

  test('exits with 1 when an answer is not the expected one, and leaves a repro that replays to identical', () => {
    file('part.ts', `export const text: string = 'Does it tick?';`);
    file('unmet.ts', MINE.replace('most < 20', 'most < 0'));
    const run = orrery('run', 'unmet.ts', '--param', 'most=10');
    expect(run.code).toBe(1);
    const command = /orrery replay (\S+)/.exec(run.out)?.[1] as string;
    expect(existsSync(join(folder, command))).toBe(true);
    expect(orrery('replay', command)).toMatchObject({ code: 0, out: expect.stringContaining('replay: identical') });
    expect(orrery('replay', 'last')).toMatchObject({ code: 0 });
    file('unmet.ts', MINE.replace('most < 20', 'most < 0').replace('25_000', '26_000').replace('25_000', '26_000'));
    expect(orrery('replay', 'last')).toMatchObject({
      code: 5,
      out: expect.stringContaining('same verdict, different trace'),
    });
    file('unmet.ts', MINE.replace('Speed.Slow', '0'));
    expect(orrery('replay', 'last')).toMatchObject({ code: 5, out: expect.stringContaining('passes now') });
    expect(orrery('replay', 'last').err).toContain('code has changed');
  });

  test('names the user’s own line when the user’s code throws, and still writes the reports', () => {
    file('part.ts', `export const text: string = 'Does it tick?';`);
    file('boom.ts', MINE.replace('state.ticks += Speed.Slow', 'throw new Error("boom")'));
    const line = MINE.split('\n').findIndex((text) => text.includes('Speed.Slow; ctx')) + 1;
    expect(orrery('run', 'boom.ts')).toMatchObject({
      code: 2,
      err: expect.stringContaining(`boom.ts:${line}: n (ticker), timer tick`),
    });
    expect(orrery('run', 'boom.ts', '--reporter', 'junit=boom.xml').code).toBe(2);
    expect(readFileSync(join(folder, 'boom.xml'), 'utf8')).toContain('boom');
  });

  test('writes pages, each with a repro that can be replayed from the page itself', () => {
    const { code } = orrery('run', 'split-brain', '--reporter', 'html', '--out', 'pages');
    expect(code).toBe(0);
    const names = readdirSync(join(folder, 'pages')).toSorted();
    expect(names).toEqual(
      expect.arrayContaining(['index.html', 'split-brain-split-brain.html', 'split-brain-split-brain.md']),
    );
    expect(orrery('replay', 'pages/split-brain-split-brain.html')).toMatchObject({
      code: 0,
      out: expect.stringContaining('identical'),
    });
  });

  test('prints one JSON document on stdout and nothing else there', () => {
    const { out, code } = orrery('run', 'split-brain-fenced', '--json');
    expect(code).toBe(0);
    expect((JSON.parse(out) as { schemaVersion: number }).schemaVersion).toBe(1);
  });

  test.each([
    [['run', 'split-brian'], 2, 'did you mean split-brain?'],
    [['run', 'no-such-*'], 4, 'no scenario matches no-such-*'],
    [['rnu'], 2, 'Did you mean run?'],
    [['run', '--sede', 'x'], 2, 'did you mean --seed?'],
    [['run', 'split-brain', '--param', 'nodes=many'], 2, 'params.nodes: got "many", expected a whole number'],
    [['run', 'split-brain', '--param', 'nodes'], 2, '--param: got "nodes", expected name=value'],
    [['run', 'split-brain', '--reporter', 'htlm'], 2, 'did you mean html?'],
    [['run', 'split-brain', '--seed', ''], 2, '--seed: got "", expected a non-empty text'],
    [['run', 'missing.ts'], 2, 'scenario file: got "missing.ts", expected an existing file'],
    [['replay', 'missing.json'], 2, 'repro file: got "missing.json", expected a readable file (no such file)'],
    [['replay', '.'], 2, 'it is a folder'],
  ])('%j ends with %i and one line', async (args, code, message) => {
    const result = await attempt(args);
    expect(result.code).toBe(code);
    expect(result.err).toContain(message);
    expect(result.err).not.toMatch(/\n {4}at /);
    expect(result.out).toEqual([]);
  });

  test('takes one scenario out of a file that holds several', async () => {
    file('two.mjs', `export default ['a', 'b'].map((name) => ({ name, build() {}, checks: () => [] }));`);
    const two = join(folder, 'two.mjs');
    expect((await attempt(['search', two])).err).toMatch(/one scenario, not 2: \S*two\.mjs#a, \S*two\.mjs#b/);
    expect(await attempt(['run', `${two}#c`])).toMatchObject({
      code: 2,
      err: expect.stringContaining('after # one of a, b'),
    });
    expect((await attempt(['search', `${two}#b`, '--jobs', '0'])).err).not.toContain('not 2');
  });

  test('shows usage errors on stderr, without a stack', () => {
    expect(orrery('run', 'split-brian')).toEqual({
      code: 2,
      out: '',
      err: 'orrery: there is no scenario "split-brian": did you mean split-brain?\n',
    });
  });

  test.each([
    ['syntax error', 'export default {', 'bad.ts:1:17: Expected identifier'],
    ['no scenario', 'export default 5;', 'default export: got 5, expected a scenario made with defineScenario'],
    ['an error of its own', 'throw new Error("mine");', 'mine'],
    [
      'a wrong scenario',
      `import { defineScenario } from 'orrery'; export default defineScenario({ name: 'X' });`,
      'scenario.name: got "X"',
    ],
    ['an unknown door', `import 'orrery/engine';`, 'there is no orrery/engine'],
  ])('a scenario file with %s is exit 2 and one line', (_what, text, message) => {
    const result = orrery('run', file('bad.ts', text));
    expect(result).toMatchObject({ code: 2, err: expect.stringContaining(message) });
    expect(result.err).not.toMatch(/\n {4}at /);
  });

  test('never leaves a half-written file', () => {
    file('plain', 'I am a file');
    const result = orrery('run', 'split-brain', '--reporter', 'json=plain/report.json');
    expect(result.code).toBe(2);
    expect(readFileSync(join(folder, 'plain'), 'utf8')).toBe('I am a file');
    expect(readdirSync(folder).filter((name) => name.startsWith('.'))).toEqual([]);
  });
});

describe('a repro of one’s own scenario', () => {
  const NAME = 'mine-mine.repro.json';

  beforeAll(() => {
    mkdirSync(join(folder, 'first/scenes'), { recursive: true });
    writeFileSync(join(folder, 'first/part.ts'), `export const text: string = 'Does it tick?';`);
    const unmet = MINE.replace('most < 20', 'most < 0').replace('count(100)', 'count(10)').replace('./part', '../part');
    writeFileSync(join(folder, 'first/scenes/ticks.ts'), unmet);
    expect(orreryIn('first', 'run', 'scenes/ticks.ts', '--out', 'found').code).toBe(1);
    cpSync(join(folder, 'first'), join(folder, 'moved/second'), { recursive: true });
    renameSync(join(folder, 'first'), join(folder, 'gone'));
  });

  test('replays to identical in another checkout, from any folder, and knows the code again', () => {
    for (const at of ['.', 'moved/second/found']) {
      const path = join(folder, 'moved/second/found', NAME);
      const { code, out, err } = orreryIn(at, 'replay', path);
      expect({ code, told: out.trim().split('\n').at(-1) }).toEqual({
        code: 0,
        told: expect.stringContaining('replay: identical'),
      });
      expect(err).not.toContain('code has changed');
    }
  });

  test('that lies elsewhere finds the scenario by the part of its path that is here', () => {
    mkdirSync(join(folder, 'mail'));
    cpSync(join(folder, 'moved/second/found', NAME), join(folder, 'mail', NAME));
    expect(orreryIn('moved/second', 'replay', `../../mail/${NAME}`)).toMatchObject({
      code: 0,
      err: expect.stringContaining('scenario scenes/ticks.ts: ../scenes/ticks.ts, seen from the repro, is not there'),
    });
    expect(orrery('replay', `mail/${NAME}`)).toMatchObject({
      code: 2,
      err: expect.stringContaining(
        `mail/${NAME}: file: got "../scenes/ticks.ts", expected a file that holds the scenario mine: there is none at scenes/ticks.ts, ticks.ts; name it with --scenario`,
      ),
    });
    const named = ['--scenario', 'moved/second/scenes/ticks.ts'];
    expect(orrery('replay', `mail/${NAME}`, ...named)).toMatchObject({ code: 0 });
    expect(orrery('replay', `mail/${NAME}`, '--scenario', 'canary')).toMatchObject({
      code: 2,
      err: expect.stringContaining('--scenario: got "canary", expected the scenario mine, not canary'),
    });
  });

  test.each([
    ['cut short', (text: string) => text.slice(0, -20), 'expected JSON ('],
    [
      'of another version',
      (text: string) => text.replace('"schemaVersion": 1', '"schemaVersion": 2'),
      'got 2, expected 1',
    ],
    [
      'with another digest',
      (text: string) => text.replace('"digest": "', '"digest": "x'),
      'expected 16 hexadecimal digits',
    ],
    ['with a kind of fault', (text: string) => text.replace('"crash"', '"crush"'), 'did you mean "crash"?'],
    ['without a seed', (text: string) => text.replace('"seed"', '"sead"'), 'bent.json.seed: got undefined'],
  ])('%s is exit 2, with field, value and expectation', async (_how, bend, message) => {
    const path = join(folder, 'bent.json');
    writeFileSync(path, bend(readFileSync(join(folder, 'moved/second/found', NAME), 'utf8')));
    const { code, err } = await attempt(['replay', path]);
    expect(code).toBe(2);
    expect(err).toContain(message);
    expect(err).toContain('bent.json');
  });
});

describe('the command list', () => {
  test('names every bundled scenario with its question', () => {
    const { out } = orrery('list');
    for (const { name, question } of scenarios) expect(out).toContain(`${name}\n  ${question}`);
  });
});
