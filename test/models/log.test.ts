import { describe, expect, test } from '@jest/globals';
import {
  CallError,
  constant,
  defineActor,
  exponential,
  ms,
  partition,
  partitionPartial,
  run,
  s,
  type Context,
  type Flow,
  type NodeRef,
  type Payload,
} from '../../sim/index.ts';
import {
  ephemeralSubscriber,
  groupCoordinator,
  logBroker,
  logConsumer,
  logController,
  logProducer,
  partitionsOf,
  type ControllerRef,
  type EphemeralSubscriberState,
  type GroupCoordinatorProtocol,
  type LogBrokerOptions,
  type LogBrokerProtocol,
  type LogBrokerState,
  type LogConsumerState,
  type LogControllerOptions,
  type LogControllerState,
  type LogProducerOptions,
  type LogProducerState,
  type LogRecord,
  type Replica,
} from '../../models/index.ts';
import rebalanceIdempotent from '../../scenarios/rebalance-idempotent.ts';
import { crash, pause, restart, resume } from '../../sim/world/lifecycle.ts';
import type { World } from '../../sim/world/world.ts';
import { drive, newWorld } from '../support/bare-world.ts';

type Nothing = Record<never, never>;

const record = (
  offset: number,
  epoch: number,
  before: number,
  stamp: LogRecord['message']['stamp'] = null,
): LogRecord => ({
  offset,
  epoch,
  before,
  message: { id: `${offset}@${epoch}`, key: '', body: null, stamp },
});

type Produce = Payload<LogBrokerProtocol, 'produce'>;
const message = (id: string, stamp: Produce['message']['stamp'] = null): Produce['message'] => ({
  id,
  key: '',
  body: null,
  stamp,
});

interface Cluster {
  readonly world: World;
  readonly brokers: readonly NodeRef<LogBrokerProtocol>[];
  replica(name: string, partition?: string): Replica;
}

/** A controller and three brokers, 1 ms apart; b1 leads `t-0` at first. */
function cluster(
  controlled: Partial<LogControllerOptions> = {},
  broker: Partial<LogBrokerOptions> = {},
  count = 1,
): Cluster {
  const world = newWorld();
  const partitions = partitionsOf('t', count);
  const brokers = world.refs<LogBrokerProtocol>('b', 3);
  const controller: ControllerRef = world.node('controller', {
    actor: logController({ brokers, partitions, ...controlled }),
    disk: { fsync: constant(0) },
  });
  for (const ref of brokers) {
    world.node<LogBrokerState, LogBrokerProtocol>(ref, {
      actor: logBroker({ controller, brokers, partitions, ...broker }),
      disk: { fsync: constant(0), crashKeeps: 'nothing' },
    });
  }
  const replica = (name: string, partition = 't-0'): Replica =>
    (world.named(name).state as LogBrokerState).replicas[partition] as Replica;
  return { world, brokers, replica };
}

/** Runs `body` on a node of its own. */
function client(world: World, body: (ctx: Context<object>) => Flow): void {
  const actor = defineActor<object, object>({
    role: 'client',
    init: () => ({}),
    start: (_state, ctx) => ctx.spawn(body(ctx)),
  });
  world.node('client', { actor });
}

function* codeOf(flow: Iterable<never, unknown> & { [Symbol.iterator](): Iterator<never, unknown> }): Flow<string> {
  try {
    yield* flow as unknown as Flow<unknown>;
    return 'ok';
  } catch (error) {
    if (error instanceof CallError) return error.code;
    throw error;
  }
}

const produce = (ctx: Context<object>, to: NodeRef<LogBrokerProtocol>, id: string, acks: Produce['acks'] = 'all') =>
  codeOf(ctx.call(to, 'produce', { partition: 't-0', message: message(id), acks }, { deadline: s(2) }) as never);

describe('brokers', () => {
  test('a record is on all in-sync replicas when acks = all is answered, and only then given to consumers', () => {
    const { world, brokers, replica } = cluster();
    const [b1, b2] = brokers as [NodeRef<LogBrokerProtocol>, NodeRef<LogBrokerProtocol>];
    const seen: unknown[] = [];
    client(world, function* (ctx) {
      yield* ctx.sleep(ms(500));
      seen.push(yield* produce(ctx, b2, 'x'), yield* produce(ctx, b1, 'm'));
      seen.push(['b1', 'b2', 'b3'].map((name) => replica(name).synced));
      const fetched = yield* ctx.call(b1, 'fetch', { partition: 't-0', offset: 0, wait: 0 });
      seen.push(fetched.records.map((one) => one.message.id));
      seen.push(yield* codeOf(ctx.call(b1, 'fetch', { partition: 't-0', offset: 9, wait: 0 }) as never));
    });
    drive(world, s(1));
    expect(seen).toEqual(['not-leader', 'ok', [1, 1, 1], ['m'], 'offset-out-of-range']);
  });

  test('with too few in sync acks = all is refused, acks = 1 taken and kept from consumers', () => {
    const { world, brokers, replica } = cluster({ minInSync: 3 });
    const b1 = brokers[0] as NodeRef<LogBrokerProtocol>;
    const seen: unknown[] = [];
    client(world, function* (ctx) {
      yield* ctx.sleep(s(2));
      seen.push(yield* produce(ctx, b1, 'm'), yield* produce(ctx, b1, 'n', 'leader'));
      seen.push(replica('b1').log.length, replica('b1').highWatermark);
    });
    world.start();
    crash(world, world.named('b3'));
    drive(world, s(4));
    expect(seen).toEqual(['not-enough-replicas', 'ok', 1, 0]);
    expect(replica('b1').metadata?.isr).toEqual(['b1', 'b2']);
  });

  test('a follower that comes back catches up, and is in sync again', () => {
    const { world, brokers, replica } = cluster();
    client(world, function* (ctx) {
      for (let i = 0; i < 40; i++) {
        yield* ctx.sleep(ms(50));
        yield* produce(ctx, brokers[0] as NodeRef<LogBrokerProtocol>, `m${i}`);
      }
    });
    drive(world, ms(600));
    crash(world, world.named('b3'));
    drive(world, ms(1_900));
    expect(replica('b1').metadata?.isr).toEqual(['b1', 'b2']);
    restart(world, world.named('b3'));
    drive(world, s(4));
    expect(replica('b1').metadata?.isr).toEqual(['b1', 'b2', 'b3']);
    expect(replica('b3').log).toEqual(replica('b1').log);
    expect(replica('b3').log).toHaveLength(40);
  });

  test('a new leader goes on in a higher epoch, and the old one cuts off what only it has', () => {
    const { world, brokers, replica } = cluster();
    client(world, function* (ctx) {
      yield* ctx.sleep(ms(400));
      for (let i = 0; i < 3; i++) yield* produce(ctx, brokers[0] as NodeRef<LogBrokerProtocol>, `m${i}`);
      yield* ctx.sleep(s(3));
      yield* produce(ctx, brokers[1] as NodeRef<LogBrokerProtocol>, 'later');
    });
    drive(world, ms(600));
    crash(world, world.named('b1'));
    // As if the leader had got one more on disk before it crashed.
    const orphan = record(3, 1, 1);
    world.named('b1').disk.append('log-t-0', orphan);
    drive(world, ms(650));
    restart(world, world.named('b1'));
    drive(world, s(5));
    expect(replica('b2').metadata).toMatchObject({ leader: 'b2', leaderEpoch: 2 });
    for (const name of ['b1', 'b2', 'b3'])
      expect(replica(name).log.map((one) => [one.message.id, one.epoch])).toEqual([
        ['m0', 1],
        ['m1', 1],
        ['m2', 1],
        ['later', 2],
      ]);
  });

  test.each([
    ['always', 5],
    ['background', 0],
  ] as const)('fsync %s: after a power failure of all brokers %d of 5 messages are there', (fsync, left) => {
    const { world, brokers, replica } = cluster({}, { fsync, flushEvery: s(60) });
    client(world, function* (ctx) {
      yield* ctx.sleep(ms(400));
      for (let i = 0; i < 5; i++) yield* produce(ctx, brokers[0] as NodeRef<LogBrokerProtocol>, `m${i}`);
    });
    drive(world, s(1));
    for (const { id } of brokers) crash(world, world.named(id));
    for (const { id } of brokers) restart(world, world.named(id));
    drive(world, s(4));
    expect(['b1', 'b2', 'b3'].map((name) => replica(name).log.length)).toEqual([left, left, left]);
  });

  test('a broker does not answer readers that have heard of a later leader epoch than it has (KIP-320)', () => {
    const { world, brokers } = cluster();
    const seen: unknown[] = [];
    client(world, function* (ctx) {
      yield* ctx.sleep(ms(500));
      for (const broker of brokers)
        for (const leaderEpoch of [1, 2]) {
          const request = { partition: 't-0', offset: 9, wait: 0, leaderEpoch };
          seen.push(yield* codeOf(ctx.call(broker, 'fetch', request) as never));
        }
    });
    drive(world, s(1));
    const [leader, follower] = ['offset-out-of-range', 'offset-not-available'];
    const behind = 'unknown-leader-epoch';
    expect(seen).toEqual([leader, behind, follower, behind, follower, behind]);
  });

  test('a partition without a leader gets one when the controller is back, though all brokers were there all the time', () => {
    const { world, replica } = cluster();
    drive(world, ms(500));
    const brokers = ['b1', 'b2', 'b3'].map((name) => world.named(name));
    for (const broker of brokers) pause(world, broker, { count: 0 });
    drive(world, s(3));
    const leaderOf = (): string | undefined =>
      (world.named('controller').state as LogControllerState).partitions['t-0']?.leader;
    expect(leaderOf()).toBe('');
    crash(world, world.named('controller'));
    restart(world, world.named('controller'));
    drive(world, ms(3_200));
    for (const broker of brokers) resume(world, broker);
    drive(world, s(5));
    expect(leaderOf()).not.toBe('');
    expect(replica(leaderOf() as string).role).toBe('leader');
  });

  test('the controller keeps epochs and in-sync replicas over a crash', () => {
    const { world } = cluster({}, {}, 2);
    drive(world, s(1));
    crash(world, world.named('b1'));
    drive(world, s(3));
    const before = (world.named('controller').state as LogControllerState).partitions;
    crash(world, world.named('controller'));
    restart(world, world.named('controller'));
    drive(world, s(4));
    const now = (world.named('controller').state as LogControllerState).partitions;
    expect(now).toEqual(before);
    expect(now['t-0']).toMatchObject({ leader: 'b2', leaderEpoch: 2, isr: ['b2', 'b3'] });
  });
});

describe('producers', () => {
  /** One producer over a network that loses and delays; what the partition holds at the end, by the producer's own numbers. */
  function sent(options: Partial<LogProducerOptions>): {
    readonly state: LogProducerState;
    readonly numbers: number[];
  } {
    const { world, brokers, replica } = cluster({ minInSync: 1 }, { requestTimeout: '300ms' });
    const actor = logProducer({
      brokers,
      partitions: ['t-0'],
      every: exponential({ mean: ms(20) }),
      deadline: '40ms',
      until: s(3),
      ...options,
    });
    const p = world.node<LogProducerState, Nothing>('p', { actor });
    const lossy = { latency: exponential({ mean: ms(8) }), loss: 0.1 };
    world.links({
      pairs: brokers.flatMap((b) => [
        { from: p, to: b, ...lossy },
        { from: b, to: p, ...lossy },
      ]),
    });
    drive(world, s(14));
    const numbers = replica('b1').log.map(({ message: { id } }) => Number(id.split('.')[1]));
    return { state: world.named('p').state as LogProducerState, numbers };
  }
  const inOrder = (numbers: readonly number[]): boolean =>
    numbers.every((n, i) => i === 0 || n > (numbers[i - 1] as number));

  test('idempotent, with five under way, every message is there once and in order', () => {
    const { state, numbers } = sent({ maxInFlight: 5 });
    expect(state.published).toBeGreaterThan(120);
    expect(state.acknowledged).toBe(state.published);
    expect(numbers).toEqual(Array.from({ length: state.published }, (_, i) => i + 1));
  });

  test('not idempotent, with five under way, messages are there twice and overtake each other', () => {
    const { state, numbers } = sent({ idempotent: false, maxInFlight: 5 });
    expect(state.acknowledged).toBe(state.published);
    expect(new Set(numbers).size).toBe(state.published);
    expect(numbers.length).toBeGreaterThan(state.published + 5);
    expect(inOrder([...new Set(numbers)])).toBe(false);
  });

  test('not idempotent, with one under way, first copies are in order', () => {
    const { numbers, state } = sent({ idempotent: false, maxInFlight: 1 });
    expect(inOrder([...new Set(numbers)])).toBe(true);
    expect(numbers.length).toBeGreaterThan(state.published);
  });

  test('with acks = 0 the producer never learns what was lost', () => {
    const { state, numbers } = sent({ acks: 'none' });
    expect(state.acknowledged).toBe(state.published);
    expect(new Set(numbers).size).toBeLessThan(state.published * 0.95);
  });

  test('an idempotent producer that gives up starts over with a new id, and loses nothing after it', () => {
    const { state, numbers } = sent({ maxInFlight: 5, deliveryTimeout: '100ms' });
    expect(state.lanes['t-0']?.renewals).toBeGreaterThan(0);
    expect(new Set(numbers).size).toBeGreaterThanOrEqual(state.acknowledged);
    expect(state.lanes['t-0']?.waiting).toEqual([]);
  });
});

describe('subscriptions', () => {
  test('a durable one gets what came while it was away, an ephemeral one does not', () => {
    const { world, brokers } = cluster({}, {}, 2);
    const partitions = partitionsOf('t', 2);
    const coordinator: NodeRef<GroupCoordinatorProtocol> = world.node('coordinator', {
      actor: groupCoordinator({ topics: { t: 2 } }),
    });
    world.node<LogProducerState, Nothing>('p', { actor: logProducer({ brokers, partitions, until: s(6) }) });
    const durable = logConsumer({ brokers, coordinator, group: 'g', topics: ['t'], work: constant(0) });
    world.node<LogConsumerState, Nothing>('durable', { actor: durable });
    world.node<EphemeralSubscriberState, Nothing>('ephemeral', { actor: ephemeralSubscriber({ brokers, partitions }) });
    drive(world, s(2));
    const away = ['durable', 'ephemeral'];
    for (const name of away) crash(world, world.named(name));
    drive(world, s(4));
    for (const name of away) restart(world, world.named(name));
    drive(world, s(9));
    const { operations } = world.history;
    const published = operations.filter(({ f }) => f === 'publish').map(({ input }) => input);
    const got = (key: string): Set<unknown> =>
      new Set(
        operations
          .filter((op) => op.f === 'process' && op.key === key && op.outcome === 'ok')
          .map(({ input }) => input),
      );
    expect(published.filter((id) => !got('g').has(id))).toEqual([]);
    const missed = published.filter((id) => !got('ephemeral').has(id)).length;
    expect(missed / published.length).toBeGreaterThan(0.2);
    expect(missed / published.length).toBeLessThan(0.5);
    const since = operations
      .filter(({ f, invokedAt }) => f === 'publish' && invokedAt > s(5))
      .map(({ input }) => input);
    expect(since.filter((id) => !got('ephemeral').has(id))).toEqual([]);
  });

  test('the coordinator refuses commits of an earlier generation, and keeps offsets and generations over a crash', () => {
    const world = newWorld();
    const coordinator: NodeRef<GroupCoordinatorProtocol> = world.node('coordinator', {
      actor: groupCoordinator({ topics: { t: 2 }, initialDelay: 0 }),
      disk: { fsync: constant(0), crashKeeps: 'nothing' },
    });
    const seen: unknown[] = [];
    client(world, function* (ctx) {
      const member = (name: string, generation: number) => ({ group: 'g', member: name, generation });
      const join = (name: string, generation = 0) =>
        ctx.call(coordinator, 'join', { ...member(name, generation), topics: ['t'] });
      const commit = (name: string, generation: number, offset: number) =>
        codeOf(
          ctx.call(coordinator, 'commit', {
            ...member(name, generation),
            offsets: { 't-0': offset },
            epochs: { 't-0': 3 },
          }) as never,
        );
      const beat = (name: string, generation: number) =>
        codeOf(ctx.call(coordinator, 'heartbeat', member(name, generation)) as never);
      seen.push(yield* join('a'), yield* commit('a', 1, 7), yield* commit('a', 1, 5));
      const both = ctx.all([join('b'), join('a', 1)]);
      seen.push(yield* both, yield* commit('a', 1, 8), yield* beat('a', 2));
      // b says nothing any more.
      for (let i = 0; i < 8; i++) {
        yield* ctx.sleep(ms(200));
        if ((yield* beat('a', 2)) !== 'ok') break;
      }
      seen.push(yield* join('a', 2), yield* beat('b', 2));
      yield* ctx.sleep(s(3));
      seen.push(yield* beat('a', 3), yield* join('a', 0));
    });
    drive(world, s(4));
    crash(world, world.named('coordinator'));
    restart(world, world.named('coordinator'));
    drive(world, s(8));
    const all = ['t-0', 't-1'];
    expect(seen).toEqual([
      { generation: 1, partitions: all, committed: { 't-0': 0, 't-1': 0 }, epochs: { 't-0': 0, 't-1': 0 } },
      'ok',
      'ok',
      [
        { generation: 2, partitions: ['t-1'], committed: { 't-1': 0 }, epochs: { 't-1': 0 } },
        { generation: 2, partitions: ['t-0'], committed: { 't-0': 7 }, epochs: { 't-0': 3 } },
      ],
      'illegal-generation',
      'ok',
      { generation: 3, partitions: all, committed: { 't-0': 7, 't-1': 0 }, epochs: { 't-0': 3, 't-1': 0 } },
      'unknown-member',
      'unknown-member',
      { generation: 4, partitions: all, committed: { 't-0': 7, 't-1': 0 }, epochs: { 't-0': 3, 't-1': 0 } },
    ]);
  });
});

test('a consumer that a deposed leader could send back to its own end does nothing again', () => {
  // b2 never hears that it leads no more; from 13 s on nobody publishes, and consumers look around.
  const all = ['store', 'b1', 'b3', 'controller', 'p1', 'billing2'];
  const { operations } = run(rebalanceIdempotent, {
    seed: 'survive/1437',
    faults: [
      partition({ at: ms(1_994), for: ms(7_912), groups: [all, ['b2', 'coordinator', 'p2', 'billing1']] }),
      partitionPartial({
        at: ms(2_924),
        pairs: [
          ['b2', 'controller'],
          ['b2', 'coordinator'],
        ],
      }),
    ],
  });
  const processed = operations.filter(({ f }) => f === 'process');
  expect(processed.filter(({ outcome }) => outcome === 'ok').length).toBeGreaterThan(300);
  expect(processed.filter(({ outcome, invokedAt }) => outcome !== 'ok' && invokedAt > s(13.2))).toEqual([]);
});

test('names the option that is wrong', () => {
  const brokers = newWorld().refs<LogBrokerProtocol>('b', 3);
  const controller = {} as ControllerRef;
  const partitions = ['t-0'];
  expect(() => logController({ brokers, partitions, replicationFactor: 4 })).toThrow(
    /logController\.replicationFactor: got 4/,
  );
  expect(() => logController({ brokers, partitions, minInSync: 4 })).toThrow(/logController\.minInSync: got 4/);
  expect(() => logController({ brokers, partitions: [] })).toThrow(/logController\.partitions/);
  expect(() => logBroker({ controller, brokers, partitions, fetchWait: '1s' })).toThrow(/logBroker\.fetchWait/);
  expect(() => logBroker({ controller, brokers, partitions, flushEvery: 0 })).toThrow(/logBroker\.flushEvery/);
  expect(() => logProducer({ brokers, partitions, acks: 'leader', idempotent: true })).toThrow(
    /logProducer\.idempotent/,
  );
  expect(() => logProducer({ brokers, partitions, maxInFlight: 6 })).toThrow(/logProducer\.maxInFlight: got 6/);
});

const ONE_BROKER = { brokers: [{ id: 'b', index: 0 }], partitions: ['t-0'] };
const producer = (options: object) => () => logProducer({ ...ONE_BROKER, ...options });
const consumer = (options: object) => () =>
  logConsumer({ ...ONE_BROKER, coordinator: { id: 'g', index: 1 }, group: 'g', topics: ['t'], ...options });
const broker = (options: object) => () => logBroker({ ...ONE_BROKER, controller: {} as ControllerRef, ...options });
const coordinator = (options: object) => () => groupCoordinator({ topics: { t: 1 }, ...options });

test.each([
  [
    'logProducer.acks: got "leadr", expected one of none, leader, all; did you mean "leader"?',
    producer({ acks: 'leadr' }),
  ],
  ['logProducer.acks: got 1, expected one of none, leader, all', producer({ acks: 1 })],
  ['logProducer.partitions: got "t-0", expected a list of names', producer({ partitions: 't-0' })],
  ['logProducer.every: got 0, expected a distribution with a mean above 0', producer({ every: 0 })],
  ['logProducer.deadline: got 0, expected a duration above 0', producer({ deadline: 0 })],
  ['logProducer.deliveryTimeout: got 0, expected a duration above 0', producer({ deliveryTimeout: 0 })],
  [
    'logConsumer.commit: got "After", expected one of before, after; did you mean "after"?',
    consumer({ commit: 'After' }),
  ],
  ['logConsumer.topics: got "t", expected a list of names', consumer({ topics: 't' })],
  ['logConsumer.heartbeatEvery: got 0, expected a duration above 0', consumer({ heartbeatEvery: 0 })],
  ['logBroker.fsync: got "never", expected one of always, background', broker({ fsync: 'never' })],
  ['logBroker.partitions: got "t-0", expected a list of names', broker({ partitions: 't-0' })],
  ['logBroker.maxRecords: got 1.5, expected a whole number of at least 1', broker({ maxRecords: 1.5 })],
  ['groupCoordinator.sessionTimeout: got 0, expected a duration above 0', coordinator({ sessionTimeout: 0 })],
  ['groupCoordinator.assignor: got "range", expected one such as rangeAssignor', coordinator({ assignor: 'range' })],
  ['groupCoordinator.rebalanceTimeout: got 0, expected a duration above 0', coordinator({ rebalanceTimeout: 0 })],
])('an option that makes no sense is refused: %s', (message, make) => {
  expect(make).toThrow(message);
});
