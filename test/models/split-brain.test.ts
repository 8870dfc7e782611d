import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import twoSidesGoOn from '../../scenarios/two-sides-go-on.ts';
import twoSidesMajority from '../../scenarios/two-sides-majority.ts';
import {
  autoDown,
  clusterMember,
  keepMajority,
  keepOldest,
  keepReferee,
  staticQuorum,
  type MemberOptions,
  type MemberProtocol,
  type SplitBrainResolver,
} from '../../models/index.ts';
import { mutuallyReachable } from '../../models/split-brain/sides.ts';
import {
  crash,
  defineActor,
  defineScenario,
  holds,
  ms,
  partition,
  partitionOneWay,
  pause,
  run,
  s,
  type Fault,
  type Flow,
  type RunResult,
} from '../../sim/index.ts';

const names = (n: number): string[] => Array.from({ length: n }, (_, i) => `n${i + 1}`);

const SAFE: readonly (readonly [string, (n: number) => SplitBrainResolver])[] = [
  ['keep-majority', () => keepMajority()],
  ['static-quorum', (n) => staticQuorum({ size: Math.floor(n / 2) + 1, of: n })],
  ['keep-oldest', () => keepOldest()],
  ['keep-oldest, also alone', () => keepOldest({ downIfAlone: false })],
  ['keep-referee', () => keepReferee('n2')],
];

describe('a rule for splits', () => {
  const sides = fc.integer({ min: 1, max: 9 }).chain((n) => {
    const some = fc.subarray(names(n), { minLength: 1 });
    return fc.tuple(fc.constant(n), fc.shuffledSubarray(names(n), { minLength: n, maxLength: n }), some, some);
  });

  test.each(SAFE)('%s lets no two sides go on that have nobody in common', (_name, make) => {
    fc.assert(
      fc.property(sides, ([n, view, a, b]) => {
        const rule = make(n);
        const inOrder = (side: readonly string[]) => view.filter((name) => side.includes(name));
        const goOn = [a, b].every((side) => rule.survives({ view, side: inOrder(side) }));
        expect(goOn && !a.some((name) => b.includes(name))).toBe(false);
      }),
    );
  });

  test('auto-down lets both', () => {
    const view = names(4);
    for (const side of [view.slice(0, 2), view.slice(2)]) expect(autoDown().survives({ view, side })).toBe(true);
  });

  test.each([
    ['keep-majority', 4, ['n1', 'n2'], true],
    ['keep-majority', 4, ['n3', 'n4'], false],
    ['keep-majority', 5, ['n3', 'n4', 'n5'], true],
    ['static-quorum', 4, ['n1', 'n2'], false],
    ['static-quorum', 4, ['n2', 'n3', 'n4'], true],
    ['keep-oldest', 5, ['n1', 'n2'], true],
    ['keep-oldest', 5, ['n1'], false],
    ['keep-oldest', 5, ['n2', 'n3', 'n4', 'n5'], true],
    ['keep-oldest', 5, ['n3', 'n4', 'n5'], false],
    ['keep-oldest, also alone', 5, ['n1'], true],
    ['keep-referee', 5, ['n2'], true],
    ['keep-referee', 5, ['n1', 'n3', 'n4', 'n5'], false],
  ])('%s of %d: %j goes on: %s', (rule, n, side, goesOn) => {
    const make = SAFE.find(([name]) => name === rule)?.[1] as (n: number) => SplitBrainResolver;
    expect(make(n).survives({ view: names(n), side })).toBe(goesOn);
  });

  test('a quorum that two sides could both have is refused', () => {
    expect(() => staticQuorum({ size: 2, of: 4 })).toThrow(/staticQuorum\.size.*above 2 and at most 4/);
    expect(() => staticQuorum({ size: 6, of: 5 })).toThrow(/staticQuorum\.size/);
  });

  test('a member refuses what makes no sense, and says which option', () => {
    const nodes = [{ id: 'n1', index: 0 }];
    expect(() => clusterMember({ nodes: [], resolver: keepMajority() })).toThrow(/clusterMember\.nodes/);
    expect(() => clusterMember({ nodes, resolver: keepMajority(), timeout: '60ms' })).toThrow(/clusterMember\.timeout/);
  });
});

describe('who reaches one another', () => {
  test('is a largest set that leaves out who misses most, and nobody in it misses anybody', () => {
    const all = names(6);
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(5), fc.nat(5)), { maxLength: 8 }), (cuts) => {
        const hears = (name: string): string[] =>
          all.filter((other) => !cuts.some(([from, to]) => `n${from + 1}` === other && `n${to + 1}` === name));
        const side = mutuallyReachable(all, hears);
        for (const a of side)
          for (const b of side) expect(a === b || (hears(a).includes(b) && hears(b).includes(a))).toBe(true);
        // Who is left out misses somebody among all.
        for (const out of all.filter((name) => !side.includes(name)))
          expect(all.some((b) => b !== out && !(hears(out).includes(b) && hears(b).includes(out)))).toBe(true);
      }),
    );
  });

  test('with one link cut in one direction only, one of its ends is left out', () => {
    expect(mutuallyReachable(names(3), (name) => (name === 'n1' ? ['n1', 'n3'] : names(3)))).toEqual(['n1', 'n3']);
  });
});

/** The shapes of splits that REPORTs of outages tell of, of `n` members. */
const SHAPES: readonly (readonly [string, number, readonly Fault[]])[] = [
  [
    '2 | 3',
    5,
    [
      partition({
        at: s(2),
        for: s(3),
        groups: [
          ['n1', 'n2', 'c1', 'c2'],
          ['n3', 'n4', 'n5', 'c3', 'c4', 'c5', 'arbiter1'],
        ],
      }),
    ],
  ],
  [
    '2 | 2',
    4,
    [
      partition({
        at: s(2),
        for: s(3),
        groups: [
          ['n1', 'n2', 'c1', 'c2'],
          ['n3', 'n4', 'c3', 'c4', 'arbiter1'],
        ],
      }),
    ],
  ],
  ['one way', 5, [partitionOneWay({ at: s(2), for: s(3), from: ['n1', 'n2'], to: ['n3', 'n4', 'n5'] })]],
  [
    'a bridge',
    5,
    [
      partition({
        at: s(2),
        for: s(3),
        groups: [
          ['n1', 'n2'],
          ['n4', 'n5'],
        ],
      }),
    ],
  ],
  [
    'flapping',
    5,
    [0, 1, 2, 3].map((i) =>
      partition({
        at: s(2) + i * s(0.7),
        for: s(0.4),
        groups: [
          ['n1', 'n2'],
          ['n3', 'n4', 'n5'],
        ],
      }),
    ),
  ],
  ['the oldest crashes', 5, [crash({ node: 'n1', at: s(2), for: s(3) })]],
];

/** Who acknowledged while the split lasted and everything had been decided. */
const servedBy = (result: RunResult): string[] => {
  const { operations } = result;
  const acks = operations.filter(
    (op) => op.f === 'add' && op.outcome === 'ok' && op.invokedAt > s(3.3) && op.completedAt < s(5),
  );
  return [...new Set(acks.flatMap(({ node }) => node ?? []))].sort();
};

/** Of what holds whatever happens, what did not hold. */
const unsafe = ({ verdicts }: RunResult): readonly unknown[] =>
  verdicts.filter(({ kind, status }) => (kind === 'always' || kind === 'history') && status !== 'held');

const rules = ['keep-majority', 'static-quorum', 'keep-oldest', 'keep-referee', 'lease-majority'];

describe('a group that is split', () => {
  const cells = SHAPES.flatMap(([shape, n, faults]) => rules.map((rule) => [shape, rule, n, faults] as const));
  test.each(cells)(
    '%s, %s: one side at most goes on, and nothing acknowledged is lost',
    (_shape, rule, nodes, faults) => {
      const result = run(twoSidesMajority, { seed: 'shapes', params: { rule, nodes }, faults });
      const judged = result.verdicts.filter(({ kind }) => kind === 'always' || kind === 'history');
      expect(judged.map(({ check, status }) => [check, status])).toEqual([
        ['one side is active', 'held'],
        ['no acknowledged write is lost', 'held'],
      ]);
      // Whoever was left out has come back: all are in one view at the end.
      expect(new Set(result.nodes.filter(({ role }) => role === 'member').map(({ phase }) => phase))).toEqual(
        new Set(['member']),
      );
    },
  );

  test.each([
    ['2 | 3', 'keep-majority', ['n3', 'n4', 'n5']],
    ['2 | 3', 'keep-oldest', ['n1', 'n2']],
    ['2 | 3', 'keep-referee', ['n3', 'n4', 'n5']],
    ['2 | 2', 'static-quorum', []],
    ['2 | 2', 'keep-majority', ['n1', 'n2']],
    ['2 | 2', 'lease-majority', ['n3', 'n4']],
    ['the oldest crashes', 'keep-oldest', ['n2', 'n3', 'n4', 'n5']],
  ])('%s, %s: only %j go on serving', (shape, rule, served) => {
    const [, nodes, faults] = SHAPES.find(([name]) => name === shape) as (typeof SHAPES)[number];
    const by = servedBy(run(twoSidesMajority, { seed: 'shapes', params: { rule, nodes }, faults }));
    expect(by.filter((name) => !served.includes(name))).toEqual([]);
    expect(by.length > 0).toBe(served.length > 0);
  });

  test('auto-down: both sides serve; dropped at the heal, the smaller side’s elements are lost; united, none is', () => {
    const reconciled = ['discard', 'merge'].map((reconcile) =>
      run(twoSidesGoOn, { seed: 'both', params: { reconcile } }),
    );
    for (const side of [names(2), ['n3', 'n4', 'n5']])
      for (const result of reconciled) expect(servedBy(result).some((name) => side.includes(name))).toBe(true);
    expect(reconciled.map(({ expectation }) => expectation.met)).toEqual([true, true]);
    const lost = reconciled.map(({ verdicts }) =>
      verdicts.find(({ check }) => check === 'no acknowledged write is lost'),
    );
    expect(lost.map((verdict) => verdict?.status)).toEqual(['violated', 'held']);
  });
});

describe('splits that change while a view is being made', () => {
  // {n1, n2, n3} make a view; n3 has agreed when it is cut off, and finds n4 and n5.
  const windows = [2_500, 2_501, 2_501.5, 2_502, 2_502.5, 2_503.25];
  test.each(rules)('%s: who has agreed to a view takes no part in one that leaves the first to the others', (rule) => {
    const both = windows.map((cut) => {
      const faults = [
        partition({ at: s(2), for: ms(cut) - s(2), groups: [names(3), ['n4', 'n5']] }),
        partition({
          at: ms(cut),
          for: s(3),
          groups: [
            ['n1', 'n2', 'c1', 'c2'],
            ['n3', 'n4', 'n5', 'c3', 'c4', 'c5'],
          ],
        }),
      ];
      return unsafe(run(twoSidesMajority, { seed: 'x', params: { rule }, faults }));
    });
    expect(both.flat()).toEqual([]);
  });

  const members = names(5);
  const cuts = fc
    .tuple(
      fc.integer({ min: ms(800), max: s(2) }),
      fc.array(
        fc.record({
          lasts: fc.integer({ min: ms(300), max: ms(900) }),
          side: fc.subarray(['arbiter1', ...members], { minLength: 1, maxLength: 5 }),
          down: fc.option(fc.constantFrom(...members), { freq: 3 }),
          stands: fc.option(fc.constantFrom(...members), { freq: 3 }),
        }),
        { minLength: 1, maxLength: 5 },
      ),
    )
    .map(([first, turns]) => {
      let at = first;
      return turns.flatMap(({ lasts, side, down, stands }): Fault[] => {
        const from = at;
        at += lasts;
        const clients = side.flatMap((name) => (name.startsWith('n') ? [`c${name.slice(1)}`] : []));
        return [
          partition({ at: from, for: lasts, groups: [[...side, ...clients], ['*']] }),
          ...(down === null ? [] : [crash({ node: down, at: from + ms(100), for: ms(400) })]),
          ...(stands === null ? [] : [pause({ node: stands, at: from + ms(200), for: ms(350) })]),
        ];
      });
    });

  test.each(rules)('%s: one side is active and nothing is lost, whatever splits follow one another', (rule) => {
    fc.assert(
      fc.property(cuts, fc.string({ minLength: 1, maxLength: 6 }), (faults, seed) => {
        expect(unsafe(run(twoSidesMajority, { seed, params: { rule }, faults }))).toEqual([]);
      }),
      { numRuns: 6 },
    );
  });
});

interface Add {
  readonly side: 'two' | 'three';
  readonly key: string;
  readonly at: number;
}

/** What each key holds at the end when both sides, {n1, n2} and {n3, n4, n5}, have gone on and added this. */
function united(reconcile: NonNullable<MemberOptions['reconcile']>, adds: readonly Add[]): Record<string, string[]> {
  const scenario = defineScenario({
    name: 'two-sides-meet',
    question: 'What is left of what both have added?',
    duration: s(5),
    recovery: false,
    build({ world }) {
      const nodes = world.refs<MemberProtocol>('n', 5);
      for (const node of nodes) world.node(node, { actor: clusterMember({ nodes, resolver: autoDown(), reconcile }) });
      const [n1, , , , n5] = nodes as [(typeof nodes)[0], unknown, unknown, unknown, (typeof nodes)[0]];
      const start = (
        _state: object,
        ctx: Parameters<NonNullable<Parameters<typeof defineActor>[0]['start']>>[1],
      ): void => {
        function* adding({ side, key, at }: Add): Flow {
          yield* ctx.sleep(at);
          const value = `${side} ${at}`;
          yield* ctx.call(side === 'two' ? n1 : n5, 'update', { f: 'add', key, value, session: value, seq: 1 });
        }
        function* reading(key: string): Flow {
          yield* ctx.sleep(s(4.8));
          const id = ctx.invoked({ f: 'read', key });
          ctx.completed(id, 'ok', (yield* ctx.call(n1, 'read', { key })).value);
        }
        for (const add of [...KEYS.map((key): Add => ({ side: 'two', key, at: ms(300) })), ...adds])
          ctx.spawn(adding(add));
        for (const key of KEYS) ctx.spawn(reading(key));
      };
      world.node('client', { actor: defineActor<object, object>({ role: 'client', init: () => ({}), start }) });
    },
    checks: () => [],
    expect: holds(),
  });
  const faults = [
    partition({
      at: ms(800),
      for: s(2.2),
      groups: [
        ['n1', 'n2'],
        ['n3', 'n4', 'n5'],
      ],
    }),
  ];
  const { operations } = run(scenario, { seed: reconcile, faults });
  return Object.fromEntries(operations.map(({ key, output }) => [key, [...(output as string[])].toSorted()]));
}

const KEYS = ['a', 'b'];

describe('sides that meet again', () => {
  test('leave what the larger one has; or for each key what was added to last; or all', () => {
    const adds = fc.array(
      fc.record({
        side: fc.constantFrom<Add['side']>('two', 'three'),
        key: fc.constantFrom(...KEYS),
        slot: fc.nat(20),
      }),
      { maxLength: 12 },
    );
    const told = { discard: new Set<string>(), latest: new Set<string>(), merge: new Set<string>() };
    fc.assert(
      fc.property(adds, (chosen) => {
        // No two at the same time on both sides.
        const all = chosen.map(({ side, key, slot }): Add => ({
          side,
          key,
          at: ms(1_600) + slot * ms(50) + (side === 'two' ? ms(25) : 0),
        }));
        const valuesOf = (key: string, sides: readonly string[]): string[] =>
          [
            ...new Set([
              `two ${ms(300)}`,
              ...all
                .filter((add) => add.key === key && sides.includes(add.side))
                .map(({ side, at }) => `${side} ${at}`),
            ]),
          ].toSorted();
        const lastOf = (key: string): string =>
          all
            .filter((add) => add.key === key)
            .reduce((last, add) => (add.at > last.at ? add : last), { side: 'three', at: 0 }).side;
        const expected = {
          discard: (key: string) => valuesOf(key, ['three']),
          latest: (key: string) => valuesOf(key, [lastOf(key)]),
          merge: (key: string) => valuesOf(key, ['two', 'three']),
        };
        for (const rule of ['discard', 'latest', 'merge'] as const) {
          const left = united(rule, all);
          expect(left).toEqual(Object.fromEntries(KEYS.map((key) => [key, expected[rule](key)])));
          told[rule].add(JSON.stringify(left));
        }
      }),
      { numRuns: 12 },
    );
    // They do differ.
    expect(told.latest).not.toEqual(told.discard);
    expect(told.latest).not.toEqual(told.merge);
  });
});
