/** The parts of a Dynamo-style store, and the store: placement, Merkle trees, membership, hand-off, repair, durability. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ConfigError, crash, ms, partition, run, s, type Fault, type Flow } from '../../../sim/index.ts';
import {
  cartOf,
  dottedVersionVectors,
  dynamoNode,
  hashRing,
  merkleTree,
  preferenceList,
  rangeOf,
  rangePlacements,
  ringOperator,
  shopper,
  treeDifference,
  type DynamoOptions,
  type DynamoProtocol,
  type DynamoState,
  type VersionedReading,
} from '../../../models/index.ts';
import { changed, initialMembers, reconciled, ringOf, type Members } from '../../../models/dynamo/membership.ts';
import { leafOf } from '../../../models/dynamo/merkle-tree.ts';
import lostCartItem from '../../../scenarios/lost-cart-item.ts';
import lostNodeReplaced from '../../../scenarios/lost-node-replaced.ts';
import lostNode from '../../../scenarios/lost-node.ts';
import { statesAfter } from './states-after.ts';

describe('preference lists', () => {
  const names = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,6}$/), { minLength: 1, maxLength: 12 });

  test('have each member once, whatever the virtual nodes, and the first N in as many zones as there are', () => {
    fc.assert(
      fc.property(names, fc.integer({ min: 1, max: 5 }), fc.string(), (members, zones, key) => {
        const zoneOf = (member: string): string => `zone ${member.length % zones}`;
        const list = preferenceList(hashRing({ members, virtualNodes: 8 }), key, zoneOf);
        expect(list.toSorted()).toEqual(members.toSorted());
        const there = new Set(members.map(zoneOf)).size;
        for (let n = 1; n <= list.length; n++)
          expect(new Set(list.slice(0, n).map(zoneOf)).size).toBe(Math.min(n, there));
      }),
    );
  });

  test('without zones are the walk around the ring', () => {
    const ring = hashRing({ members: ['a', 'b', 'c', 'd'] });
    expect(preferenceList(ring, 'k', () => '')).toEqual(ring.owners('k', 4));
  });

  test('keep their order when a node joins: only what it takes over moves', () => {
    const placement = rangePlacements({ ranges: 64, virtualNodes: 32, zoneOf: () => '' });
    const before = placement('n1 n2 n3 n4');
    const after = placement('n1 n2 n3 n4 n5');
    after.lists.forEach((list, range) => expect(list.filter((node) => node !== 'n5')).toEqual(before.lists[range]));
  });

  test('spread keys over all ranges', () => {
    const counts = Array.from({ length: 16 }, () => 0);
    for (let i = 0; i < 16_000; i++) counts[rangeOf(`key ${i}`, 16)]! += 1;
    expect(Math.min(...counts)).toBeGreaterThan(850);
    expect(Math.max(...counts)).toBeLessThan(1_150);
  });
});

describe('Merkle trees', () => {
  test.each([1, 4, 10, 20])('of depth %d: one differing leaf costs 2d + 1 comparisons (K7)', (depth) => {
    const entries = (version: string) => [...'abcdefgh'].map((key) => [key, key === 'c' ? version : '1'] as const);
    const found = treeDifference(merkleTree(entries('1'), depth), merkleTree(entries('2'), depth));
    expect(found).toEqual({ leaves: [leafOf('c', depth)], compared: 2 * depth + 1 });
  });

  test('equal ones cost one comparison', () => {
    const tree = () => merkleTree([['a', '1'] as const, ['b', '2'] as const].toReversed(), 8);
    expect(treeDifference(tree(), tree())).toEqual({ leaves: [], compared: 1 });
  });

  test('find exactly the leaves of the keys that differ', () => {
    const table = fc.dictionary(fc.stringMatching(/^[a-z]{1,2}$/), fc.constantFrom('1', '2'), { maxKeys: 40 });
    fc.assert(
      fc.property(table, table, fc.integer({ min: 1, max: 12 }), (a, b, depth) => {
        const { leaves } = treeDifference(merkleTree(Object.entries(a), depth), merkleTree(Object.entries(b), depth));
        const keys = Object.keys({ ...a, ...b }).filter((key) => a[key] !== b[key]);
        expect(leaves.toSorted((x, y) => x - y)).toEqual(
          [...new Set(keys.map((key) => leafOf(key, depth)))].toSorted((x, y) => x - y),
        );
      }),
    );
  });
});

describe('membership histories', () => {
  const histories = fc
    .array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.constantFrom('in' as const, 'out' as const)), { maxLength: 6 })
    .map((orders) =>
      orders.reduce<Members>((members, [node, status]) => changed(members, node, status), initialMembers(['a', 'b'])),
    );

  test('are reconciled to the same by all, in any order', () => {
    fc.assert(
      fc.property(histories, histories, histories, (a, b, c) => {
        expect(reconciled(a, b)).toEqual(reconciled(b, a));
        expect(reconciled(reconciled(a, b), c)).toEqual(reconciled(a, reconciled(b, c)));
        expect(reconciled(a, a)).toBe(a);
      }),
    );
  });

  test('a later change wins over an earlier one that comes by late', () => {
    const before = initialMembers(['a', 'b']);
    const after = changed(before, 'b', 'out');
    expect(ringOf(reconciled(after, before))).toBe('a');
    expect(ringOf(reconciled(before, after))).toBe('a');
  });
});

type Script = (ask: Ask) => Flow;
interface Ask {
  get(node: number, key: string): Flow<VersionedReading>;
  put(node: number, key: string, value: readonly string[], context?: unknown): Flow;
  until(at: number): Flow;
}

/** The states of six nodes at the end. */
const stored = (script: Script, options: Partial<DynamoOptions> = {}, faults: readonly Fault[] = []) =>
  statesAfter<DynamoState, DynamoProtocol>({
    duration: s(8),
    place(world, nodes) {
      const actor = dynamoNode({ nodes, ...options });
      for (const node of nodes) world.node(node, { actor, disk: { crashKeeps: 'nothing' } });
    },
    script: ({ ctx, at, until }) =>
      script({
        *get(node, key) {
          return yield* ctx.call(at(node), 'get', { key }, { deadline: s(1) });
        },
        *put(node, key, value, context = {}) {
          yield* ctx.call(at(node), 'put', { key, value, context }, { deadline: s(1) });
        },
        until,
      }),
    faults,
  });

const owners = rangePlacements({ ranges: 16, virtualNodes: 32, zoneOf: () => '' })('n1 n2 n3 n4 n5 n6').lists[
  rangeOf('cart', 16)
] as readonly string[];
const numberOf = (node: string | undefined): number => Number(node?.slice(1));
const standIn = numberOf(owners[3]);

const itemsAt = (states: ReadonlyMap<string, DynamoState>, node: string): readonly string[] => {
  const policy = dottedVersionVectors();
  return cartOf(policy.read((states.get(node)?.cells.cart?.cell ?? policy.empty) as typeof policy.empty).values);
};

describe('the store', () => {
  test('puts a key on its first N nodes, and on no other', () => {
    const states = stored((ask) => ask.put(standIn, 'cart', ['milk']));
    expect([...states].filter(([, { cells }]) => cells.cart !== undefined).map(([id]) => id)).toEqual(
      owners.slice(0, 3).toSorted(),
    );
  });

  test('gives two puts with one context back as siblings, and one that has seen both replaces them', () => {
    let siblings: readonly unknown[] = [];
    const states = stored(function* script(ask) {
      yield* ask.put(1, 'cart', ['milk']);
      yield* ask.put(2, 'cart', ['bread']);
      const { values, context } = yield* ask.get(3, 'cart');
      siblings = values;
      yield* ask.put(4, 'cart', cartOf(values), context);
    });
    expect([...siblings].toSorted()).toEqual([['bread'], ['milk']]);
    for (const owner of owners.slice(0, 3)) expect(itemsAt(states, owner)).toEqual(['bread', 'milk']);
  });

  test('keeps a hint while an owner is away, and has no more of it when the owner has it', () => {
    const away = { node: owners[0] as string, at: ms(200), for: s(3) };
    const only = { antiEntropyEvery: 'never', readRepair: false } as const;
    const script: Script = function* put(ask) {
      yield* ask.until(ms(300));
      yield* ask.put(standIn, 'cart', ['milk']);
    };
    const during = stored(script, only, [crash({ node: away.node, at: ms(200) })]);
    const hints = [...during].filter(([, state]) => state.hints[away.node]?.cart !== undefined);
    expect(hints.map(([id]) => id)).toEqual([owners[3]]);
    const after = stored(script, only, [crash(away)]);
    expect(itemsAt(after, away.node)).toEqual(['milk']);
    expect([...after.values()].every(({ hints: kept }) => Object.keys(kept).length === 0)).toBe(true);
  });

  test('brings an owner up to date by anti-entropy alone, and by a read alone', () => {
    const apart = [partition({ at: ms(200), for: s(2), groups: [[owners[2] as string], ['*']] })];
    const script: Script = function* put(ask) {
      yield* ask.until(ms(300));
      yield* ask.put(numberOf(owners[0]), 'cart', ['milk']);
      yield* ask.until(s(4));
      yield* ask.get(numberOf(owners[1]), 'cart');
    };
    const strict = { quorum: 'strict', handOffEvery: 'never' } as const;
    const held = (options: Partial<DynamoOptions>): readonly string[] =>
      itemsAt(stored(script, { ...strict, ...options }, apart), owners[2] as string);
    expect(held({ readRepair: false })).toEqual(['milk']);
    expect(held({ antiEntropyEvery: 'never' })).toEqual(['milk']);
    expect(held({ antiEntropyEvery: 'never', readRepair: false })).toEqual([]);
  });

  test.each([
    ['always', ['milk']],
    ['group', ['milk']],
    ['never', []],
  ] as const)('after all owners lost power at once, with fsync %s, has %p', (fsync, expected) => {
    const states = stored(
      (ask) => ask.put(numberOf(owners[0]), 'cart', ['milk']),
      { fsync },
      owners.slice(0, 3).map((node) => crash({ node, at: s(1), for: s(1) })),
    );
    expect(itemsAt(states, owners[0] as string)).toEqual(expected);
  });

  test.each([
    ['replicas', { replicas: 0 }],
    ['readQuorum', { readQuorum: 4 }],
    ['writeQuorum', { writeQuorum: 0 }],
    ['members', { members: ['n9'] }],
    ['members', { members: ['n1', 'n1'] }],
    ['ranges', { ranges: 1.5 }],
    ['attempt', { attempt: 0 }],
    ['treeDepth', { treeDepth: 21 }],
  ])('refuses an impossible %s', (_field, options) => {
    const nodes = ['n1', 'n2', 'n3'].map((id, index) => ({ id, index }));
    expect(() => dynamoNode({ nodes, ...options })).toThrow(ConfigError);
  });

  test.each([
    [
      { replicas: 5, writeQuorum: 4 },
      'dynamo.replicas: got 5, expected a whole number from 1 to 3, the nodes there are',
    ],
    [{ quorum: 'strickt' }, 'dynamo.quorum: got "strickt", expected one of sloppy, strict; did you mean "strict"?'],
    [{ fsync: 'allways' }, 'dynamo.fsync: got "allways", expected one of always, group, never'],
    [{ versioning: 'timestamps' }, 'dynamo.versioning: got "timestamps", expected a versioning such as'],
    [{ readRepair: 'none' }, 'dynamo.readRepair: got "none", expected true or false'],
    [{ nodes: [1, 2].map(() => ({ id: 'n1', index: 0 })) }, 'dynamo.nodes: got ["n1","n1"], expected each node once'],
  ])('refuses %j', (options, message) => {
    const nodes = ['n1', 'n2', 'n3'].map((id, index) => ({ id, index }));
    expect(() => dynamoNode({ nodes, ...options } as DynamoOptions)).toThrow(message);
  });

  test('has an operator who refuses a step that is neither a join nor a leave', () => {
    const nodes = [{ id: 'n1', index: 0 }];
    const steps = [{ at: '1s', node: 'n1', status: 'left' as 'out' }];
    expect(() => ringOperator({ nodes, steps })).toThrow(
      'ringOperator.steps[0].status: got "left", expected one of in, out',
    );
  });

  test('has shoppers who refuse to wait for no time at all', () => {
    const options = { nodes: [{ id: 'n1', index: 0 }], carts: ['c'], attempt: 0 };
    expect(() => shopper(options)).toThrow('shopper.attempt: got 0, expected a duration above 0');
  });
});

describe('the scenarios', () => {
  const verdict = (scenario: typeof lostNode, check: string, params = {}) =>
    run(scenario, { seed: scenario.seed, params }).verdicts.find((one) => one.check === check);

  test('a node that is lost takes acknowledged adds with it when W = 1, and none when W = 2', () => {
    expect(verdict(lostNode, 'no acknowledged add is lost')?.status).toBe('violated');
    expect(verdict(lostNodeReplaced, 'no acknowledged add is lost')?.status).toBe('held');
  });

  test('plain vector clocks lose an item too: two shoppers who share a coordinator look like one after the other', () => {
    const versions = { versions: 'vector-clocks', shoppers: 8 };
    expect(verdict(lostCartItem, 'no acknowledged add is lost', versions)?.status).toBe('violated');
  });

  test('where the last write wins, copies agree, on carts that lack items', () => {
    expect(verdict(lostCartItem, 'the copies of cart-1 converge')?.status).toBe('held');
    expect(verdict(lostCartItem, 'no acknowledged add is lost')?.message).toMatch(/acknowledged writes are gone/);
  });
});
