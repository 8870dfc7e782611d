import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  clockFreeze,
  ConfigError,
  constant,
  correlated,
  crash,
  defineActor,
  defineScenario,
  duplicate,
  holds,
  isolate,
  linearizable,
  ms,
  partition,
  register,
  run,
  s,
  type Flow,
  type NodeRef,
  type Scenario,
  type WorldBuilder,
} from '../../../sim/index.ts';
import {
  kvClient,
  primaryReplica,
  primaryStore,
  quorumStore,
  registerReplica,
  type FailoverPolicy,
  type KvClientState,
  type PrimaryReplicaOptions,
  type QuorumStoreOptions,
  type RegisterReplicaProtocol,
  type ReplicaProtocol,
  type ReplicaState,
} from '../../../models/index.ts';
import { retreat } from '../../../models/replication/replicated-log.ts';
import splitBrain from '../../../scenarios/split-brain.ts';
import { replicatedGroupChecks } from '../../../scenarios/worlds/replicated-group.ts';
import { drive, newWorld } from '../../support/bare-world.ts';
import { staleShare } from './staleness.ts';
import { faultsFor } from './random-faults.ts';
import { around, storeContract, violations, type PlacedStore } from './store-contract.ts';

const NAMES = ['n1', 'n2', 'n3'];

const primary =
  (options: Omit<PrimaryReplicaOptions, 'nodes'> = {}, size = 3) =>
  (world: WorldBuilder): PlacedStore => {
    const nodes = world.refs<ReplicaProtocol>('n', size);
    const actor = primaryReplica({ nodes, ...options });
    for (const node of nodes) world.node(node, { actor });
    return { nodes: nodes as readonly NodeRef[], store: primaryStore({ nodes }) };
  };

const quorum =
  (options: Omit<QuorumStoreOptions, 'replicas'> = {}, size = 3) =>
  (world: WorldBuilder): PlacedStore => {
    const replicas = world.refs<RegisterReplicaProtocol>('n', size);
    const actor = registerReplica();
    for (const node of replicas) world.node(node, { actor });
    return { nodes: replicas as readonly NodeRef[], store: quorumStore({ replicas, ...options }) };
  };

storeContract('primary-replica, fenced', primary({ failover: 'fenced' }), NAMES);
storeContract('primary-replica, quorum', primary({ failover: 'quorum' }), NAMES);
storeContract('primary-replica, naive', primary({ failover: 'naive' }), NAMES);
storeContract('quorum register with write-back', quorum(), NAMES);

/** The same scenario with the promises of a primary-replica group. */
const guarded = (scenario: Scenario, size: number): Scenario => {
  const nodes = Array.from({ length: size }, (_, i) => ({ id: `n${i + 1}`, index: i }));
  const promises = replicatedGroupChecks({ nodes, clients: [], failover: 'fenced' }).filter(
    ({ kind }) => kind !== 'sometimes',
  );
  const names = promises.map(({ name }) => name);
  return {
    ...scenario,
    checks: (built) => [...scenario.checks(built).filter(({ name }) => !names.includes(name)), ...promises],
  };
};

const shape = (size: number) => ({
  nodes: Array.from({ length: size }, (_, i) => `n${i + 1}`),
  clients: ['c1', 'c2', 'c3'],
  before: s(6),
});

describe('under any faults that heal', () => {
  test.each([3, 5])('fenced failover among %i nodes loses nothing, stays linearizable, and comes back', (size) => {
    const scenario = guarded(around(primary({}, size), { cas: 0.3 }, 10), size);
    fc.assert(
      fc.property(faultsFor(shape(size)), fc.string({ minLength: 1, maxLength: 8 }), (faults, seed) => {
        const result = run(scenario, { seed, faults });
        // A node stops for good when its disk fails. Without a majority nobody is served, and nothing is left to show.
        const stopped = new Set(faults.flatMap((fault) => (fault.kind === 'fsync-fail' ? [fault.node] : []))).size;
        const late = result.operations.filter(({ outcome, completedAt }) => outcome === 'ok' && completedAt > s(8));
        if (stopped * 2 < size) {
          expect(violations(result)).toEqual([]);
          expect(late.length).toBeGreaterThan(0);
        }
        const refuted = result.verdicts.filter(({ status, kind }) => status === 'violated' && kind !== 'sometimes');
        expect(refuted).toEqual([]);
      }),
      { numRuns: 8 },
    );
  });

  test('majorities with write-back stay linearizable', () => {
    const scenario = around(quorum(), {}, 8);
    fc.assert(
      fc.property(faultsFor(shape(3)), fc.string({ minLength: 1, maxLength: 8 }), (faults, seed) => {
        const linear = run(scenario, { seed, faults }).verdicts.find(({ check }) => check === 'linearizable register');
        expect(linear).toMatchObject({ status: 'held' });
      }),
      { numRuns: 10 },
    );
  });
});

/** The second cut crosses the first: primaries that have begun the same term apart from each other meet. */
const crossingCuts = [
  partition({
    at: ms(2_200),
    for: ms(9_186),
    groups: [
      ['n4', 'n5'],
      ['n1', 'n2', 'n3'],
    ],
  }),
  partition({
    at: ms(7_263),
    for: ms(5_060),
    groups: [
      ['n2', 'n4'],
      ['n1', 'n3', 'n5'],
    ],
  }),
];

describe('primary-replica', () => {
  const states = (failover: FailoverPolicy, faults: Parameters<typeof run>[1]['faults'] = [], size = 3) => {
    let end: ReplicaState[] = [];
    const scenario = around(primary({ failover }, size));
    const spying: Scenario = {
      ...scenario,
      checks: () => [
        {
          name: 'end',
          kind: 'history',
          promise: 'none',
          begin: (view) => ({
            finish() {
              end = shape(size).nodes.map((id) => structuredClone(view.state<ReplicaState>(id) as ReplicaState));
              return { check: 'end', kind: 'history', status: 'held', message: '' };
            },
          }),
        },
      ],
    };
    const result = run(spying, { seed: 'states', faults });
    return { end, result };
  };

  test('begins with its first node as primary', () => {
    for (const failover of ['naive', 'quorum', 'fenced'] as const) {
      const { end } = states(failover);
      expect(end.map(({ role }) => role)).toEqual(['primary', 'replica', 'replica']);
      expect(end.map(({ term }) => term)).toEqual([1, 1, 1]);
    }
  });

  test.each(['naive', 'quorum', 'fenced'] as const)(
    '%s: an old primary that rejoins has the log of the new one',
    (failover) => {
      const { end } = states(failover, [isolate({ node: 'n1', at: s(1), for: s(2) })]);
      expect(end[0]?.role).toBe('replica');
      expect(end[0]?.term).toBeGreaterThan(1);
      const leading = end.find(({ role }) => role === 'primary') as ReplicaState;
      for (const { log, store } of end) {
        expect(log).toEqual(leading.log);
        expect(store).toEqual(leading.store);
      }
    },
  );

  test('a replica that was away for long catches up in batches', () => {
    const { end } = states('fenced', [crash({ node: 'n3', at: s(1), for: s(3) })]);
    expect(end[2]?.log).toEqual(end[0]?.log);
    expect(end[2]?.log.length).toBeGreaterThan(64);
  });

  test('an isolated candidate does not raise its term, and deposes nobody when it returns', () => {
    const { end } = states('fenced', [isolate({ node: 'n3', at: s(1), for: s(3) })]);
    expect(end.map(({ term }) => term)).toEqual([1, 1, 1]);
  });

  test('naive primaries of one term that meet before the first entry ask no log for what stands before it', () => {
    expect(retreat([], 0)).toBe(0);
    expect(run(splitBrain, { seed: 's3', faults: crossingCuts }).status).toBe('violated');
  });

  test('naive primaries of one term that refuse each other do so no more often when every refusal comes twice', () => {
    const twice = duplicate({ at: ms(6_000), for: ms(7_000), from: '*', to: '*', probability: 1 });
    const faults = [...crossingCuts, twice];
    const { engine } = run(splitBrain, { seed: 's3', faults, limits: { maxEvents: 100_000 } });
    expect(engine.events).toBeLessThan(50_000);
  });

  test('a primary without a majority steps down within its lease; a naive one never does', () => {
    const cut = [
      partition({
        at: s(1),
        groups: [
          ['n1', 'c1', 'c2', 'c3'],
          ['n2', 'n3'],
        ],
      }),
    ];
    expect(states('fenced', cut).end[0]?.role).not.toBe('primary');
    expect(states('quorum', cut).end[0]?.role).not.toBe('primary');
    expect(states('naive', cut).end[0]?.role).toBe('primary');
  });

  test.each([
    ['quorum', ['old']],
    ['fenced', ['new']],
  ] as const)('%s: a replica that hears a new primary and then an older one holds %j', (failover, kept) => {
    const world = newWorld();
    const nodes = world.refs<ReplicaProtocol>('n', 3);
    const [n1, n2, n3] = nodes as [NodeRef<ReplicaProtocol>, NodeRef<ReplicaProtocol>, NodeRef<ReplicaProtocol>];
    world.node(n2, { actor: primaryReplica({ nodes, failover }) });
    const append = (term: number, from: NodeRef<ReplicaProtocol>, value: string) => ({
      term,
      primary: from.id,
      previous: { index: 0, term: 0 },
      entries: [{ index: 1, term, before: 0, command: { f: 'write', key: 'x', value, session: 's', seq: 1 } as const }],
      commit: 0,
      round: 1,
      sentAt: 0,
    });
    const puppet = (at: number, term: number, value: string) =>
      defineActor<object, ReplicaProtocol>({
        role: 'puppet',
        init: () => ({}),
        start: (_, ctx) => ctx.setTimer('speak', at),
        on: { append() {}, appended() {}, askVote() {}, voted() {} },
        timers: {
          speak: (_, ctx) => ctx.send(n2, 'append', append(term, ctx.self as NodeRef<ReplicaProtocol>, value)),
        },
      });
    world.node(n3, { actor: puppet(ms(10), 7, 'new') });
    world.node(n1, { actor: puppet(ms(20), 6, 'old') });
    drive(world, ms(100));
    const { term, log } = world.named('n2').state as ReplicaState;
    expect(term).toBe(7);
    expect(log.map(({ command }) => command?.f === 'write' && command.value)).toEqual(kept);
  });

  test('fenced failover does not trust clocks: with quorum failover a primary whose clock stands still answers stale reads', () => {
    const linear = (failover: FailoverPolicy): string | undefined => {
      const scenario = defineScenario({
        name: 'frozen-clock',
        question: 'Does a primary that cannot see its lease end answer stale reads?',
        duration: s(5),
        recovery: false,
        build({ world }) {
          const { store } = primary({ failover })(world);
          const think = constant(ms(10));
          world.node<KvClientState, object>('c1', { actor: kvClient({ store, reads: 1, think, from: s(1) }) });
          world.node<KvClientState, object>('c2', { actor: kvClient({ store, reads: 0, think, from: s(1) }) });
          return {};
        },
        // c1 can reach n1 alone; everybody else goes on with a new primary.
        faults: () => [
          clockFreeze({ node: 'n1', at: s(2), for: s(2), clock: 'monotonic' }),
          partition({ at: s(2), for: s(2), groups: [['n1', 'c1'], ['*']] }),
        ],
        checks: () => [linearizable(register())],
        expect: holds(),
      });
      return run(scenario, { seed: 'frozen' }).verdicts[0]?.status;
    };
    expect(linear('quorum')).toBe('violated');
    expect(linear('fenced')).toBe('held');
  });

  test('acknowledges nothing that a power cut can still take, on slow disks', () => {
    const place = (world: WorldBuilder): PlacedStore => {
      const nodes = world.refs<ReplicaProtocol>('n', 3);
      const actor = primaryReplica({ nodes, electionTimeout: '500ms' });
      for (const node of nodes) world.node(node, { actor, disk: { fsync: constant(ms(20)), crashKeeps: 'nothing' } });
      return { nodes: nodes as readonly NodeRef[], store: primaryStore({ nodes, patience: ms(500) }) };
    };
    const faults = [3, 5, 7, 9].map((at) => correlated({ nodes: NAMES, at: s(at), for: ms(50), mode: 'crash' }));
    const result = run(guarded(around(place, { think: constant(ms(2)), reads: 0.1 }, 12), 3), { seed: 'cuts', faults });
    expect(violations(result)).toEqual([]);
    expect(result.operations.filter(({ f, outcome }) => f === 'write' && outcome === 'info').length).toBeGreaterThan(3);
  });

  test('reads from its log what a crash left in order, and no more', () => {
    const world = newWorld();
    const nodes = world.refs<ReplicaProtocol>('n', 3);
    const actor = primaryReplica({ nodes });
    for (const node of nodes) world.node(node, { actor });
    drive(world, ms(1));
    const node = world.named('n1');
    const entry = (index: number, term: number, before: number) => ({ index, term, before, command: undefined });
    // The truncation to 2 and entry (3, 2) were lost, (4, 2) was kept: it does not follow on (3, 1).
    for (const record of [entry(1, 1, 0), entry(2, 1, 1), entry(3, 1, 1), entry(4, 2, 2), entry(5, 2, 2)])
      node.disk.append('log', record);
    const state = actor.recover?.(node.disk, node.ctx as never);
    expect(state?.log.map(({ index, term }) => [index, term])).toEqual([
      [1, 1],
      [2, 1],
      [3, 1],
    ]);
    expect(node.disk.log('log')).toHaveLength(3);
    expect(state?.term).toBe(1);
  });

  test('names the option that is wrong', () => {
    const nodes = [{ id: 'n1', index: 0 }];
    expect(() => primaryReplica({ nodes: [] })).toThrow(ConfigError);
    expect(() => primaryReplica({ nodes, replication: 'async' })).toThrow(/primaryReplica\.replication: got "async"/);
    expect(() => primaryReplica({ nodes, lease: '400ms' })).toThrow(/primaryReplica\.lease.*less than electionTimeout/);
    expect(() => primaryReplica({ nodes, heartbeat: '300ms' })).toThrow(/primaryReplica\.heartbeat/);
    expect(() => primaryReplica({ nodes, batch: 0 })).toThrow(/primaryReplica\.batch/);
  });

  test.each([
    [{ failover: 'fence' }, 'primaryReplica.failover: got "fence", expected one of naive, quorum, fenced, operator'],
    [
      { failover: 'naive', replication: 'asynch' },
      'primaryReplica.replication: got "asynch", expected one of sync, semi-sync, async',
    ],
    [
      { nodes: [1, 2].map(() => ({ id: 'n1', index: 0 })) },
      'primaryReplica.nodes: got ["n1","n1"], expected each node once',
    ],
  ] as [Partial<PrimaryReplicaOptions>, string][])('refuses %j', (options, message) => {
    const nodes = [{ id: 'n1', index: 0 }];
    expect(() => primaryReplica({ nodes, ...options })).toThrow(message);
  });

  test.each([
    [{ attempt: 0 }, 'primaryStore.attempt: got 0, expected a duration above 0'],
    [{ pause: '0s' }, 'primaryStore.pause: got "0s", expected a duration above 0'],
    [{ nodes: [] }, 'primaryStore.nodes: got [], expected at least one node'],
  ])('its store refuses %j', (options, message) => {
    const nodes = [{ id: 'n1', index: 0 }];
    expect(() => primaryStore({ nodes, ...options })).toThrow(message);
  });

  test.each([Number.NaN, -3, 1.5])('its clients refuse to make %p operations', (operations) => {
    const store = primaryStore({ nodes: [{ id: 'n1', index: 0 }] });
    expect(() => kvClient({ store, operations })).toThrow(
      `kvClient.operations: got ${operations}, expected a whole number of at least 0, or Infinity`,
    );
  });
});

describe('an update', () => {
  /** Sends the same update twice to a single-node group, and reads what came of it. */
  function* twice(
    node: NodeRef<ReplicaProtocol>,
    ctx: Parameters<NonNullable<ReturnType<typeof kvClient>['start']>>[1],
    found: unknown[],
  ): Flow {
    yield* ctx.sleep(s(2));
    const command = { f: 'add', key: 'set', value: 'a', session: 'me', seq: 1 } as const;
    found.push(yield* ctx.call(node, 'update', command));
    found.push(yield* ctx.call(node, 'update', command));
    const cas = { f: 'cas', key: 'x', from: 'nothing', to: 'b', session: 'me', seq: 2 } as const;
    found.push(yield* ctx.call(node, 'update', cas));
    found.push(yield* ctx.call(node, 'update', cas));
    found.push(yield* ctx.call(node, 'read', { key: 'set' }));
    found.push(yield* ctx.call(node, 'read', { key: 'x' }));
  }

  test('that is sent again is applied once and answered the same', () => {
    const world = newWorld();
    const node = world.ref<ReplicaProtocol>('n1');
    world.node(node, { actor: primaryReplica({ nodes: [node] }) });
    const found: unknown[] = [];
    world.node('c', {
      actor: defineActor<object, object>({
        role: 'client',
        init: () => ({}),
        start: (_, ctx) => ctx.spawn(twice(node, ctx as never, found)),
      }),
    });
    drive(world, s(4));
    expect(found).toEqual([
      { applied: true },
      { applied: true },
      { applied: false },
      { applied: false },
      { value: ['a'] },
      { value: null },
    ]);
  });
});

describe('quorum register', () => {
  test('serves while a majority is up, and refuses without one', () => {
    const minority = run(around(quorum()), { seed: 'one', faults: [crash({ node: 'n1', at: s(1), for: s(2) })] });
    expect(minority.operations.every(({ outcome }) => outcome === 'ok')).toBe(true);
    const majority = run(around(quorum()), {
      seed: 'two',
      faults: [crash({ node: 'n1', at: s(1), for: s(2) }), crash({ node: 'n2', at: s(1), for: s(2) })],
    });
    const during = majority.operations.filter(({ invokedAt }) => invokedAt > ms(1_200) && invokedAt < ms(1_800));
    expect(during.length).toBeGreaterThan(0);
    expect(during.every(({ outcome, error }) => outcome !== 'ok' && error === 'no-quorum')).toBe(true);
  });

  test('loses acknowledged writes in a power cut when its replicas do not sync', () => {
    const place = (world: WorldBuilder): PlacedStore => {
      const replicas = world.refs<RegisterReplicaProtocol>('n', 3);
      for (const node of replicas)
        world.node(node, { actor: registerReplica({ fsync: false }), disk: { crashKeeps: 'nothing' } });
      return { nodes: replicas as readonly NodeRef[], store: quorumStore({ replicas }) };
    };
    const faults = NAMES.map((node) => crash({ node, at: s(3), for: ms(300) }));
    expect(violations(run(around(place), { seed: 'cut', faults })).join()).toMatch(/linearizable/);
  });

  test('names the quorum that is too large', () => {
    const replicas = [{ id: 'n1', index: 0 }];
    expect(() => quorumStore({ replicas, readQuorum: 2 })).toThrow(
      /quorumStore\.readQuorum: got 2, expected a whole number from 1 to 1/,
    );
  });

  test.each([
    [{ readRepair: 'write_back' }, 'quorumStore.readRepair: got "write_back", expected one of write-back, none'],
    [{ reach: 'some' }, 'quorumStore.reach: got "some", expected one of all, random'],
    [{ attempt: 0 }, 'quorumStore.attempt: got 0, expected a duration above 0'],
    [
      { replicas: [1, 2].map(() => ({ id: 'n1', index: 0 })) },
      'quorumStore.replicas: got ["n1","n1"], expected each node once',
    ],
  ] as [Partial<QuorumStoreOptions>, string][])('refuses %j', (options, message) => {
    const replicas = [{ id: 'n1', index: 0 }];
    expect(() => quorumStore({ replicas, ...options })).toThrow(message);
  });

  test('has replicas that either flush or do not', () => {
    expect(() => registerReplica({ fsync: 'never' as unknown as boolean })).toThrow(
      'registerReplica.fsync: got "never", expected true or false',
    );
  });

  test('[K1] misses the last write as often as random quorums do', () => {
    // N = 3, R = W = 1: 1 − C(2,1)/C(3,1) = 1/3 see it. One run of 900: within 4 standard errors.
    const { fresh, reads } = staleShare({ n: 3, r: 1, w: 1, seed: 'k1', rounds: 900, versions: 1 });
    expect(reads).toBe(900);
    expect(Math.abs((fresh[0] as number) - 1 / 3)).toBeLessThan(4 * Math.sqrt((1 / 3) * (2 / 3) * (1 / 900)));
  });
});
