import { describe, expect, test } from '@jest/globals';
import { attempt } from '../support/attempt-command.ts';

describe('an option that takes one value', () => {
  test.each([
    [['search', 'split-brain', '--out', 'x', '--out', ''], '--out: got ["x",""]'],
    [['search', 'split-brain', '-o', 'x', '--out', 'y'], '--out: got ["x","y"]'],
    [['search', 'split-brain', '--seed', 'a', '--seed', 'b'], '--seed: got ["a","b"]'],
    [['search', 'split-brain', '--schedules', '1', '--seeds', '2'], '--schedules: got [1,2]'],
    [['search', 'split-brain', '--order', 'pct', '--order', 'pct'], '--order: got ["pct","pct"]'],
    [['run', 'split-brain', '--faults', '[]', '--faults', '[]'], '--faults: got ["[]","[]"]'],
    [['replay', 'last', '--pages', 'seed', '--pages', 'seed'], '--pages: got ["seed","seed"]'],
    [['export', 'split-brain', '--format', 'csv', '--seed', 'a', '--seed', 'b'], '--seed: got ["a","b"]'],
    [['sweep', 'split-brain', '--warm-up', '1s', '--warm-up', '2s'], '--warm-up: got ["1s","2s"]'],
    [['compare', 'a', 'b', '-n', '1', '-n', '2'], '--replications: got [1,2]'],
    [['capacity', 'a', '--slo', 'x', '--slo', 'y', '--load', 'a', '--load', 'b'], '--load: got ["a","b"]'],
    [['merge', 'a', 'b', '--scenario', 'a', '--scenario', 'b'], '--scenario: got ["a","b"]'],
    [['check-history', 'a', '--model', 'a', '-m', 'b'], '--model: got ["a","b"]'],
  ])('is refused when it is given twice: %j', async (args, message) => {
    const { code, err } = await attempt(args);
    expect({ code, err }).toEqual({
      code: 2,
      err: `orrery: ${message}, expected one value: it was given several times`,
    });
  });
});

test('an option that is a list may be given several times', async () => {
  const params = ['--param', 'clients=3', '-p', 'nodes=many'];
  const { err } = await attempt(['run', 'split-brain', '--reporter', 'silent', '--reporter', 'list', ...params]);
  expect(err).not.toContain('several times');
});

test('a flag may be given several times', async () => {
  expect(await attempt(['list', '--json', '--json'])).toMatchObject({ code: 0 });
});
