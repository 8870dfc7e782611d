/** The options of `npm run bench`, and its guard against regressions. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { baselineText, best, guardText, judge, MARGIN, middle, ratiosOf, readBaseline } from '../../bench/guard.ts';
import { guard, GUARDED, newBaseline } from '../../bench/guard-run.ts';
import { readOptions } from '../../bench/options.ts';
import type { Entry, Line, Row } from '../../bench/row.ts';
import { ROWS } from '../../bench/rows.ts';
import { spreadOf } from '../../bench/statistics.ts';

const lineOf = (ratio: number, work = 'work'): Line => ({
  work,
  cost: spreadOf([100, 130]),
  reference: spreadOf([100 * ratio, 190 * ratio]),
  unit: '×',
});

const row = (name: string): Row => ({ name, measure: () => [] });

describe('the options', () => {
  const rows = ['timers', 'ring', 'flows'].map(row);

  test('without any, every row is measured and shown as a table', () => {
    expect(readOptions([], rows)).toEqual({ task: 'measure', quick: false, json: false, rows });
  });

  test('rows are chosen by name, and keep their order', () => {
    const { rows: chosen, quick, json } = readOptions(['--only', 'flows', '--only=timers', '--quick', '--json'], rows);
    expect(chosen.map(({ name }) => name)).toEqual(['timers', 'flows']);
    expect([quick, json]).toEqual([true, true]);
  });

  test('an unknown row is answered with the names of the rows', () => {
    expect(() => readOptions(['--only', 'rings'], rows)).toThrow(
      '--only: got "rings", expected one of the rows timers, ring, flows',
    );
  });

  test.each([
    [['--qick'], '--help lists'],
    [['extra'], '--help lists'],
    [['--only'], '--help lists'],
    [['--guard', '--json'], '--json: got true, expected nothing else beside --guard'],
    [['--write-baseline', '--only', 'timers'], '--only: got ["timers"], expected nothing else beside --write-baseline'],
    [['--guard', '--write-baseline'], 'expected one of --guard and --write-baseline'],
  ])('%j is refused', (args, message) => {
    expect(() => readOptions(args, rows)).toThrow(message);
  });

  test('each task has its option', () => {
    expect(readOptions(['--guard'], rows).task).toBe('guard');
    expect(readOptions(['--write-baseline'], rows).task).toBe('write-baseline');
    expect(readOptions(['-h', '--quick'], rows).task).toBe('help');
  });

  test('rows have names of their own, and the guard knows its rows', () => {
    const names = ROWS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toEqual(expect.arrayContaining(GUARDED));
  });
});

describe('a ratio', () => {
  test('is taken of the fastest round of each side, of the lines that have a reference', () => {
    const entries: readonly Entry[] = [
      lineOf(0.8),
      { work: 'memory', figure: spreadOf([80]), unit: 'MiB' },
      { table: 'searches', scenario: 'canary' },
    ];
    expect(ratiosOf(entries)).toEqual({ work: 0.8 });
  });

  test('of several measurements is the best, or the one in the middle', () => {
    const three = [{ a: 1, b: 5 }, { a: 3, b: 4 }, { a: 2, b: 9 }]; // prettier-ignore
    expect(best(three)).toEqual({ a: 3, b: 9 });
    expect(middle(three)).toEqual({ a: 2, b: 5 });
    expect(() => best([{ a: 1 }, {}])).toThrow('a line that is not always there: a');
  });
});

describe('the judgement', () => {
  const baseline = { ring: { 'per event': 1 } };

  test('is against the margin, exactly', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.01, max: 10, noNaN: true }),
        fc.double({ min: 0.01, max: 10, noNaN: true }),
        (before, now) => {
          const [one] = judge('ring', { ring: { work: before } }, { work: now });
          expect(one?.ok).toBe(now >= MARGIN * before);
        },
      ),
    );
    expect(judge('ring', baseline, { 'per event': MARGIN })[0]?.ok).toBe(true);
    expect(judge('ring', baseline, { 'per event': MARGIN - 1e-9 })[0]?.ok).toBe(false);
  });

  test('a line without a baseline, or a baseline without its line, is an error that says what to do', () => {
    expect(() => judge('ring', baseline, { 'per event': 1, other: 2 })).toThrow(
      'baseline of row ring: got undefined, expected a ratio for "other", as npm run bench -- --write-baseline writes it',
    );
    expect(() => judge('timers', baseline, { other: 2 })).toThrow('baseline of row timers');
    expect(() => judge('ring', baseline, {})).toThrow(
      'baseline of row ring: got "per event", expected only lines that the row still has',
    );
  });

  test('names row, baseline, what was measured, and the margin', () => {
    const judgements = [
      ...judge('ring', baseline, { 'per event': 0.9 }),
      ...judge('mm1', { mm1: { 'per job': 0.1 } }, { 'per job': 0.05 }),
    ];
    expect(guardText(judgements)).toBe(
      [
        'row   work       baseline  measured  of it',
        'ring  per event     1.00×    0.900×   90 %  ok',
        'mm1   per job      0.100×   0.0500×   50 %  SLOWER',
        '',
        "SLOWER: mm1, per job: 0.0500× of its reference's speed, 50 % of the baseline 0.100×; at least 0.0600× (60 %) is asked",
        '',
      ].join('\n'),
    );
    expect(guardText(judgements.slice(0, 1))).toContain('all 1 ratios are at least 60 % of their baselines\n');
  });

  test('a row that has become much faster is shown, because its baseline no longer guards it', () => {
    const text = guardText([
      ...judge('ring', baseline, { 'per event': 1.66 }),
      ...judge('ring', baseline, { 'per event': 1.67 }),
    ]);
    expect(text).toContain('166 %  ok\n');
    expect(text).toContain('167 %  faster\n');
    expect(text).toContain('\nall 2 ratios are at least 60 % of their baselines\n');
    expect(text).toContain('\n1 far above: the baseline is to be written anew, as npm run bench -- --write-baseline');
  });
});

describe('the guard', () => {
  /** Rows whose measurements are written down: a ratio for each time that they are measured. */
  const scripted = (ratios: Readonly<Record<string, readonly number[]>>) => {
    const asked: string[] = [];
    const measure = ({ name }: Row) => {
      const turn = asked.filter((before) => before === name).length;
      asked.push(name);
      return { row: name, peak: 50, entries: [lineOf(ratios[name]?.[turn] ?? NaN)] };
    };
    return { asked, measure };
  };
  const baseline = { a: { work: 1 }, b: { work: 1 } };
  const rows = [row('a'), row('b')];

  test('measures a row once when it is fast enough', () => {
    const { asked, measure } = scripted({ a: [0.9], b: [1.2] });
    const judgements = guard(rows, baseline, measure, () => undefined);
    expect(judgements.map(({ ok }) => ok)).toEqual([true, true]);
    expect(asked).toEqual(['a', 'b']);
  });

  test('believes that a row is slower only after three measurements, and forgives one that was disturbed', () => {
    const { asked, measure } = scripted({ a: [0.3, 0.7], b: [0.2, 0.5, 0.4] });
    const again: string[] = [];
    const judgements = guard(rows, baseline, measure, (slower) => again.push(...slower.map((one) => one.row)));
    expect(judgements).toEqual([
      { row: 'a', work: 'work', baseline: 1, measured: 0.7, ok: true },
      { row: 'b', work: 'work', baseline: 1, measured: 0.5, ok: false },
    ]);
    expect(asked).toEqual(['a', 'a', 'b', 'b', 'b']);
    expect(again).toEqual(['a', 'b', 'b']);
  });

  test('refuses a baseline with rows that it does not know', () => {
    const { measure } = scripted({ a: [1] });
    expect(() => guard([row('a')], baseline, measure, () => undefined)).toThrow(
      'baseline: got "b", expected only rows that the guard measures (a), as npm run bench -- --write-baseline writes it',
    );
  });

  test('a new baseline is the median of three measurements', () => {
    const { measure } = scripted({ a: [1, 3, 2], b: [4, 4, 5] });
    expect(newBaseline(rows, measure)).toEqual({ a: { work: 2 }, b: { work: 4 } });
  });
});

describe('a baseline', () => {
  test('is read as it was written, to three digits', () => {
    const text = baselineText({ ring: { 'per event': 1.23456, 'per job': 0.0123456 } });
    expect(readBaseline(text, 'baseline.json')).toEqual({ ring: { 'per event': 1.23, 'per job': 0.0123 } });
  });

  test.each([
    [undefined, 'baseline.json: got undefined, expected a file, as npm run bench -- --write-baseline writes it'],
    ['{"ratios": ', 'expected JSON, as npm run bench'],
    ['null', 'baseline.json: ratios: got undefined, expected ratios by row and by work'],
    ['{"ratios": [1]}', 'baseline.json: ratios: got [1]'],
    ['{"ratios": {"ring": 1}}', 'baseline.json: ratios.ring: got 1, expected ratios by work'],
    ['{"ratios": {"ring": {"w": "1"}}}', 'baseline.json: ratios.ring["w"]: got "1", expected a number above 0'],
    ['{"ratios": {"ring": {"w": 0}}}', 'baseline.json: ratios.ring["w"]: got 0, expected a number above 0'],
  ])('that is missing or makes no sense is refused: %j', (text, message) => {
    expect(() => readBaseline(text, 'baseline.json')).toThrow(message);
  });
});
