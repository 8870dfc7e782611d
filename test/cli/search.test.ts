import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { main } from '../../cli/main.ts';
import { Findings } from '../../cli/search/findings.ts';
import { parseSearchFile } from '../../cli/search/search-file.ts';
import type { Investigation } from '../../cli/search/search-task.ts';
import { PROFILES, type Finding, type SearchOutcome, type SearchSummary } from '../../sim/index.ts';

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

/** Two read, add one and write: with a bound on flight there are 9 events in two chains, and so 126 orders. */
const TALLY = `
import { always, defineActor, defineScenario, flag, holds, ms, s, type NodeRef } from 'orrery';
interface Cell {
  get(payload: object): { value: number };
  set(payload: { value: number }): object;
  add(payload: object): object;
}
const cell = defineActor<{ value: number }, Cell>({
  role: 'cell',
  init: () => ({ value: 0 }),
  on: {
    get: (state) => ({ value: state.value }),
    set(state, { value }) { state.value = value; return {}; },
    add(state) { state.value += 1; return {}; },
  },
});
const adder = (to: NodeRef<Cell>, begin: number, atOnce: boolean) =>
  defineActor<{ done: boolean }, object>({
    role: 'adder',
    init: () => ({ done: false }),
    start: (_state, ctx) =>
      void ctx.spawn(
        (function* () {
          yield* ctx.sleep(begin);
          if (atOnce) yield* ctx.call(to, 'add', {}, { deadline: s(5) });
          else {
            const { value } = yield* ctx.call(to, 'get', {}, { deadline: s(5) });
            yield* ctx.call(to, 'set', { value: value + 1 }, { deadline: s(5) });
          }
          ctx.update((state) => { state.done = true; });
        })(),
      ),
  });
export default defineScenario({
  name: 'tally',
  question: 'Does the cell count each adder?',
  params: { atOnce: flag(false) },
  duration: s(10),
  recovery: false,
  expect: holds(),
  build({ world, params }) {
    const to = world.node('cell', { actor: cell });
    const adders = world.refs<object>('a', 2);
    for (const [i, ref] of adders.entries()) world.node(ref, { actor: adder(to, ms(20) * i, params.atOnce) });
    return { to, adders };
  },
  checks: ({ to, adders }) => [
    always('each adder counts', (view) => {
      const done = adders.filter((ref) => view.state<{ done: boolean }>(ref)?.done).length;
      return (view.state<{ value: number }>(to)?.value ?? 0) >= done;
    }),
  ],
});
`;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'orrery-search-'));
  writeFileSync(join(folder, 'pair.ts'), PAIR.replace('LEAK', '0'));
  writeFileSync(join(folder, 'tally.ts'), TALLY);
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
    // Files say where the scenario lies relative to themselves.
    const seen = ({ findings, extraRuns: _runs, ...rest }: SearchSummary) => ({
      ...rest,
      file: 0,
      findings: new Set(findings.map(({ property, signature }) => [property, signature].join(': '))),
    });
    expect({ ...seen(merged), parts: 0 }).toEqual({ ...seen(whole), parts: 0 });
    expect(out).toContain('31 schedules');
    expect(existsSync(join(folder, 'merged.search.html'))).toBe(true);
    const [, repro = ''] = /replay {3}orrery replay (\S+)/.exec(out) ?? [];
    expect(orrery('replay', repro).out).toContain('replay: identical');
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
    expect(out).toContain('✗ the run ends without an error: Error: boom  seed x/12  broke off');
    const command = /replay {3}orrery (run .*)/.exec(out)?.[1] as string;
    expect(orrery(...command.split(' '))).toMatchObject({ code: 2, err: expect.stringContaining('boom') });
  });

  test('shows when a failure became inevitable, on the terminal, in the file and on the page', () => {
    const common = ['search', 'pair.ts', '--seed', 'x', '--schedules', '20', '--profile', 'crashes'];
    const { out } = orrery(...common, '--jobs', '2', '--futures', '2', '--out', 'futures');
    expect(out).toMatch(/future {3}[▁-█]{9} {2}\w.*\n.*9 instants from 0\.0000 s to \d+\.\d+ s, 2 futures each/);
    const [finding] = summaryIn('futures/pair-x.search.json').findings;
    expect(finding?.inevitability).toMatchObject({ runs: 18, complete: true });
    const page = readFileSync(join(folder, 'futures/pair-x.search.html'), 'utf8');
    expect(page).toContain('When it became inevitable');
    expect(page).toContain('</svg>');
    expect(readFileSync(join(folder, 'futures/pair-x.search.md'), 'utf8')).toContain('| 0.0000 s |');
  });

  test('its help names every profile', () => {
    const help = orrery('search', '--help').out.replace(/\s+/g, ' ');
    expect(help).toContain(`taken in turn: ${Object.keys(PROFILES).join(', ')}.`);
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
    [['search', 'split-brain', '--futures', '-1'], 2, '--futures: got -1, expected a whole number of at least 0'],
    [['search', 'split-brain', '--time', '0s'], 2, '--time: got "0s", expected longer than nothing'],
    [['search', 'split-brain', '--budget', 'x'], 2, '--budget: got'],
    [['search', 'split-brain', '--drops', '1'], 2, '--drops: got 1, expected not to be there: it goes with --order'],
    [['search', 'split-brain', '--order', 'dfs'], 2, 'Choices: "random", "pct", "exhaustive"'],
    [
      ['search', 'split-brain', '--order', 'pct', '--profile', 'mixed'],
      2,
      '--profile: got ["mixed"], expected not to be',
    ],
    [['search', 'split-brain', '--order', 'random', '--depth', '2'], 2, 'it goes with --order pct'],
    [['search', 'split-brain', '--order', 'pct', '--no-prune'], 2, 'it goes with --order exhaustive'],
    [
      ['search', 'split-brain', '--order', 'pct', '--depth', '0'],
      2,
      '--depth: got 0, expected a whole number of at least 1',
    ],
    [['search', 'split-brain', '--order', 'pct', '--latency', '5ms..1ms'], 2, '--latency: got "5ms..1ms"'],
    [['search', 'split-brain', '--order', 'pct', '--faults', 'no.json'], 2, '--faults: got "no.json"'],
    [['search', 'split-brain*'], 2, 'expected one scenario, not 2: split-brain, split-brain-fenced'],
    [['merge', 'none.search.json'], 2, 'search file: got "none.search.json", expected a readable file'],
    [['merge', 'package.json'], 2, 'package.json: schemaVersion'],
  ])('%j ends with %i and one line', async (args, code, message) => {
    const err: string[] = [];
    const terminal = { out: () => undefined, err: (line: string) => void err.push(line), colour: false };
    expect(await main(args, terminal)).toBe(code);
    expect(err).toEqual([expect.stringContaining(message)]);
  });
});

describe('orrery search --order', () => {
  const common = ['search', 'tally.ts', '--seed', '1', '--latency', '..50ms'];

  test('goes through every order, shows the one nearest to the ordinary course, and replays it', () => {
    const { code, out } = orrery(...common, '--order', 'exhaustive', '--no-prune', '--out', 'orders');
    expect(code).toBe(1);
    expect(out).toContain('✗ each adder counts  seed 1  at 0.0200 s  in 100 of 126 orders');
    expect(out).toMatch(/order {4}1 deviation\n +wake of a2 \(a2@1\) comes before set a1→cell \(a1→cell#2\)/);
    expect(out).toContain('complete: every order that these rules allow was tried');
    const [, repro = ''] = /replay {3}orrery replay (\S+)/.exec(out) ?? [];
    const [, page = ''] = /report {3}(\S+)/.exec(out) ?? [];
    expect(orrery('replay', repro).out).toContain('replay: identical');
    expect(orrery('replay', page).out).toContain('replay: identical');
    const index = readFileSync(join(folder, 'orders/tally-1.orders.html'), 'utf8');
    expect(index).toContain(`href="${page.replace('orders/', '')}"`);
    expect(index.includes('<script')).toBe(false);
    expect(readFileSync(join(folder, 'orders/tally-1.orders.md'), 'utf8')).toContain('1. wake of a2');
    expect(orrery('replay', 'orders/tally-1.orders.json')).toMatchObject({
      code: 2,
      err: expect.stringContaining('expected the repro of one finding'),
    });
  });

  test('says that a design without the flaw holds in every order, and never that drawn orders were all', () => {
    const sound = orrery(...common, '--param', 'atOnce=true', '--order', 'exhaustive', '--json', '--out', 'sound');
    expect(sound.code).toBe(0);
    expect(JSON.parse(sound.out)).toMatchObject({ complete: true, violated: 0, kind: 'orders', file: '../tally.ts' });
    const drawn = orrery(...common, '--order', 'pct', '--depth', '2', '--runs', '40', '--out', 'sound');
    expect(drawn.code).toBe(1);
    expect(drawn.out).toContain('40 orders (pct, depth 2)');
    expect(drawn.out).toMatch(
      /not complete: orders were drawn, not gone through; one run finds a bug of depth 2 with a chance of at least 1 in \d+/,
    );
    const bounded = orrery(...common, '--order', 'exhaustive', '--deviations', '0', '--out', 'sound');
    expect(bounded).toMatchObject({ code: 0, out: expect.stringContaining('there are orders beyond them') });
  });

  test('takes faults of its own, and ends when its time is up', () => {
    const faults = '[{"kind":"crash","node":"a2","at":"10ms"}]';
    const crashed = orrery(...common, '--order', 'exhaustive', '--faults', faults, '--json', '--out', 'crashed');
    expect(JSON.parse(crashed.out)).toMatchObject({ complete: true, violated: 0, schedule: [{ kind: 'crash' }] });
    const unknown = orrery(...common, '--order', 'random', '--faults', faults.replace('a2', 'a9'), '--out', 'crashed');
    expect(unknown).toMatchObject({ code: 2, err: expect.stringContaining('a9') });
    const timed = orrery(...common, '--order', 'random', '--runs', '100000000', '--time', '300ms', '--out', 'timed');
    expect(timed.out).toContain('not complete: it was ended early');
  });
});

describe('the failures of a search', () => {
  const crash = [{ id: 'F1', kind: 'crash', node: 'n1', at: '1s', for: '1s' }];
  const outcome = (index: number, violated: readonly string[]): SearchOutcome =>
    ({ index, seed: `s/${index}`, schedule: crash, status: 'violated', violated }) as unknown as SearchOutcome;
  const answer = (index: number, property: string, runs: number): Investigation => {
    const causes = ['crash@server'];
    const finding = { property, signature: property, causes, index, count: 1, schedule: crash } as unknown as Finding;
    return { begun: true, finding, runs };
  };

  test('are looked into by property, once each, and guessed at only by workers with nothing else to do', () => {
    const nodes = [{ id: 'n1', role: 'server', zone: 'z', region: 'r' }];
    const findings = new Findings({ nodes, minimised: true });
    findings.add(outcome(0, ['a', 'b']));
    expect(findings.wanted(2, false)).toEqual([
      { index: 0, property: 'a' },
      { index: 0, property: 'b' },
    ]);
    findings.answer({ index: 0, property: 'a' }, answer(0, 'a', 5));
    findings.add(outcome(1, ['a', 'b']));
    expect(findings.wanted(2, false)).toEqual([{ index: 0, property: 'b' }]);
    expect(findings.wanted(2, true)).toEqual([
      { index: 0, property: 'b' },
      { index: 1, property: 'b' },
    ]);
    findings.answer({ index: 1, property: 'b' }, answer(1, 'b', 100));
    findings.answer({ index: 0, property: 'b' }, answer(0, 'b', 7));
    expect(findings.wanted(2, true)).toEqual([]);
    expect(findings.found.map(({ property, index, count }) => [property, index, count])).toEqual([
      ['a', 0, 2],
      ['b', 0, 2],
    ]);
    // The guess was in vain, and does not count.
    expect(findings.runs).toBe(12);
  });

  test('that do not fail again are named, each schedule once', () => {
    const findings = new Findings({ nodes: [], minimised: true });
    findings.add(outcome(3, ['a', 'b']));
    for (const property of ['a', 'b']) findings.answer({ index: 3, property }, { begun: true, runs: 0 });
    expect(findings).toMatchObject({ found: [], notReproduced: [3], runs: 0 });
  });
});
