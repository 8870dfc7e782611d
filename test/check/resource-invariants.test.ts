/** Invariants of leases, consumer groups, limiters, caches, replicated data types, ids and balances: kept, and each broken alone. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  brokenMergeLaw,
  cacheInvariants,
  conservation,
  consumerGroupInvariants,
  generatedIds,
  leaseGrantInvariants,
  mergeInvariants,
  messageOrder,
  ms,
  rateLimitInvariants,
  s,
  type CacheView,
  type Check,
  type ConsumerView,
  type GeneratedIdsOptions,
  type Grant,
  type LimiterCounts,
  type MergeLaws,
  type Operation,
  type RateBound,
} from '../../sim/index.ts';
import { Stage } from './stage.ts';

describe('leases', () => {
  const stage = (): Stage =>
    new Stage(leaseGrantInvariants<Grant[]>({ latest: (state) => state }), { nodes: ['service'] });
  const grant = (holder: string, token: number, from: number, until: number): Grant[] => [
    { resource: 'r', holder, token, from, until },
  ];

  test('a lease may be granted when the one before is over, given back, or the same holder’s', () => {
    const over = stage()
      .set('service', grant('a', 1, 0, 100))
      .set('service', grant('b', 2, 100, 200));
    expect(over.violated()).toEqual([]);
    const returned = stage()
      .set('service', grant('a', 1, 0, 100))
      .set('service', grant('a', 1, 0, 40));
    expect(returned.set('service', grant('b', 2, 50, 150)).violated()).toEqual([]);
    const renewed = stage()
      .set('service', grant('a', 1, 0, 100))
      .set('service', grant('a', 1, 50, 150));
    expect(renewed.verdict('tokens grow with every grant').message).toBe('1 grants');
  });

  test('nothing is granted while another’s lease runs', () => {
    const run = stage()
      .set('service', grant('a', 1, 0, 100))
      .set('service', grant('b', 2, 60, 160));
    expect(run.violated()).toEqual(['nothing is granted twice at a time']);
    expect(run.verdict('nothing is granted twice at a time').witness).toMatchObject({ nodes: ['service', 'a', 'b'] });
  });

  test('tokens grow, restarts included', () => {
    const run = stage()
      .set('service', grant('a', 5, 0, 100))
      .crash('service')
      .set('service', grant('b', 1, 200, 300));
    expect(run.violated()).toEqual(['tokens grow with every grant']);
    expect(run.verdict('tokens grow with every grant').witness?.facts).toEqual({ resource: 'r', token: 1, highest: 5 });
  });
});

describe('consumer groups', () => {
  const stage = (): Stage =>
    new Stage(consumerGroupInvariants<ConsumerView>({ view: (state) => state }), { nodes: ['w1', 'w2'] });
  const member = (generation: number, processed: number, committed: number): ConsumerView => ({
    generation,
    partitions: [['p', { processed, committed }]],
  });

  test('a partition goes to another member with the generation, from where it was committed', () => {
    const run = stage()
      .set('w1', member(1, 0, 0))
      .set('w1', member(1, 3, 2))
      .set('w2', member(2, 2, 2))
      .set('w2', member(2, 4, 4));
    expect(run.violated()).toEqual([]);
  });

  test('one owner in a generation', () => {
    expect(
      stage()
        .set('w1', member(1, 0, 0))
        .set('w2', member(1, 0, 0))
        .violated(),
    ).toEqual(['one owner a partition and generation']);
  });

  test('nothing is committed before it is processed', () => {
    expect(
      stage()
        .set('w1', member(1, 3, 4))
        .violated(),
    ).toEqual(['nothing is committed before it is processed']);
  });

  test('a member of an old generation that commits late takes the group back', () => {
    const run = stage()
      .set('w1', member(1, 3, 1))
      .set('w2', member(2, 5, 5))
      .set('w1', member(1, 3, 3));
    expect(run.violated()).toEqual(['committed offsets never go back']);
    expect(run.verdict('committed offsets never go back').witness).toMatchObject({
      nodes: ['w1', 'w2'],
      facts: { from: 5, to: 3 },
    });
  });
});

test('a former owner that only learns late of its commit does not take the group back', () => {
  const [, , forward] = consumerGroupInvariants<ConsumerView>({ view: (state) => state, lateNews: true });
  const run = new Stage([forward as Check], { nodes: ['w1', 'w2'] });
  const member = (generation: number, committed: number): ConsumerView => ({
    generation,
    partitions: [['p', { processed: 9, committed }]],
  });
  run.set('w1', member(1, 1)).set('w2', member(2, 5)).set('w1', member(1, 3));
  expect(run.violated()).toEqual([]);
  expect(run.set('w1', member(3, 4)).violated()).toEqual(['committed offsets never go back']);
});

const judged = (check: Check, operations: (run: Stage) => void) => {
  const run = new Stage([check]);
  operations(run);
  return run.verdicts()[0];
};

describe('message order', () => {
  const order = (rows: readonly [who: string, f: 'publish' | 'process', id: string][]) =>
    judged(messageOrder(), (run) => {
      for (const [who, f, id] of rows) run.operate(who, f, '', id);
    });

  test('messages of one producer do not overtake each other, those of two may', () => {
    const published: [string, 'publish', string][] = [
      ['p1', 'publish', 'a'],
      ['p1', 'publish', 'b'],
      ['p2', 'publish', 'c'],
    ];
    expect(order([...published, ['w', 'process', 'c'], ['w', 'process', 'a'], ['w', 'process', 'b']])?.status).toBe(
      'held',
    );
    const late = order([...published, ['w', 'process', 'b'], ['w', 'process', 'a']]);
    expect(late).toMatchObject({ status: 'violated', witness: { operations: [0, 1, 3, 4] } });
    const again = order([...published, ['w', 'process', 'a'], ['w', 'process', 'b'], ['w', 'process', 'a']]);
    expect(again?.status).toBe('held');
  });

  test('of several subscribers only the one that is asked for counts', () => {
    const verdict = (subscriber: string) =>
      judged(messageOrder({ subscriber }), (run) => {
        for (const id of ['a', 'b']) run.operate('p', 'publish', '', id);
        for (const id of ['a', 'b']) run.operate('w', 'process', 'one', id);
        for (const id of ['b', 'a']) run.operate('w', 'process', 'two', id);
      });
    expect([verdict('one')?.status, verdict('two')?.status]).toEqual(['held', 'violated']);
  });

  test('a message that was set aside may come at any time', () => {
    const verdict = (setAside: readonly string[]) =>
      judged(messageOrder({ setAside: () => setAside }), (run) => {
        for (const id of ['a', 'b']) run.operate('p', 'publish', '', id);
        for (const id of ['b', 'a']) run.operate('w', 'process', '', id);
      });
    expect([verdict([])?.status, verdict(['a'])?.status, verdict(['c'])?.status]).toEqual([
      'violated',
      'held',
      'violated',
    ]);
  });

  test('agrees with comparing every two messages', () => {
    const intervals = fc.array(fc.tuple(fc.nat(9), fc.nat(9), fc.nat(9), fc.nat(9)), { maxLength: 6 });
    fc.assert(
      fc.property(intervals, (drawn) => {
        const rows = drawn.map(([a, b, c, d], i) => ({
          publish: [Math.min(a, b) * 2, Math.max(a, b) * 2 + 1] as const,
          process: [Math.min(c, d) * 2, Math.max(c, d) * 2 + 1] as const,
          id: `m${i}`,
        }));
        const verdict = judged(messageOrder(), (run) => {
          for (const { id, publish, process } of rows) {
            for (const [f, [invoked, completed]] of [
              ['publish', publish],
              ['process', process],
            ] as const) {
              run.operate(f, f, '', id);
              Object.assign(run.operations.at(-1) as Operation, { invoked, completed });
            }
          }
        });
        const isWrong = rows.some((one) =>
          rows.some((two) => one.publish[1] <= two.publish[0] && two.process[1] < one.process[0]),
        );
        expect(verdict?.status).toBe(isWrong ? 'violated' : 'held');
      }),
      { numRuns: 500 },
    );
  });
});

describe('rate limits', () => {
  const stage = (bound: RateBound, across?: 'all nodes'): Stage =>
    new Stage(
      rateLimitInvariants<LimiterCounts>({
        counts: (state) => state,
        bound,
        ...(across === undefined ? {} : { across }),
      }),
      { nodes: ['l1', 'l2'] },
    );
  const admitted = (bound: RateBound, instants: readonly number[]): string[] => {
    const run = stage(bound);
    instants.forEach((at, i) => run.set('l1', { admitted: i + 1 }, at));
    return run.violated();
  };
  const sorted = fc
    .array(fc.nat(40), { maxLength: 14 })
    .map((list) => list.map((at) => at * 100_000).toSorted((a, b) => a - b));
  const WITHIN = ['no more than the limit is admitted'];

  test('every window is judged, not only those of a clock: as by brute force', () => {
    fc.assert(
      fc.property(sorted, fc.integer({ min: 1, max: 4 }), (instants, limit) => {
        const tooMany = instants.some(
          (begin) => instants.filter((at) => at >= begin && at < begin + 1_000_000).length > limit,
        );
        expect(admitted({ limit, window: s(1) }, instants)).toEqual(tooMany ? WITHIN : []);
      }),
      { numRuns: 500 },
    );
  });

  test('burst + rate · t holds for every span, as by brute force', () => {
    fc.assert(
      fc.property(sorted, fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 5 }), (instants, burst, rate) => {
        const tooMany = instants.some((begin, i) =>
          instants.some((end, j) => j >= i && (j - i + 1 - burst) * 1_000_000 > rate * (end - begin)),
        );
        expect(admitted({ rate, burst }, instants)).toEqual(tooMany ? WITHIN : []);
      }),
      { numRuns: 500 },
    );
  });

  test('a window of the clock lets twice the limit through at its edge, and is caught', () => {
    expect(admitted({ limit: 2, window: s(1) }, [900_000, 950_000, 1_000_000, 1_050_000])).toEqual(WITHIN);
  });

  test('a bound for all nodes together counts all of them; a restart counts from nothing', () => {
    const two = (across?: 'all nodes'): Stage =>
      stage({ limit: 1, window: s(1) }, across)
        .set('l1', { admitted: 1 })
        .set('l2', { admitted: 1 });
    expect(two().violated()).toEqual([]);
    expect(two('all nodes').violated()).toEqual(WITHIN);
    const reborn = stage({ limit: 2, window: s(1) })
      .set('l1', { admitted: 2 })
      .crash('l1')
      .set('l1', { admitted: 1 });
    expect(reborn.violated()).toEqual(WITHIN);
  });

  test.each<[string, RateBound]>([
    ['window', { limit: 1, window: s(1) }],
    ['bucket', { rate: 1, burst: 1 }],
  ])('nothing below the limit is refused: %s', (_name, bound) => {
    const run = (at: number): string[] =>
      stage(bound).set('l1', { admitted: 1, refused: 0 }, 0).set('l1', { admitted: 1, refused: 1 }, at).violated();
    expect(run(500_000)).toEqual([]);
    expect(run(1_000_000)).toEqual(['nothing below the limit is refused']);
  });

  test('one count for each client', () => {
    type Counts = [string, LimiterCounts][];
    const each = new Stage(
      rateLimitInvariants<Counts>({ counts: (state) => state, bound: { limit: 1, window: s(1) } }),
      { nodes: ['l1'] },
    );
    expect(
      each
        .set('l1', [['a', { admitted: 1 }]])
        .set('l1', [
          ['a', { admitted: 1 }],
          ['b', { admitted: 1 }],
        ])
        .violated(),
    ).toEqual([]);
    expect(each.set('l1', [['a', { admitted: 2 }]]).verdict(WITHIN[0] as string).message).toMatch(
      /the 2th request of a since/,
    );
  });

  test('a bound that is none is refused', () => {
    expect(() => rateLimitInvariants({ counts: () => [], bound: { rate: 0, burst: 1 } })).toThrow(/rate: got 0/);
  });
});

describe('caches', () => {
  const stage = (within = false): Stage =>
    new Stage(
      cacheInvariants<CacheView, Record<string, number>>({
        view: (state) => state,
        roles: ['cache'],
        source: { roles: ['store'], versions: (state) => Object.entries(state) },
        ...(within ? { within: ms(100) } : {}),
      }),
      { nodes: ['c1', 'db'], role: 'cache', roles: { db: 'store' }, end: 2_000_000 },
    );
  const cache = (entries: Record<string, number>, rest: Partial<CacheView> = {}): CacheView => ({
    entries: Object.entries(entries),
    size: Object.keys(entries).length,
    capacity: 2,
    ...rest,
  });

  test.each<[string, string[], CacheView[]]>([
    [
      'nothing, while entries are replaced by newer ones',
      [],
      [cache({ x: 1 }), cache({ x: 2, y: 1 }), cache({ y: 1 })],
    ],
    ['its capacity', ['the cache keeps its capacity'], [cache({ x: 1, y: 1, z: 1 })]],
    ['one loader a key', ['one loader a key'], [cache({}, { loading: [['x', 2]] })]],
    ['an invalidation', ['what was invalidated does not come back'], [cache({ x: 1 }, { invalidated: [['x', 2]] })]],
    ['the order of versions', ['cached versions never go back'], [cache({ x: 2 }), cache({}), cache({ x: 1 })]],
  ])('breaks %s', (_name, expected, states) => {
    const run = stage();
    for (const state of states) run.set('c1', state);
    expect(run.violated()).toEqual(expected);
  });

  test('what the source has replaced is served for the bound, and no longer', () => {
    const run = (): Stage =>
      stage(true)
        .set('db', { x: 1 })
        .set('c1', cache({ x: 1 }))
        .set('db', { x: 2 }, 100_000);
    expect(
      run()
        .set('c1', cache({ x: 1 }), 200_000)
        .set('c1', cache({ x: 2 }), 210_000)
        .violated(),
    ).toEqual([]);
    expect(
      run()
        .set('c1', cache({ x: 1 }), 201_000)
        .violated(),
    ).toEqual(['nothing stale is served for long']);
    const atEnd = run();
    atEnd.now = 2_000_000;
    expect(atEnd.violated()).toEqual(['nothing stale is served for long']);
  });
});

type Counts = Readonly<Record<string, number>>;
const combined = (pick: (a: number, b: number) => number) => ({
  merge: (a: Counts, b: Counts): Counts =>
    Object.fromEntries(
      [...new Set([...Object.keys(a), ...Object.keys(b)])].map((key) => [key, pick(a[key] ?? 0, b[key] ?? 0)]),
    ),
});

describe('merges', () => {
  const counts = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.integer({ min: 1, max: 5 }), {
    noNullPrototype: true,
  });
  const grow: MergeLaws<Counts> = combined(Math.max);
  const wrong: readonly [string, MergeLaws<Counts>][] = [
    ['idempotent', combined((a, b) => a + b)],
    ['commutative', combined((a, b) => (b === 0 ? a : b))],
    ['associative', combined((a, b) => (a === b ? a : Math.floor((a + b) / 2)))],
    ['absorbing', combined((a, b) => (a === b ? a : (a * b) % 7))],
  ];

  test('the greatest of each count is a merge', () => {
    fc.assert(fc.property(counts, counts, counts, (a, b, c) => expect(brokenMergeLaw(grow, a, b, c)).toBeUndefined()));
  });

  test.each(wrong)('what is not %s is told, for some states', (law, laws) => {
    const found = fc
      .sample(fc.tuple(counts, counts, counts), { numRuns: 2_000, seed: 3 })
      .map(([a, b, c]) => brokenMergeLaw(laws, a, b, c)?.law);
    expect(found).toContain(law);
  });

  test('the states of a run are held against the laws, and must grow', () => {
    const stage = (laws: MergeLaws<Counts>): Stage =>
      new Stage(mergeInvariants<Counts, Counts>({ ...laws, view: (state) => state }));
    const run = (laws: MergeLaws<Counts>): Stage =>
      stage(laws).set('n1', { a: 1 }).set('n2', { b: 3 }).set('n1', { a: 2, b: 3 });
    expect(run(grow).violated()).toEqual([]);
    expect(run(combined((a, b) => a + b)).violated()).toContain('merge is commutative, associative and idempotent');
    const shrunk = stage(grow).set('n1', { a: 2 }).set('n1', { a: 1 });
    expect(shrunk.violated()).toEqual(['states only grow']);
    expect(stage(grow).set('n1', { a: 2 }).crash('n1').set('n1', { a: 1 }).violated()).toEqual([]);
  });
});

describe('ids', () => {
  interface Made {
    readonly id: number;
    readonly node: string;
    readonly from: number;
    readonly to: number;
  }
  const judge = (options: GeneratedIdsOptions, made: readonly Made[]) =>
    judged(generatedIds(options), (run) => {
      for (const { id, node, from, to } of made) {
        run.operate(`c${run.operations.length}`, 'generate', '', undefined, id);
        const interval = { invoked: 2 * from, completed: 2 * to + 1, invokedAt: from * 1_000, completedAt: to * 1_000 };
        Object.assign(run.operations.at(-1) as Operation, { ...interval, node });
      }
    });
  const drawn = fc.array(
    fc
      .record({ id: fc.nat(20), node: fc.constantFrom('g1', 'g2'), a: fc.nat(20), b: fc.nat(20) })
      .map(({ id, node, a, b }): Made => ({ id, node, from: Math.min(a, b), to: Math.max(a, b) })),
    { maxLength: 7 },
  );

  test('sort by time up to the bound, and without bound by node, as by brute force', () => {
    fc.assert(
      fc.property(drawn, fc.integer({ min: 0, max: 6 }), (made, k) => {
        const isWrong = (pair: (one: Made, two: Made) => boolean): boolean =>
          made.some((one) => made.some((two) => one.to < two.from && one.id >= two.id && pair(one, two)));
        const sorted = isWrong((one, two) => one.to + k <= two.from);
        expect(judge({ sortedWithin: ms(k) }, made)?.status).toBe(sorted ? 'violated' : 'held');
        const grown = isWrong((one, two) => one.node === two.node);
        expect(judge({ growsByNode: true }, made)?.status).toBe(grown ? 'violated' : 'held');
      }),
      { numRuns: 500 },
    );
  });

  const layout = (id: unknown) => {
    const [sequence, generator] = [(id as number) % 10, Math.floor((id as number) / 10)];
    return { fields: { sequence: [sequence, 0, 7] as const }, generator };
  };

  test('have fields in range, and no two generators share a number', () => {
    const at = { from: 0, to: 1 };
    expect(
      judge({ layout }, [
        { id: 13, node: 'g1', ...at },
        { id: 27, node: 'g2', ...at },
      ])?.status,
    ).toBe('held');
    expect(judge({ layout }, [{ id: 19, node: 'g1', ...at }])?.message).toBe(
      '19, given to c0, has sequence 9: not from 0 to 7',
    );
    expect(
      judge({ layout }, [
        { id: 13, node: 'g1', ...at },
        { id: 14, node: 'g2', ...at },
      ]),
    ).toMatchObject({
      status: 'violated',
      witness: { nodes: ['g1', 'g2'], facts: { generator: 1 } },
    });
  });
});

describe('balances', () => {
  const reads = (...outputs: unknown[]) =>
    judged(conservation({ total: 10, accounts: ['a', 'b'] }), (run) => {
      for (const output of outputs) run.operate('c1', 'read', '', undefined, output);
    });

  test('are conserved when every read sees all of them', () => {
    expect(
      reads(
        { a: 4, b: 6 },
        new Map([
          ['a', 10],
          ['b', 0],
        ]),
      )?.status,
    ).toBe('held');
    expect(reads()?.status).toBe('undecided');
  });

  test.each<[unknown, RegExp]>([
    [{ a: 4, b: 7 }, /the sum is 11, not 10/],
    [{ a: 10 }, /account b has no balance/],
    [{ a: 4, b: 6, c: 0 }, /there is no account c/],
    [{ a: 11, b: -1 }, /account b is overdrawn/],
    ['nothing', /no balances/],
  ])('%j is not conserved', (output, message) => {
    expect(reads(output)).toMatchObject({ status: 'violated', message: expect.stringMatching(message) });
  });
});
