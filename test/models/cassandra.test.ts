/** The Cassandra-style store: where copies are, what levels wait for, which version wins, and when a deletion is forgotten. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { CallError, ConfigError, crash, ms, partition, run, s, type Fault, type Flow } from '../../sim/index.ts';
import {
  cassandraNode,
  hashRing,
  networkTopologyStrategy,
  rowClient,
  simpleStrategy,
  type CassandraOptions,
  type CassandraProtocol,
  type ConsistencyLevel,
  type RowClientOptions,
} from '../../models/index.ts';
import type { CassandraState } from '../../models/cassandra/cassandra-state.ts';
import { isMet, required } from '../../models/cassandra/consistency-level.ts';
import { rowVersions, type RowCell } from '../../models/cassandra/row-versions.ts';
import zombieRow from '../../scenarios/zombie-row.ts';
import { statesAfter, type Told } from './dynamo/states-after.ts';

const datacentreOf = (node: string): string => (node.startsWith('e') ? 'east' : 'west');

describe('replication strategies', () => {
  const places = fc
    .array(fc.tuple(fc.constantFrom('east', 'west', 'north'), fc.constantFrom('r1', 'r2', 'r3', 'r4')), {
      minLength: 1,
      maxLength: 14,
    })
    .map((list) => Object.fromEntries(list.map(([datacentre, rack], i) => [`n${i}`, { datacentre, rack }])));

  test('by topology: the copies of each data centre, each on a node of its own, on as many racks as can be', () => {
    fc.assert(
      fc.property(places, fc.integer({ min: 1, max: 6 }), fc.string(), (nodes, wanted, key) => {
        const datacentres = [...new Set(Object.values(nodes).map(({ datacentre }) => datacentre))];
        const copies = Object.fromEntries(datacentres.map((datacentre, i) => [datacentre, Math.max(1, wanted - i)]));
        const ring = hashRing({ members: Object.keys(nodes), virtualNodes: 8 });
        const replicas = networkTopologyStrategy({ copies, places: nodes }).replicas(ring, key);
        expect(new Set(replicas).size).toBe(replicas.length);
        expect(replicas).toEqual(ring.owners(key, ring.members.length).filter((node) => replicas.includes(node)));
        for (const datacentre of datacentres) {
          const there = Object.keys(nodes).filter((node) => nodes[node]?.datacentre === datacentre);
          const chosen = replicas.filter((node) => there.includes(node));
          const racks = (of: readonly string[]): number => new Set(of.map((node) => nodes[node]?.rack)).size;
          expect(chosen.length).toBe(Math.min(copies[datacentre] as number, there.length));
          expect(racks(chosen)).toBe(Math.min(chosen.length, racks(there)));
        }
      }),
    );
  });

  test('the simple one takes the first nodes of the walk, wherever they stand', () => {
    const ring = hashRing({ members: ['a', 'b', 'c', 'd'] });
    expect(simpleStrategy(3).replicas(ring, 'k')).toEqual(ring.owners('k', 3));
    expect(simpleStrategy(9).replicas(ring, 'k').toSorted()).toEqual(['a', 'b', 'c', 'd']);
  });

  test('refuse no copies, and a data centre without nodes', () => {
    expect(() => simpleStrategy(0)).toThrow(ConfigError);
    expect(() => networkTopologyStrategy({ copies: { east: 1 }, places: {} })).toThrow(ConfigError);
  });
});

describe('consistency levels', () => {
  const replicas = ['e1', 'e2', 'e3', 'w1', 'w2', 'w3'];
  const shares = (level: ConsistencyLevel) => required(level, replicas, datacentreOf, 'east');

  test.each([
    ['ONE', [], ['w3']],
    ['QUORUM', ['e1', 'e2', 'e3'], ['e1', 'e2', 'e3', 'w1']],
    ['LOCAL_QUORUM', ['e1', 'w1', 'w2', 'w3'], ['e1', 'e3']],
    ['EACH_QUORUM', ['e1', 'e2', 'e3', 'w1'], ['e1', 'e2', 'w2', 'w3']],
    ['ALL', ['e1', 'e2', 'e3', 'w1', 'w2'], replicas],
  ] as const)('%s: %j are too few, %j are enough', (level, few, enough) => {
    expect(isMet(shares(level), few)).toBe(false);
    expect(isMet(shares(level), enough)).toBe(true);
  });

  test('two that must meet, meet: whoever answers', () => {
    const pairs = [
      ['QUORUM', 'QUORUM'],
      ['LOCAL_QUORUM', 'LOCAL_QUORUM'],
      ['EACH_QUORUM', 'LOCAL_QUORUM'],
      ['ALL', 'ONE'],
    ] as const;
    fc.assert(
      fc.property(fc.subarray(replicas), fc.subarray(replicas), fc.constantFrom(...pairs), (a, b, [write, read]) => {
        if (isMet(shares(write), a) && isMet(shares(read), b)) expect(a.some((node) => b.includes(node))).toBe(true);
      }),
    );
  });
});

describe('row versions', () => {
  const { merge, compare, textOf, read } = rowVersions();
  const cells: fc.Arbitrary<RowCell> = fc.oneof(
    fc.constant(null),
    fc.record({
      at: fc.integer({ min: 1, max: 3 }),
      value: fc.constantFrom(null, 'a', 'b'),
      takenAt: fc.integer({ min: 1, max: 2 }),
    }),
  );

  test('merge alike in any order, and any number of times', () => {
    fc.assert(
      fc.property(cells, cells, cells, (a, b, c) => {
        expect(merge(a, b)).toEqual(merge(b, a));
        expect(merge(merge(a, b), c)).toEqual(merge(a, merge(b, c)));
        expect(merge(a, a)).toEqual(a);
        expect(textOf(a) === textOf(b)).toBe(compare(a, b) === 'equal');
      }),
    );
  });

  test('at equal timestamps a deletion wins over a value, and the greater value over the other', () => {
    const at = (value: unknown): RowCell => ({ at: 5, value, takenAt: 1 });
    expect(merge(at('z'), at(null))).toEqual(at(null));
    expect(merge(at('b'), at('a'))).toEqual(at('b'));
    expect(merge({ at: 6, value: 'a', takenAt: 0 }, at(null))?.value).toBe('a');
    expect(read(at(null)).values).toEqual([]);
  });
});

interface Ask {
  write(node: number, value: unknown, level: ConsistencyLevel, timestamp?: number): Flow<string>;
  read(node: number, level: ConsistencyLevel): Flow<unknown>;
  until(at: number): Flow;
}

/** Nodes n1 … n3 in the east and n4 … n6 in the west, with three copies each; their states at the end. */
function stored(script: (ask: Ask) => Flow, options: Partial<CassandraOptions> = {}, faults: readonly Fault[] = []) {
  const states = statesAfter<CassandraState, CassandraProtocol>({
    duration: s(6),
    place(world, nodes) {
      const places = Object.fromEntries(
        nodes.map(({ id }, i) => [id, { datacentre: i < 3 ? 'east' : 'west', rack: id }]),
      );
      const strategy = networkTopologyStrategy({ copies: { east: 3, west: 3 }, places });
      const actor = cassandraNode({ nodes, places, strategy, ranges: 1, ...options });
      for (const node of nodes) world.node(node, { actor });
    },
    script: (told) => script(asking(told)),
    faults,
  });
  return [...states.values()];
}

const asking = ({ ctx, at, until }: Told<CassandraProtocol>): Ask => ({
  *write(node, value, level, timestamp) {
    const request = { key: 'k', value, level };
    try {
      yield* ctx.call(at(node), 'write', timestamp === undefined ? request : { ...request, timestamp });
      return 'ok';
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      return `${error.code}${error.definite ? '' : '?'}`;
    }
  },
  *read(node, level) {
    return (yield* ctx.call(at(node), 'read', { key: 'k', level })).value;
  },
  until,
});

const EAST = ['n1', 'n2', 'n3', 'c1'];
const apart = (from: number, length: number): Fault => partition({ at: from, for: length, groups: [EAST, ['*']] });

describe('the store', () => {
  test('with the other data centre out of reach, meets LOCAL_QUORUM and ONE, and refuses what needs it', () => {
    const said: unknown[] = [];
    stored(
      function* (ask) {
        yield* ask.until(ms(500));
        // The first one finds out.
        said.push(yield* ask.write(1, 'a', 'EACH_QUORUM'));
        for (const level of ['ONE', 'LOCAL_QUORUM', 'QUORUM', 'EACH_QUORUM', 'ALL'] as const)
          said.push(`${level}: ${yield* ask.write(1, level, level)}`);
        said.push(yield* ask.read(2, 'LOCAL_QUORUM'));
      },
      { suspectFor: s(2) },
      [apart(ms(400), s(2))],
    );
    expect(said).toEqual([
      'no-quorum?',
      'ONE: ok',
      'LOCAL_QUORUM: ok',
      'QUORUM: unavailable',
      'EACH_QUORUM: unavailable',
      'ALL: unavailable',
      'LOCAL_QUORUM',
    ]);
  });

  test('hands hints over when the others are back, if they have not been away for too long', () => {
    const script = function* (ask: Ask): Flow {
      yield* ask.until(ms(500));
      yield* ask.write(1, 'a', 'ONE');
      yield* ask.until(s(2));
      yield* ask.write(1, 'b', 'ONE');
    };
    const west = (hintWindow: CassandraOptions['hintWindow'] & string) =>
      stored(script, { hintWindow }, [apart(ms(400), s(3))])
        .slice(3)
        .map(({ cells }) => (cells['k']?.cell as RowCell)?.value);
    expect(west('3s')).toEqual(['b', 'b', 'b']);
    expect(west('1s')).toEqual(['a', 'a', 'a']);
    expect(west('never')).toEqual([undefined, undefined, undefined]);
  });

  test('gives later timestamps that are older than what is stored no effect, and acknowledges them', () => {
    let found: unknown;
    stored(function* (ask) {
      yield* ask.write(1, 'new', 'ALL', 1_000);
      expect(yield* ask.write(2, 'old', 'ALL', 999)).toBe('ok');
      found = yield* ask.read(5, 'QUORUM');
    });
    expect(found).toBe('new');
  });

  test('keeps a tombstone for gc_grace, and purges it then', () => {
    const script = function* (ask: Ask): Flow {
      yield* ask.write(1, 'a', 'ALL');
      yield* ask.until(s(3));
      yield* ask.write(1, null, 'ALL');
      expect(yield* ask.read(4, 'QUORUM')).toBeNull();
    };
    const cells = (options: Partial<CassandraOptions>) =>
      stored(script, options).map((state) => state.cells['k']?.cell);
    expect(cells({ gcGrace: s(2) })).toEqual(Array.from({ length: 6 }, () => undefined));
    expect(cells({ gcGrace: s(4) })).toEqual(Array.from({ length: 6 }, () => expect.objectContaining({ value: null })));
  });

  test('that purges repaired tombstones only keeps them while a copy takes no part in repairs', () => {
    const script = function* (ask: Ask): Flow {
      yield* ask.write(1, 'a', 'ALL');
      yield* ask.until(s(1));
      yield* ask.write(1, null, 'QUORUM');
    };
    const kept = (faults: readonly Fault[]): number =>
      stored(script, { gcGrace: ms(500), purge: 'repaired', repairEvery: ms(300), hintWindow: 'never' }, faults).filter(
        (state) => state.cells['k'] !== undefined,
      ).length;
    expect(kept([])).toBe(0);
    expect(kept([crash({ node: 'n6', at: ms(700), for: s(2) })])).toBe(0);
    expect(kept([crash({ node: 'n6', at: ms(700), for: s(5) })])).toBeGreaterThanOrEqual(5);
  });

  test('forgets in time what a node within gc_grace has missed, and not after it', () => {
    const statusOf = (faultFor: string, gcGrace: string): string =>
      run(zombieRow, { seed: 'zombie-row', params: { faultFor, gcGrace } }).status;
    expect(statusOf('4500ms', '1s')).toBe('violated');
    expect(statusOf('1s', '9s')).toBe('held');
  });

  test.each([
    [{ gcGrace: '-1s' }, 'gcGrace'],
    [{ compactEvery: '0s' }, 'compactEvery'],
    [{ repairEvery: '0s' }, 'repairEvery'],
    [{ ranges: 0 }, 'ranges'],
    [{ purge: 'repair' }, 'cassandra.purge: got "repair", expected one of after-grace, repaired'],
    [{ strategy: 'SimpleStrategy' }, 'cassandra.strategy: got "SimpleStrategy", expected simpleStrategy'],
    [{ fsync: 'on' }, 'dynamo.fsync: got "on", expected one of always, group, never'],
  ])('refuses %j', (options, message) => {
    expect(() => stored(function* () {}, options as Partial<CassandraOptions>)).toThrow(message);
  });

  test.each([
    ['no places', undefined, undefined],
    ['another data centre', { datacentre: 'west', rack: 'r' }, '{"datacentre":"west","rack":"r"}'],
    ['another rack', { datacentre: 'east', rack: 'q' }, '{"datacentre":"east","rack":"q"}'],
  ])('refuses %s than its strategy has', (_what, own, shown) => {
    const strategy = networkTopologyStrategy({
      copies: { east: 1 },
      places: { n1: { datacentre: 'east', rack: 'r' } },
    });
    const places = own && { places: { n1: own } };
    expect(() => cassandraNode({ nodes: [{ id: 'n1', index: 0 }], strategy, ...places })).toThrow(
      `cassandra.places.n1: got ${shown}, expected what the strategy has: {"datacentre":"east","rack":"r"}`,
    );
  });
});

test.each([
  [{ readLevel: 'TWO' }, 'rowClient.readLevel: got "TWO", expected one of ONE, QUORUM'],
  [{ readLevel: 'EACH_QUORUM' }, 'a level for reads: EACH_QUORUM is for writes'],
  [{ writeLevel: 'LOCAL' }, 'rowClient.writeLevel: got "LOCAL", expected one of ONE, QUORUM'],
  [{ timestamps: 'server' }, 'rowClient.timestamps: got "server", expected one of client, coordinator'],
  [{ attempt: 0 }, 'rowClient.attempt: got 0, expected a duration above 0'],
])('a client refuses %j', (options, message) => {
  const right = { nodes: [{ id: 'n1', index: 0 }], reads: ['x'], readLevel: 'ONE', writeLevel: 'EACH_QUORUM' } as const;
  expect(() => rowClient(right)).not.toThrow();
  expect(() => rowClient({ ...right, ...options } as RowClientOptions)).toThrow(message);
});
