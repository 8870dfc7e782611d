import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { main } from '../../cli/main.ts';
import { parseSearchFile } from '../../cli/search/search-file.ts';
import type { SearchSummary } from '../../sim/index.ts';

const BIN = resolve('dist/cli/orrery.js');
let folder = '';

/** Breaks when two of its nodes are down at the same time, and otherwise when another one is paused. */
const PAIR = `
import { always, count, defineScenario, holds, s, type RunView } from 'orrery';
interface Beats { beats: number }
let earlier = 0;
const down = (view: RunView, id: string): boolean => ['crashed', 'restarting'].includes(view.node(id).status);
export default defineScenario({
  name: 'pair',
  question: 'Are two nodes ever down at the same time?',
  params: { nodes: count(5, { min: 3, max: 9 }) },
  duration: s(4),
  recovery: false,
  expect: holds(),
  build({ world, params }) {
    const begin = LEAK;
    for (const ref of world.refs<object>('n', params.nodes)) {
      world.node<Beats, object>(ref, {
        actor: {
          role: 'server',
          init: () => ({ beats: begin }),
          start: (_state, ctx) => ctx.setTimer('beat', 100_000),
          timers: { beat(state, ctx) { state.beats++; ctx.setTimer('beat', 100_000); } },
        },
      });
    }
    return {};
  },
  checks: () => [
    always('n1 and n2 are never down together', (view) => !(down(view, 'n1') && down(view, 'n2'))),
    always('n3 is never paused', (view) => view.node('n3').status !== 'paused'),
  ],
});
`;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'orrery-search-'));
  writeFileSync(join(folder, 'pair.ts'), PAIR.replace('LEAK', '0'));
  writeFileSync(join(folder, 'leak.ts'), PAIR.replace('LEAK', 'earlier++'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const { GITHUB_ACTIONS: _, ...env } = process.env;

function orrery(...args: string[]): { code: number | null; out: string; err: string } {
  const options = { cwd: folder, encoding: 'utf8', env } as const;
  const { status, stdout, stderr } = spawnSync(process.execPath, [BIN, ...args], options);
  return { code: status, out: stdout, err: stderr };
}

const summaryIn = (path: string): SearchSummary =>
  JSON.parse(readFileSync(join(folder, path), 'utf8')) as SearchSummary;

describe('orrery search', () => {
  test('gives the same answer for any number of workers, finds what breaks, and makes it small', () => {
    const common = [
      'search',
      'pair.ts',
      '--seed',
      'x',
      '--schedules',
      '60',
      '--profile',
      'crashes',
      '--profile',
      'zones',
    ];
    const one = orrery(...common, '--jobs', '1', '--out', 'one');
    const two = orrery(...common, '--jobs', '2', '--out', 'two');
    expect(one.code).toBe(1);
    expect(one.err).toContain('seed x · pair');
    expect(two.out).toBe(one.out.replaceAll('one/', 'two/'));
    expect(readFileSync(join(folder, 'two/pair-x.search.json'))).toEqual(
      readFileSync(join(folder, 'one/pair-x.search.json')),
    );
    const { schedules, findings } = summaryIn('one/pair-x.search.json');
    expect(schedules).toBe(60);
    const both = findings.filter(({ property }) => property === 'n1 and n2 are never down together');
    expect(both.length).toBeGreaterThan(0);
    for (const { schedule, necessity } of both) {
      expect(schedule.length).toBeLessThanOrEqual(2);
      expect(necessity.map(({ without }) => without)).toEqual(schedule.map(() => 'passes'));
    }
    const commands = [...one.out.matchAll(/replay {3}orrery replay (\S+)/g)].map(([, path]) => path as string);
    const pages = [...one.out.matchAll(/report {3}(\S+)/g)].map(([, path]) => path as string);
    expect(commands).toHaveLength(findings.length);
    expect(orrery('replay', commands[0] as string).out).toContain('replay: identical');
    expect(orrery('replay', pages[0] as string).out).toContain('replay: identical');
    const page = readFileSync(join(folder, 'one/pair-x.search.html'), 'utf8');
    expect(page.includes('<script')).toBe(false);
    const linked = [...page.matchAll(/href="([^"]*)"/g)].map(([, path]) => `one/${path}`);
    expect(linked).toEqual(pages);
  });

  test('shards are merged into what one search would have seen, each shard once', () => {
    const common = ['search', 'pair.ts', '--seed', 'y', '--schedules', '31', '--jobs', '1', '--profile', 'crashes'];
    orrery(...common, '--out', 'whole');
    orrery(...common, '--shard', '1/2', '--out', 'parts');
    orrery(...common, '--shard', '2/2', '--out', 'parts');
    const [first, second] = ['parts/pair-y-1of2.search.json', 'parts/pair-y-2of2.search.json'];
    const { code, out } = orrery('merge', first, second, '--out', 'merged.search.json');
    expect(code).toBe(1);
    const [merged, whole] = [summaryIn('merged.search.json'), summaryIn('whole/pair-y.search.json')];
    const seen = ({ findings, extraRuns: _runs, ...rest }: SearchSummary) => ({
      ...rest,
      findings: new Set(findings.map(({ property, signature }) => [property, signature].join(': '))),
    });
    expect({ ...seen(merged), parts: 0 }).toEqual({ ...seen(whole), parts: 0 });
    expect(out).toContain('31 schedules');
    expect(existsSync(join(folder, 'merged.search.html'))).toBe(true);
    expect(orrery('merge', first, first)).toMatchObject({
      code: 2,
      err: expect.stringContaining('shard: got "1/2", expected each shard once'),
    });
    expect(orrery('merge', first, '--json').err).toContain('1 of 2 shards');
    for (const field of Object.keys(merged)) {
      expect(() => parseSearchFile({ ...merged, [field]: null }, 'a.json')).toThrow(`a.json: ${field}: got null`);
    }
  });

  test('ends with the first failure when asked to', () => {
    const { out } = orrery('search', 'pair.ts', '--seed', 'x', '--bail', '--json', '--no-minimise', '--jobs', '2');
    const { schedules, violated, findings } = JSON.parse(out) as SearchSummary;
    expect(violated).toBe(1);
    expect(findings[0]?.index).toBe(schedules - 1);
    expect(findings[0]?.schedule).toEqual(findings[0]?.drawn);
  });

  test('a run that breaks off is a finding, and its command breaks off again', () => {
    const broken = PAIR.replace('LEAK', '0').replace("!== 'paused'", "!== 'paused' || boom()");
    writeFileSync(join(folder, 'broken.ts'), `${broken}\nfunction boom(): never { throw new Error('boom'); }\n`);
    const { code, out } = orrery('search', 'broken.ts', '--seed', 'x', '--schedules', '20', '--profile', 'crashes');
    expect(code).toBe(1);
    expect(out).toContain('✗ the run ends without an error  seed x/12  broke off');
    const command = /replay {3}orrery (run .*)/.exec(out)?.[1] as string;
    expect(orrery(...command.split(' '))).toMatchObject({ code: 2, err: expect.stringContaining('boom') });
  });

  test('a scenario that no fault may strike is exit 4', () => {
    const spared = PAIR.replace('LEAK', '0').replace('false,', 'false, nemesis: { limits: { families: [] } },');
    writeFileSync(join(folder, 'spared.ts'), spared);
    expect(orrery('search', 'spared.ts', '--profile', 'crashes')).toMatchObject({
      code: 4,
      err: expect.stringContaining('no fault of crashes can strike spared.ts'),
    });
  });

  test('Ctrl-C ends a search without an end, and keeps what was found', async () => {
    const child = spawn(
      process.execPath,
      [BIN, ...['search', 'pair.ts', '--seed', 'x', '--time', '1h', '--jobs', '2', '--out', 'cut']],
      { cwd: folder, env },
    );
    let out = '';
    child.stdout.on('data', (text: Buffer) => void (out += text.toString()));
    let interrupted = false;
    child.stderr.on('data', (text: Buffer) => {
      if (interrupted || !/ [1-9]\d* finding/.test(text.toString())) return;
      interrupted = child.kill('SIGINT');
    });
    const code = await new Promise((done) => child.on('close', done));
    expect(code).toBe(130);
    expect(out).toContain('is never paused  seed x/');
    expect(summaryIn('cut/pair-x.search.json').findings.length).toBeGreaterThan(0);
    expect(readdirSync(join(folder, 'cut')).filter((name) => name.endsWith('.repro.json')).length).toBeGreaterThan(1);
  });

  test('the determinism guard finds what leaks from one run into the next, and accepts what does not', () => {
    const common = ['--seed', 'z', '--schedules', '4', '--jobs', '1', '--check-determinism', '--no-minimise'];
    const leaky = orrery('search', 'leak.ts', ...common);
    expect(leaky.code).toBe(5);
    expect(leaky.out).toMatch(/✗ not deterministic {2}schedule \d+ runs otherwise in a fresh worker/);
    expect(leaky.out).toMatch(
      /event \d+ is the first that differs\n.*worn worker .*"beats".*\n.*fresh worker .*"beats"/,
    );
    expect(orrery('search', 'pair.ts', ...common).out).toContain('✓ deterministic: 4 schedules');
  });

  test.each([
    [['search'], 2, 'Not enough non-option arguments'],
    [['search', 'split-brian'], 2, 'did you mean split-brain?'],
    [['search', 'split-brain', '--shedules', '3'], 2, 'did you mean --schedules?'],
    [['search', 'split-brain', '--schedules', '0'], 2, '--schedules: got 0, expected a whole number of at least 1'],
    [['search', 'split-brain', '--jobs', '1.5'], 2, '--jobs: got 1.5'],
    [['search', 'split-brain', '--time', 'soon'], 2, '--time: got "soon"'],
    [['search', 'split-brain', '--shard', '3/2'], 2, '--shard: got "3/2"'],
    [['search', 'split-brain', '--profile', 'crash'], 2, '--profile: got "crash", expected one of crashes'],
    [['search', 'split-brain', '--param', 'nodes=many'], 2, 'params.nodes: got "many"'],
    [['search', 'split-*'], 2, 'expected one scenario, not 2: split-brain, split-brain-fenced'],
    [['merge', 'none.search.json'], 2, 'search file: got "none.search.json", expected a readable file'],
    [['merge', 'package.json'], 2, 'package.json: schemaVersion'],
  ])('%j ends with %i and one line', async (args, code, message) => {
    const err: string[] = [];
    const terminal = { out: () => undefined, err: (line: string) => void err.push(line), colour: false };
    expect(await main(args, terminal)).toBe(code);
    expect(err).toEqual([expect.stringContaining(message)]);
  });
});
