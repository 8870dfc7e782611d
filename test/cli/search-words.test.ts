/** Words about searches: those that are refused, and those that are said. */
import { spawnSync } from 'node:child_process';
import { describe, expect, test } from '@jest/globals';
import { parseSearchFile } from '../../cli/search/search-file.ts';
import { endedText } from '../../reports/search/finding-words.ts';
import type { Finding } from '../../sim/index.ts';
import { attempt } from '../support/attempt-command.ts';

test.each([
  [['--schedules', '1e17'], '--schedules: got 100000000000000000, expected a whole number of at least 1 and at most'],
  [['--jobs', 'Infinity'], '--jobs: got Infinity'],
  [['--budget', 'Infinity'], '--budget: got Infinity'],
  [['--futures', 'Infinity'], '--futures: got Infinity'],
  [['--no-minimise', '--budget', '-1'], '--budget: got -1'],
  [['--profile', 'crashes', '--profile', 'crashes'], '--profile: got "crashes", expected each profile once'],
])('orrery search refuses %j', async (args, message) => {
  const { code, err } = await attempt(['search', 'split-brain', ...args]);
  expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining(message) });
});

describe('the note on how minimising ended', () => {
  const note = (ended: string, runs: number) => endedText({ minimising: { ended, runs } } as unknown as Finding);

  test('says nothing of a budget when nothing was minimised', () => {
    expect(note('budget', 3)).toBeUndefined();
  });

  test('counts the runs that verify beside those of the budget', () => {
    expect(note('budget', 8)).toContain('8 runs, with those that verify the result');
  });

  test('says when an interruption left no time for it', () => {
    expect(note('stopped', 3)).toContain('interrupted before it was minimised');
  });
});

describe('a search file', () => {
  const refusal = (path: readonly string[], value: unknown): string => {
    const file = structuredClone(FILE) as Record<string, unknown>;
    let at = file;
    for (const key of path.slice(0, -1)) at = at[key] as Record<string, unknown>;
    at[path.at(-1) as string] = value;
    try {
      parseSearchFile(file, 'a.json');
      return 'none';
    } catch (error) {
      return (error as Error).message;
    }
  };

  test.each([
    [['seed'], 's', 'none'],
    [['coverage'], undefined, 'a.json: coverage: got undefined, expected an object'],
    [['events'], -1, 'a.json: events: got -1, expected a whole number of at least 0'],
    [['events'], 1.5, 'a.json: events: got 1.5, expected a whole number of at least 0'],
    [['findings'], {}, 'a.json: findings: got {}, expected a list'],
    [
      ['findings', '0', 'inevitability'],
      { x: 1 },
      'a.json: findings.0.inevitability.points: got undefined, expected it to be there',
    ],
    [['parts'], [{ number: 9, of: 3 }], 'a.json: parts.0: got "9/3", expected i/n with 1 ≤ i ≤ n'],
    [['parts'], [{ number: 0, of: 0 }], 'a.json: parts.0: got "0/0", expected i/n with 1 ≤ i ≤ n'],
    [
      ['parts'],
      [
        { number: 1, of: 2 },
        { number: 1, of: 2 },
      ],
      'a.json: parts.1: got "1/2", expected each shard once',
    ],
  ])('with %j: %j is answered by field, value and what was expected', (path, value, message) => {
    expect(refusal(path, value)).toBe(message);
  });
});

test('the table of mutants refuses options that it does not know, in one line', () => {
  const { status, stderr } = spawnSync(process.execPath, ['dist/bench/mutants.js', '--nonsense'], { encoding: 'utf8' });
  expect(status).toBe(2);
  expect(stderr).toMatch(/^options: got "--nonsense", expected --only and --seeds .*\n$/);
});

const FILE = {
  ...{ schemaVersion: 1, version: '0', scenario: 'a', question: 'q', seed: 's', profile: 'p', params: {} },
  ...{ schedules: 1, held: 0, violated: 1, undecided: 0, broke: 0, virtualTime: 1, events: 1, extraRuns: 3 },
  findings: [
    {
      ...{ property: 'p', signature: 'p', message: 'm', count: 1, index: 0, seed: 's/0', drawn: [], schedule: [] },
      ...{ causes: [], minimising: { runs: 3, ended: 'done' }, necessity: [] },
    },
  ],
  notReproduced: [],
  coverage: { schedules: 1, virtualTime: 1, cells: {}, phases: {}, sometimes: {}, faults: {}, mixes: {} },
  ...{ reach: {}, gaps: { cells: [], sometimes: [] }, parts: [{ number: 1, of: 1 }], unexamined: 0 },
};
