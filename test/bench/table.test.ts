import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { contest } from '../../bench/contest.ts';
import { TypedHeap } from '../../bench/reference/typed-heap.ts';
import { ObjectHeap } from '../../bench/reference/object-heap.ts';
import { growthTable } from '../../bench/growth-table.ts';
import { isMet, type GrowthLine, type Line, type SearchLine } from '../../bench/row.ts';
import { searchTable } from '../../bench/search-table.ts';
import { median, perRound, spreadOf } from '../../bench/statistics.ts';
import { summary, table } from '../../bench/table.ts';
import { busyHistory } from '../../bench/workloads/register-histories.ts';
import { checkRegister } from '../../sim/check/linearizability/linearizable-register.ts';

const line = (work: string, figures: readonly number[], rest: Partial<Line> = {}): Line => ({
  work,
  figure: spreadOf(figures),
  unit: '×',
  ...rest,
});

describe('statistics', () => {
  test('the median is the middle value, or the mean of the two in the middle', () => {
    expect(median([5])).toBe(5);
    expect(median([9, 1, 5])).toBe(5);
    expect(median([10, 9, 1, 2])).toBe(5.5);
    expect(() => median([])).toThrow(RangeError);
  });

  test('half of the values lie on either side of the median, and all lie within the spread', () => {
    fc.assert(
      fc.property(fc.array(fc.integer(), { minLength: 1 }), (values) => {
        const { median: middle, min, max } = spreadOf(values);
        expect(values.filter((value) => value < middle).length).toBeLessThanOrEqual(values.length / 2);
        expect(values.filter((value) => value > middle).length).toBeLessThanOrEqual(values.length / 2);
        expect(values.every((value) => value >= min && value <= max)).toBe(true);
        expect(values).toContain(min);
        expect(values).toContain(max);
      }),
    );
  });

  test('a ratio is taken within each round, so that a slow round does not show', () => {
    const ours = [100, 1_000, 100];
    const theirs = [50, 500, 50];
    expect(perRound(ours, theirs, (x, y) => y / x)).toEqual([0.5, 0.5, 0.5]);
    expect(() => perRound([1], [1, 2], (x) => x)).toThrow('1 rounds of one and 2 of the other');
  });
});

describe('a contest', () => {
  test('gives every contestant its turn in every round, warm-up first, and counts per unit', () => {
    const turns: string[] = [];
    const contestant = (name: string) => ({
      run: () => {
        turns.push(name);
        return 1_000_000;
      },
    });
    const times = contest(3, [contestant('a'), contestant('b')]);
    expect(turns.join('')).toBe('ababababab');
    expect(times.map((list) => list.length)).toEqual([3, 3]);
    // A million units in no time at all: far below a nanosecond each.
    expect(times.flat().every((nanoseconds) => nanoseconds >= 0 && nanoseconds < 1)).toBe(true);
  });

  test('believes a contestant that has timed itself', () => {
    const [times] = contest(3, [{ run: () => ({ units: 4, nanoseconds: 100 }) }]);
    expect(times).toEqual([25, 25, 25]);
  });
});

describe('the table', () => {
  const lines: readonly Line[] = [
    line('fast enough', [1.5, 1.2, 1.4], {
      cost: spreadOf([100]),
      reference: spreadOf([140]),
      budget: { sense: 'at least', limit: 1.2 },
    }),
    line('too slow', [0.9], { budget: { sense: 'at least', limit: 1 } }),
    line('small', [400], { unit: 'MiB', budget: { sense: 'at most', limit: 500 } }),
    line('nothing asked', [3], { peak: 81.4 }),
    line('in no time', [0.042, 1.26], { unit: 'ms' }),
    line('faster than life', [7.6], { unit: '× real time' }),
    { work: 'not here', unit: 'ms', skipped: 'there is no folder' },
  ];

  test('a budget is judged by the median, in its own sense', () => {
    expect(lines.map(isMet)).toEqual([true, false, true, undefined, undefined, undefined, undefined]);
  });

  test('shows each row with its spread, its budget, the memory of its process and the verdict', () => {
    expect(table(lines)).toBe(
      [
        'work               ns  reference          result    (min–max)     budget  peak MiB',
        'fast enough       100        140           1.40×  (1.20–1.50)    ≥ 1.20×            met',
        'too slow                                   0.90×  (0.90–0.90)    ≥ 1.00×            NOT MET',
        'small                                    400 MiB    (400–400)  ≤ 500 MiB            met',
        'nothing asked                              3.00×  (3.00–3.00)          –        81',
        'in no time                               0.65 ms   (0.04–1.3)          –',
        'faster than life                  7.6× real time    (7.6–7.6)          –',
        'not here                                                                            skipped: there is no folder',
        '',
      ].join('\n'),
    );
  });

  test('ends with how many budgets are met, and names those that are not', () => {
    expect(summary(lines)).toBe('2 of 3 budgets met; NOT MET: too slow\n');
    expect(summary(lines.slice(0, 1))).toBe('1 of 1 budgets met\n');
  });
});

describe('the other tables', () => {
  test('growth is shown per actor, with the links that were made', () => {
    const ring = { table: 'growth', work: 'ring' } as const;
    const lines: readonly GrowthLine[] = [
      {
        ...ring,
        actors: 100,
        cost: spreadOf([100]),
        growth: spreadOf([1]),
        booted: 1_536,
        after: 2_048,
        events: 60_000,
        links: 100,
      },
      {
        ...ring,
        actors: 10_000,
        cost: spreadOf([150]),
        growth: spreadOf([1.5, 1.4, 1.6]),
        booted: 1_434,
        after: 1_434,
        events: 60_003,
        links: 25_000,
      },
    ];
    expect(growthTable(lines)).toBe(
      [
        'load  actors   ns  growth    (min–max)   booted    after  events  links used  per actor',
        'ring     100  100   1.00×  (1.00–1.00)  1.5 KiB  2.0 KiB  60,000         100        1.0',
        'ring  10,000  150   1.50×  (1.40–1.60)  1.4 KiB  1.4 KiB  60,003      25,000        2.5',
        '',
      ].join('\n'),
    );
  });

  test('searches show schedules a second, or why there is no search', () => {
    const [oneWorker, twoWorkers] = [spreadOf([120]), spreadOf([222])];
    const speedUp = spreadOf([1.85, 1.7, 1.9]);
    const lines: readonly SearchLine[] = [
      { table: 'searches', scenario: 'split-brain', oneWorker, twoWorkers, speedUp },
      { table: 'searches', scenario: 'calm', skipped: 'it claims to withstand no faults' },
    ];
    expect(searchTable(lines)).toBe(
      [
        'schedules a second  1 worker  2 workers  speed-up    (min–max)',
        'split-brain              120        222     1.85×  (1.70–1.90)',
        'calm                                                            skipped: it claims to withstand no faults',
        '',
      ].join('\n'),
    );
  });
});

describe('what the engine is measured against', () => {
  const step = fc.oneof(
    fc.record({ push: fc.integer({ min: 0, max: 20 }) }),
    fc.record({ cancel: fc.nat() }),
    fc.constant('pop' as const),
  );

  test('the two reference loops run events in the same order, cancelled ones left out', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const typed = new TypedHeap(64);
        const objects = new ObjectHeap();
        const handles: { typed: number; object: ReturnType<ObjectHeap['push']> }[] = [];
        const order: [number[], number[]] = [[], []];
        const popBoth = (): void => {
          if (typed.pop()) order[0].push(typed.node);
          const event = objects.pop();
          if (event !== undefined) order[1].push(event.node);
        };
        for (const item of steps) {
          if (item === 'pop') popBoth();
          else if ('push' in item) {
            const at = typed.now + item.push;
            const node = handles.length;
            handles.push({
              typed: typed.push(at, 1, node, 0, undefined),
              object: objects.push(at, 1, node, 0, undefined),
            });
          } else if (handles.length > 0) {
            const chosen = handles[item.cancel % handles.length] as (typeof handles)[number];
            typed.cancel(chosen.typed);
            objects.cancel(chosen.object);
          }
        }
        for (let i = 0; i < 64; i++) popBoth();
        expect(order[0]).toEqual(order[1]);
      }),
    );
  });

  test('the busy history has all its operations, values of their own, and is linearizable', () => {
    const history = busyHistory(1_000, 20);
    const written = history.filter(({ f }) => f === 'write').map(({ input }) => input);
    expect(history).toHaveLength(1_000);
    expect(history.every(({ outcome }) => outcome === 'ok')).toBe(true);
    expect(new Set(written).size).toBe(written.length);
    expect(checkRegister(history)).toMatchObject({ status: 'held', steps: 0 });
  });
});
