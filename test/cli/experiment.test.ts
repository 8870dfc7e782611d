import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { attempt } from '../support/attempt-command.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'orrery-experiment-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function orrery(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const { code, out, err } = await attempt(args);
  return { code, out: out.join('\n'), err };
}

const SMALL = ['--seed', 's', '-n', '2'];

describe('orrery sweep', () => {
  test('prints a line for each combination, with intervals, and the same again for the same seed', async () => {
    const words = [
      'sweep',
      'lease-drift',
      ...SMALL,
      '-g',
      'term=500ms,1s',
      '-g',
      'driftPpm=-300000..0:300000',
      '-f',
      'ok',
    ];
    const [once, again] = [await orrery(...words), await orrery(...words)];
    expect(once.code).toBe(0);
    expect(once.err).toContain('seed s · lease-drift · 4 places × 2');
    const lines = once.out.split('\n');
    expect(lines[0]).toMatch(/^ +term +driftPpm +ok +answers$/);
    expect(lines.slice(1).map((line) => line.trim().split(/ {2,}/).slice(0, 2))).toEqual([
      ['500 ms', '-300000'],
      ['500 ms', '0'],
      ['1 s', '-300000'],
      ['1 s', '0'],
    ]);
    for (const line of lines.slice(1)) expect(line).toMatch(/ ± /);
    expect(again.out).toBe(once.out);
  });

  test('writes JSON, CSV and a page in one go', () => {
    const words = ['sweep', 'lease-drift', ...SMALL, '-g', 'term=500ms,1s', '-f', 'goodput'];
    const reporters = ['-r', 'json=sweep.json', '-r', 'html=sweep.html', '-r', 'csv'];
    // The built command line: pages need what the build makes of the style.
    const built = [resolve('dist/cli/orrery.js'), ...words, ...reporters];
    const { status, stdout } = spawnSync(process.execPath, built, { cwd: folder, encoding: 'utf8' });
    expect(status).toBe(0);
    const document = JSON.parse(readFileSync(join(folder, 'sweep.json'), 'utf8')) as {
      places: { at: object; figures: { goodput: { n: number } } }[];
    };
    expect(document.places.map(({ at, figures }) => [at, figures.goodput.n])).toEqual([
      [{ term: 500_000 }, 2],
      [{ term: 1_000_000 }, 2],
    ]);
    expect(stdout.split(/\r?\n/)[0]).toBe('term,figure,n,mean,half_width_95,min,max,held,violated,undecided');
    const text = readFileSync(join(folder, 'sweep.html'), 'utf8');
    expect(text).toContain('<svg');
    expect(text).toContain('orrery sweep lease-drift --seed s -n 2 -g term=500ms,1s');
    expect(text).toContain('Content-Security-Policy');
  });

  test.each([
    [['-g', 'term'], /--grid.*term.*name=v1,v2/],
    [['-g', 'term=1s,,2s'], /--grid.*between the commas/],
    [['-g', 'term=1s', '-g', 'term=2s'], /--grid.*term once/],
    [['-g', 'terms=1s'], /grid\.terms.*did you mean "term"/],
    [['-g', 'driftPpm=0..-5:1'], /--grid.*from at most to/],
    [['-r', 'cvs'], /--reporter.*did you mean csv/],
    [['-r', 'csv', '-r', 'json'], /--reporter.*one on stdout/],
    [['-f', 'goodputs'], /figures.*goodputs.*did you mean "goodput"/],
    [['-n', '0.5'], /replications.*0\.5/],
    [['--warm-up', 'soon'], /warmUp.*soon/],
  ])('refuses %j with exit code 2', async (words, message) => {
    const { code, err, out } = await orrery('sweep', 'lease-drift', '--seed', 's', '-n', '1', ...words);
    expect(err).toMatch(message);
    expect([code, out]).toEqual([2, '']);
  });
});

describe('orrery compare', () => {
  test('says of each figure whether the second design differs beyond chance', async () => {
    const { code, out } = await orrery('compare', 'lease-drift', 'lease-drift-fenced', ...SMALL, '-f', 'ok');
    expect(code).toBe(0);
    const lines = out.split('\n');
    expect(lines[0]).toMatch(/lease-drift +lease-drift-fenced +difference +lease-drift-fenced is$/);
    expect(lines[1]).toMatch(/^ok .* (higher|lower|the same|not shown to differ)$/);
    expect(lines[2]).toMatch(/^answers +2 violated +2 held/);
  });

  test('takes other parameters for the second of the same', async () => {
    const { code, out } = await orrery(
      'compare',
      'lease-drift',
      'lease-drift',
      ...SMALL,
      '--with',
      'term=2s',
      '-f',
      'ok',
    );
    expect(code).toBe(0);
    expect(out).toContain('lease-drift term=2s');
  });

  test('wants at least two pairs', async () => {
    const { code, err } = await orrery('compare', 'lease-drift', 'lease-drift-fenced', '-n', '1');
    expect(code).toBe(2);
    expect(err).toMatch(/replications.*at least 2/);
  });
});

describe('orrery capacity', () => {
  const words = ['capacity', 'retry-storm-budgeted', '--seed', 's', '-n', '1', '--faults', '[]', '--load', 'rate'];

  test('finds the highest load that meets the objectives', async () => {
    const { code, out } = await orrery(...words, '--slo', 'latency.p50 <= 10ms', '--from', '100', '--precision', '0.1');
    expect(code).toBe(0);
    expect(out).toMatch(/capacity: rate = \d+ \(missed at \d+\)$/);
  });

  test('ends with exit code 1 when not even the least load does', async () => {
    const { code, out } = await orrery(...words, '--slo', 'latency.p50 <= 1us');
    expect(code).toBe(1);
    expect(out).toContain('not even rate = 1 meets the objectives');
  });

  test('names a bad objective', async () => {
    const { code, err } = await orrery(...words, '--slo', 'fast');
    expect(code).toBe(2);
    expect(err).toMatch(/--slo.*fast.*latency\.p99 <= 50ms/);
  });
});

describe('orrery export', () => {
  test('writes a window of a run as trace events', async () => {
    const file = join(folder, 'trace.json');
    const words = ['export', 'lease-drift', '--format', 'perfetto', '--from', '1s', '--to', '2s', '--file', file];
    const { code, err } = await orrery(...words);
    expect([code, err]).toEqual([0, expect.stringMatching(/^perfetto .*trace\.json · digest [0-9a-f]{16}$/)]);
    const { otherData } = JSON.parse(readFileSync(file, 'utf8')) as { otherData: Record<string, unknown> };
    expect(otherData).toMatchObject({ scenario: 'lease-drift', recordedFromUs: 1_000_000, recordedToUs: 2_000_000 });
  });

  test('takes a repro, which says what was run', async () => {
    const out = join(folder, 'found');
    await orrery('run', 'lease-drift', '--seed', 'other', '-r', `html=${out}`);
    const { code, out: csv } = await orrery('export', join(out, 'last.repro.json'), '--format', 'csv');
    expect(code).toBe(0);
    expect(csv.split(/\r?\n/)[0]).toBe('scenario,seed,scope,name,kind,statistic,at_us,value');
    const spans = await orrery('export', join(out, 'last.repro.json'), '--format', 'otlp');
    expect(JSON.parse(spans.out)).toHaveProperty('resourceSpans');
  });

  test.each([
    [['lease-drift', '--format', 'pdf'], /format.*pdf.*perfetto/i],
    [['lease-drift', '--format', 'csv', '--seed', ''], /--seed/],
    [['lease-drift', '--format', 'shiviz', '--from', '2s', '--to', '1s'], /--to.*later than --from/],
    [['nothing.json', '--format', 'csv'], /repro file.*nothing\.json.*no such file/],
  ])('refuses %j with exit code 2', async (words, message) => {
    const { code, err } = await orrery('export', ...words);
    expect(err).toMatch(message);
    expect(code).toBe(2);
  });
});
