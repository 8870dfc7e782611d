/** [K8] Updates lost where the last write wins, and where failover does not wait: Kingsbury's first Jepsen reports (2013) and arithmetic. */
import { describe, expect, test } from '@jest/globals';
import {
  constant,
  defineScenario,
  exponential,
  holds,
  ms,
  noAcknowledgedWriteLost,
  partition,
  partitionOneWay,
  run,
  s,
  type Fault,
  type NodeRef,
  type Operation,
  type RunView,
} from '../../../sim/index.ts';
import {
  kvClient,
  lwwValues,
  multiPrimary,
  multiPrimaryStore,
  primaryReplica,
  primaryStore,
  type KvClientState,
  type KvStore,
  type MultiPrimaryProtocol,
  type MultiPrimaryState,
  type ReplicaProtocol,
  type ReplicaState,
} from '../../../models/index.ts';
import { judge, seedsFor } from '../oracle-table.ts';

interface Books {
  readonly total: number;
  readonly acknowledged: number;
  readonly survivors: number;
  readonly unacknowledgedPresent: number;
  readonly lost: number;
}

/** The books of a run: they always balance. */
function booksOf(operations: readonly Operation[], survivors: readonly unknown[]): Books {
  const kept = new Set(survivors);
  const acknowledged = operations.filter(({ outcome }) => outcome === 'ok');
  const lost = acknowledged.filter(({ input }) => !kept.has(input)).length;
  const unacknowledgedPresent = operations.filter(({ outcome, input }) => outcome !== 'ok' && kept.has(input)).length;
  expect(acknowledged.length).toBe(kept.size - unacknowledgedPresent + lost);
  return {
    total: operations.length,
    acknowledged: acknowledged.length,
    survivors: kept.size,
    unacknowledgedPresent,
    lost,
  };
}

/** `clients` read a set, add to it and write it back, each leg an exponential time: nothing else happens in a cycle. */
function readModifyWrite(clients: number, adds: number, seed: string): Books {
  let survivors: readonly unknown[] = [];
  const policy = lwwValues();
  const scenario = defineScenario({
    name: 'read-modify-write',
    question: 'How much is lost when clients change a value that is kept whole?',
    duration: s(100_000),
    recovery: false,
    build({ world }) {
      const [node] = world.refs<MultiPrimaryProtocol>('n', 1);
      if (node === undefined) return {};
      world.node(node, { actor: multiPrimary({ nodes: [node], policy, antiEntropy: 'off', fsync: '1h' }) });
      const store = multiPrimaryStore({ nodes: [node], readFirst: true, attempt: s(1_000) });
      const pairs = [];
      for (let i = 1; i <= clients; i++) {
        const options = { store, reads: 0, sets: true, think: constant(0), operations: adds };
        const client = world.node<KvClientState, object>(`c${i}`, { actor: kvClient(options) });
        pairs.push(
          { from: client, to: node, latency: exponential({ mean: s(1) }) },
          { from: node, to: client, latency: constant(0) },
        );
      }
      world.links({ pairs });
      return {};
    },
    checks: () => [
      noAcknowledgedWriteLost({
        f: 'add',
        survivors(view: RunView) {
          const cell = view.state<MultiPrimaryState>('n1')?.cells['x'];
          survivors = [...(policy.value(cell?.state as never).value as readonly unknown[])];
          return survivors;
        },
      }),
    ],
    expect: holds(),
  });
  const { operations } = run(scenario, { seed });
  return booksOf(operations, survivors);
}

describe('[K8] clients that read, change and write back one set, the last write wins', () => {
  test.each([
    [2, 0.3752],
    [3, 0.5367],
    [5, 0.6912],
    [10, 0.8283],
  ])('%i clients', (clients, published) => {
    const seeds = seedsFor(`K8/${clients}`, 8);
    const figures = seeds.map((seed) => {
      const { lost, acknowledged } = readModifyWrite(clients, Math.ceil(1_600 / clients), seed);
      return lost / acknowledged;
    });
    judge([{ name: `[K8] share of updates lost, ${clients} clients`, published, figures, tolerance: 0.02 }]);
  });

  test('Riak without a partition: 1434 of 2000 were gone', () => {
    const { acknowledged, total, lost, unacknowledgedPresent } = readModifyWrite(5, 400, 'riak');
    expect([total, acknowledged, unacknowledgedPresent]).toEqual([2_000, 2_000, 0]);
    expect(Math.abs(lost / acknowledged - 1_434 / 2_000)).toBeLessThan(0.1);
  });
});

interface Group {
  readonly size: number;
  readonly failover: 'naive' | 'quorum';
  readonly faults: readonly Fault[];
  /** The store of the i-th of five clients, of the groups' nodes in order. */
  readonly storeOf: (nodes: readonly NodeRef<ReplicaProtocol>[], client: number) => KvStore;
}

/** Five clients add to one set, each its own numbers; the books, and who lost what when. */
function additions({ size, failover, faults, storeOf }: Group): {
  books: Books;
  operations: readonly Operation[];
  kept: Set<unknown>;
} {
  let survivors: readonly unknown[] = [];
  const scenario = defineScenario({
    name: 'jepsen',
    question: 'How many acknowledged additions are gone?',
    duration: s(24),
    recovery: false,
    build({ world }) {
      const nodes = world.refs<ReplicaProtocol>('n', size);
      for (const node of nodes) world.node(node, { actor: primaryReplica({ nodes, failover, replication: 'async' }) });
      for (let i = 0; i < 5; i++) {
        const options = {
          store: storeOf(nodes, i),
          reads: 0,
          sets: true,
          from: s(1),
          think: exponential({ mean: ms(45) }),
          until: s(20),
        };
        world.node<KvClientState, object>(`c${i + 1}`, { actor: kvClient(options) });
      }
      return {};
    },
    faults: () => [...faults],
    checks: () => [
      noAcknowledgedWriteLost({
        f: 'add',
        survivors(view: RunView) {
          const states = Array.from({ length: size }, (_, i) => view.state<ReplicaState>(`n${i + 1}`));
          const primaries = states.filter((state) => state?.role === 'primary');
          const last = primaries.reduce((a, b) => ((b?.term ?? 0) > (a?.term ?? 0) ? b : a));
          survivors = [...((last?.store.values['x'] ?? []) as readonly unknown[])];
          return survivors;
        },
      }),
    ],
    expect: holds(),
  });
  const { operations } = run(scenario, { seed: 'jepsen', faults: [...faults] });
  return { books: booksOf(operations, survivors), operations, kept: new Set(survivors) };
}

describe('[K8] the first Jepsen reports', () => {
  test('Postgres: an acknowledgement that is lost on its way says nothing about the write', () => {
    const { books, operations } = additions({
      size: 1,
      failover: 'naive',
      // What n1 is asked arrives, and is done; what it answers does not.
      faults: [partitionOneWay({ at: s(9), for: ms(400), from: ['n1'], to: ['c1', 'c2', 'c3', 'c4', 'c5'] })],
      storeOf: (nodes) => primaryStore({ nodes, attempt: ms(200), patience: ms(200) }),
    });
    expect(books.lost).toBe(0);
    expect(books.unacknowledgedPresent).toBeGreaterThan(0);
    expect(books.survivors).toBe(books.acknowledged + books.unacknowledgedPresent);
    // Five clients, one addition each in flight when the answers stop, at most three before they come again.
    expect(operations.filter(({ outcome }) => outcome === 'info').length).toBeGreaterThanOrEqual(
      books.unacknowledgedPresent,
    );
    expect(books.unacknowledgedPresent).toBeLessThanOrEqual(15);
  });

  test('Redis Sentinel: asynchronous failover loses what all wrote before it, and what the old primary’s clients wrote after it', () => {
    const cut = s(3);
    const announced = s(8);
    const { books, operations, kept } = additions({
      size: 5,
      failover: 'naive',
      // The nodes are cut apart, the clients reach them all; until the new primary is announced everybody writes to the old one.
      faults: [
        partition({
          at: cut,
          for: s(18),
          groups: [
            ['n1', 'n2'],
            ['n3', 'n4', 'n5'],
          ],
        }),
      ],
      storeOf(nodes, client) {
        const old = primaryStore({ nodes: nodes.slice(0, 1) });
        const promoted = primaryStore({ nodes: nodes.slice(2) });
        const at = (now: number): KvStore => (client % 5 < 2 || now < announced ? old : promoted);
        return {
          read: (key, operation, ctx) => at(ctx.clock.monotonic).read(key, operation, ctx),
          update: (change, operation, ctx) => at(ctx.clock.monotonic).update(change, operation, ctx),
        };
      },
    });
    expect(books.unacknowledgedPresent).toBe(0);
    expect(Math.abs(books.lost / books.acknowledged - 1_126 / 1_998)).toBeLessThan(0.1);
    const lost = operations.filter(({ outcome, input }) => outcome === 'ok' && !kept.has(input));
    const losers = (from: number, to: number): string[] =>
      [
        ...new Set(lost.filter(({ invokedAt }) => invokedAt >= from && invokedAt < to).map(({ client }) => client)),
      ].toSorted();
    expect(losers(0, cut - ms(100))).toEqual([]);
    expect(losers(cut, announced)).toEqual(['c1', 'c2', 'c3', 'c4', 'c5']);
    expect(losers(announced, s(24))).toEqual(['c1', 'c2']);
  });
});
