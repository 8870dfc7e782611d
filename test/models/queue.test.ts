import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  type CallError,
  constant,
  crash,
  defineActor,
  defineScenario,
  duplicate,
  fsyncFail,
  holds,
  messageQueueDelivery,
  ms,
  partition,
  pause,
  run,
  s,
  type Context,
  type Flow,
  type NodeRef,
  type Scenario,
} from '../../sim/index.ts';
import {
  queueConsumer,
  queueProducer,
  workQueue,
  type ConsumerOptions,
  type ConsumerState,
  type Delivered,
  type ProducerState,
  type QueueProtocol,
  type QueueState,
  type WorkQueueOptions,
} from '../../models/index.ts';
import { drive, newWorld } from '../support/bare-world.ts';

/** Runs `body` as a client of a broker, 1 ms away, that syncs in no time, and returns the broker's last state. */
function withBroker(
  options: WorkQueueOptions,
  body: (ask: Asks, ctx: Context<object>) => Flow,
  until = s(20),
): QueueState {
  const world = newWorld();
  const broker: NodeRef<QueueProtocol> = world.node('broker', {
    actor: workQueue(options),
    disk: { fsync: constant(0) },
  });
  const asks = (ctx: Context<object>): Asks => ({
    *publish(id, priority = 0, group = '') {
      try {
        yield* ctx.call(broker, 'publish', { id, body: id, priority, group });
        return 'ok';
      } catch (error) {
        return (error as CallError).code;
      }
    },
    *receive(wait = 0, seq) {
      const asks = seq === undefined ? {} : { asks: { session: 'me~1', seq } };
      return yield* ctx.call(broker, 'receive', { consumer: 'me', wait, ...asks });
    },
    extend: (id, receipt) => ctx.send(broker, 'extend', { id, receipt }),
    *acknowledge(id, receipt) {
      try {
        yield* ctx.call(broker, 'acknowledge', { id, receipt });
        return 'ok';
      } catch (error) {
        return (error as CallError).code;
      }
    },
  });
  world.node('client', {
    actor: defineActor<object, object>({
      role: 'client',
      init: () => ({}),
      start: (_state, ctx) => ctx.spawn(body(asks(ctx), ctx)),
    }),
  });
  drive(world, until);
  return world.named('broker').state as QueueState;
}

interface Asks {
  publish(id: string, priority?: number, group?: string): Flow<string>;
  extend(id: string, receipt: number): void;
  receive(wait?: number, seq?: number): Flow<Delivered | undefined>;
  acknowledge(id: string, receipt: number): Flow<string>;
}

describe('work queue', () => {
  test('delivers by priority, then by arrival', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 20 }), (priorities) => {
        const got: string[] = [];
        withBroker({}, function* (ask) {
          for (const [i, priority] of priorities.entries()) yield* ask.publish(`${i}`, priority);
          for (let i = 0; i < priorities.length; i++) got.push((yield* ask.receive())?.id ?? 'none');
        });
        const expected = priorities
          .map((priority, i) => ({ priority, i }))
          .sort((a, b) => b.priority - a.priority || a.i - b.i);
        expect(got).toEqual(expected.map(({ i }) => `${i}`));
      }),
      { numRuns: 20 },
    );
  });

  test('gives a message to somebody else after the visibility timeout, and refuses the first receipt then', () => {
    const seen: unknown[] = [];
    const state = withBroker({ visibilityTimeout: '300ms' }, function* (ask) {
      yield* ask.publish('m');
      const first = (yield* ask.receive()) as Delivered;
      seen.push(yield* ask.receive(ms(100)));
      const second = (yield* ask.receive(ms(400))) as Delivered;
      seen.push(
        second.attempt,
        yield* ask.acknowledge('m', first.receipt),
        yield* ask.acknowledge('m', second.receipt),
      );
      seen.push(yield* ask.acknowledge('m', second.receipt), yield* ask.publish('m'), yield* ask.receive());
    });
    expect(seen).toEqual([undefined, 2, 'expired', 'ok', 'ok', 'ok', undefined]);
    expect(state.ready).toEqual([]);
  });

  test('sets a message aside after its last attempt', () => {
    const state = withBroker({ visibilityTimeout: '100ms', maxAttempts: 3 }, function* (ask) {
      yield* ask.publish('poison');
      for (let i = 0; i < 10; i++) yield* ask.receive(ms(200));
    });
    expect(state.dead.map(({ id, attempts }) => [id, attempts])).toEqual([['poison', 3]]);
    expect(state.inFlight).toEqual({});
  });

  test('pushes back when it is full, counting what is in flight', () => {
    const answers: string[] = [];
    withBroker({ capacity: 2 }, function* (ask) {
      answers.push(yield* ask.publish('a'), yield* ask.publish('b'), yield* ask.publish('c'));
      const a = (yield* ask.receive()) as Delivered;
      answers.push(yield* ask.publish('c'), yield* ask.acknowledge('a', a.receipt), yield* ask.publish('c'));
    });
    expect(answers).toEqual(['ok', 'ok', 'queue-full', 'queue-full', 'ok', 'ok']);
  });

  test('holds a publish up until there is room, and refuses it when that takes too long', () => {
    const answers: [string, number][] = [];
    withBroker({ capacity: 1, fullWait: '300ms' }, function* (ask, ctx) {
      yield* ask.publish('a');
      const a = (yield* ask.receive()) as Delivered;
      ctx.spawn(
        (function* (): Flow {
          yield* ctx.sleep(ms(100));
          yield* ask.acknowledge('a', a.receipt);
        })(),
      );
      for (const id of ['b', 'c']) {
        const from = ctx.clock.monotonic;
        answers.push([yield* ask.publish(id), Math.round((ctx.clock.monotonic - from) / ms(10)) * 10]);
      }
    });
    expect(answers).toEqual([
      ['ok', 100],
      ['queue-full', 300],
    ]);
  });

  test('gives a consumer that asks for it more time, and nothing to one that asks too late', () => {
    const seen: unknown[] = [];
    withBroker({ visibilityTimeout: '100ms' }, function* (ask, ctx) {
      yield* ask.publish('m');
      const first = (yield* ask.receive()) as Delivered;
      for (let i = 0; i < 5; i++) {
        seen.push(yield* ask.receive(ms(60)));
        ask.extend('m', first.receipt);
      }
      yield* ctx.sleep(ms(150));
      ask.extend('m', first.receipt);
      const second = (yield* ask.receive(0)) as Delivered;
      seen.push(
        second.attempt,
        yield* ask.acknowledge('m', first.receipt),
        yield* ask.acknowledge('m', second.receipt),
      );
    });
    expect(seen).toEqual([undefined, undefined, undefined, undefined, undefined, 2, 'expired', 'ok']);
  });

  test('refuses a message that has both a group and a priority', () => {
    const answers: string[] = [];
    withBroker({}, function* (ask) {
      answers.push(yield* ask.publish('a', 1, 'g'), yield* ask.publish('b', 1), yield* ask.publish('c', 0, 'g'));
    });
    expect(answers).toEqual(['group-priority', 'ok', 'ok']);
  });

  test('delivers a group one after the other, in order, whatever is acknowledged and whatever times out', () => {
    const steps = fc.array(fc.constantFrom('receive', 'acknowledge', 'wait'), { minLength: 5, maxLength: 40 });
    const groups = fc.array(fc.constantFrom('g', 'h', ''), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(groups, steps, (of, moves) => {
        const held = new Map<string, Delivered>();
        const done = new Map<string, number[]>();
        const groupOf = (id: string): string => of[Number(id)] as string;
        withBroker({ visibilityTimeout: '100ms', maxAttempts: 100 }, function* (ask, ctx) {
          for (const [i, group] of of.entries()) yield* ask.publish(`${i}`, 0, group);
          for (const move of moves) {
            if (move === 'wait') {
              yield* ctx.sleep(ms(150));
              held.clear();
            } else if (move === 'receive') {
              const got = yield* ask.receive();
              if (got === undefined) continue;
              const group = groupOf(got.id);
              // Nobody else of the group is in flight, and everything before it is done.
              if (group !== '') {
                expect([...held.keys()].map(groupOf)).not.toContain(group);
                const before = of.flatMap((other, i) => (other === group && i < Number(got.id) ? [i] : []));
                expect(done.get(group) ?? []).toEqual(before);
              }
              held.set(got.id, got);
            } else {
              const [first] = held.values();
              if (first === undefined || (yield* ask.acknowledge(first.id, first.receipt)) !== 'ok') continue;
              held.delete(first.id);
              const group = groupOf(first.id);
              done.set(group, [...(done.get(group) ?? []), Number(first.id)]);
            }
          }
        });
      }),
      { numRuns: 60 },
    );
  });

  test('at most once, a message is gone when it is delivered, also over a crash', () => {
    const seen: unknown[] = [];
    const state = withBroker({ delivery: 'at-most-once', visibilityTimeout: '100ms' }, function* (ask, ctx) {
      yield* ask.publish('m');
      seen.push(((yield* ask.receive()) as Delivered).id);
      yield* ctx.sleep(ms(300));
      seen.push(yield* ask.receive(), yield* ask.publish('m'), yield* ask.receive());
    });
    expect(seen).toEqual(['m', undefined, 'ok', undefined]);
    expect([...state.finished]).toEqual(['m']);
  });

  test('wakes a waiting consumer as a message comes', () => {
    const waited: number[] = [];
    withBroker({}, function* (ask, ctx) {
      ctx.spawn(
        (function* (): Flow {
          yield* ctx.sleep(ms(50));
          yield* ask.publish('m');
        })(),
      );
      const from = ctx.clock.monotonic;
      yield* ask.receive(s(5));
      waited.push(ctx.clock.monotonic - from);
    });
    expect(waited[0]).toBeGreaterThanOrEqual(ms(50));
    expect(waited[0]).toBeLessThan(ms(60));
  });

  test.each(['at-least-once', 'at-most-once'] as const)(
    '%s: answers a copy of a request in the same way, and an older one with nothing',
    (delivery) => {
      const seen: (string | undefined)[] = [];
      const state = withBroker({ delivery }, function* (ask) {
        for (const id of ['a', 'b']) yield* ask.publish(id);
        for (const seq of [1, 1, 2, 1, 2]) seen.push((yield* ask.receive(0, seq))?.id);
        yield* ask.acknowledge('b', 2);
        seen.push((yield* ask.receive(0, 2))?.id, (yield* ask.receive(0, 3))?.id);
        yield* ask.publish('c');
        seen.push((yield* ask.receive(0, 3))?.id, (yield* ask.receive(0, 4))?.id);
      });
      expect(seen).toEqual(['a', 'a', 'b', undefined, 'b', 'b', undefined, undefined, 'c']);
      expect(state.receipts).toBe(3);
    },
  );

  test('gives copies that wait the same message, and none to one that waits longer than its session', () => {
    const seen: [string, string | undefined][] = [];
    const state = withBroker({}, function* (ask, ctx) {
      function* asking(name: string, after: number, wait: number, seq: number): Flow {
        yield* ctx.sleep(after);
        seen.push([name, (yield* ask.receive(wait, seq))?.id]);
      }
      ctx.spawn(asking('first', 0, ms(300), 1));
      ctx.spawn(asking('copy', ms(50), ms(300), 1));
      ctx.spawn(asking('second', ms(150), ms(100), 2));
      ctx.spawn(asking('late copy', ms(160), ms(500), 2));
      ctx.spawn(asking('another first', ms(360), ms(500), 3));
      yield* ctx.sleep(ms(100));
      yield* ask.publish('a');
      yield* ctx.sleep(ms(300));
      yield* ask.publish('b');
    });
    expect(seen.toSorted(([a], [b]) => (a < b ? -1 : 1))).toEqual([
      ['another first', 'b'],
      ['copy', 'a'],
      ['first', 'a'],
      ['late copy', undefined],
      ['second', undefined],
    ]);
    expect(state.receipts).toBe(2);
  });

  const broker = {} as NodeRef<QueueProtocol>;
  const queue = (options: object) => () => workQueue(options);
  const consumer = (options: object) => () => queueConsumer({ broker, ...options });
  const producer = (options: object) => () => queueProducer({ broker, ...options });

  test.each([
    ['workQueue.maxAttempts: got 0, expected a whole number of at least 1, or Infinity', queue({ maxAttempts: 0 })],
    ['workQueue.maxAttempts: got 1.5, expected a whole number', queue({ maxAttempts: 1.5 })],
    ['workQueue.capacity: got 0, expected a whole number of at least 1', queue({ capacity: 0 })],
    ['workQueue.capacity: got 1.5, expected a whole number', queue({ capacity: 1.5 })],
    ['workQueue.dedupeWindow: got -1, expected a whole number of at least 0', queue({ dedupeWindow: -1 })],
    ['workQueue.groupEvery: got 0, expected a duration above 0', queue({ groupEvery: 0 })],
    ['workQueue.visibilityTimeout: got 0, expected a duration above 0', queue({ visibilityTimeout: 0 })],
    ['workQueue.fsync: got "alway", expected one of always, group, never; did you mean', queue({ fsync: 'alway' })],
    ['workQueue.delivery: got "once", expected one of at-least-once, at-most-once', queue({ delivery: 'once' })],
    ['queueConsumer.extendEvery: got 0, expected a duration above 0', consumer({ extendEvery: 0 })],
    ['queueConsumer.parallel: got 0, expected a whole number of at least 1', consumer({ parallel: 0 })],
    ['queueConsumer.parallel: got NaN, expected a whole number of at least 1', consumer({ parallel: NaN })],
    ['queueConsumer.poison: got 2, expected a share from 0 to 1', consumer({ poison: 2 })],
    ['queueProducer.priorities: got [null], expected a list of at least one number', producer({ priorities: [NaN] })],
    ['queueProducer.priorities: got [], expected a list of at least one number', producer({ priorities: [] })],
    ['queueProducer.priorities: got [1], expected none with groups', producer({ priorities: [1], groups: ['a'] })],
    ['queueProducer.groups: got "ab", expected a list of names', producer({ groups: 'ab' })],
    ['queueProducer.deadline: got 0, expected a duration above 0', producer({ deadline: 0 })],
  ])('names the option that is wrong: %s', (message, make) => {
    expect(make).toThrow(message);
  });
});

const NODES = ['broker', 'p1', 'p2', 'w1', 'w2'];

function queueScenario(queue: WorkQueueOptions, consumer: Partial<ConsumerOptions> = {}, atMostOnce = false): Scenario {
  return defineScenario({
    name: 'queue-under-test',
    question: 'Is every acknowledged message dealt with?',
    duration: s(14),
    recovery: false,
    build({ world }) {
      const broker: NodeRef<QueueProtocol> = world.node('broker', {
        actor: workQueue({ visibilityTimeout: '500ms', ...queue }),
      });
      const producing = queueProducer({ broker, until: s(6) });
      for (const ref of world.refs<Record<never, never>>('p', 2))
        world.node<ProducerState, Record<never, never>>(ref, { actor: producing });
      const consuming = queueConsumer({ broker, work: constant(ms(8)), ...consumer });
      for (const ref of world.refs<Record<never, never>>('w', 2))
        world.node<ConsumerState, Record<never, never>>(ref, { actor: consuming });
      return { broker };
    },
    checks: ({ broker }) => [
      messageQueueDelivery({
        atMostOnce,
        contents(view) {
          const state = view.state<QueueState>(broker);
          if (state === undefined) return undefined;
          return {
            queued: [...state.ready.map(({ id }) => id), ...Object.keys(state.inFlight)],
            dead: state.dead.map(({ id }) => id),
          };
        },
      }),
    ],
    expect: holds(),
  });
}

const verdict = (scenario: Scenario, options: Parameters<typeof run>[1]) => run(scenario, options).verdicts[0];

describe('a queue with producers and consumers', () => {
  const anyFault = fc.record({
    at: fc.integer({ min: ms(500), max: s(5) }),
    for: fc.integer({ min: ms(50), max: s(1) }),
    node: fc.constantFrom(...NODES),
  });
  const schedules = fc.array(
    fc.oneof(
      anyFault.map((fault) => crash(fault)),
      anyFault.map(({ node, ...window }) => partition({ ...window, groups: [[node], ['*']] })),
      anyFault.map((fault) => pause(fault)),
    ),
    { minLength: 1, maxLength: 5 },
  );

  test.each(['always', 'group'] as const)(
    'fsync %s: no schedule of crashes, pauses and partitions loses a message',
    (fsync) => {
      const scenario = queueScenario({ fsync });
      fc.assert(
        fc.property(schedules, fc.string({ minLength: 1, maxLength: 8 }), (faults, seed) => {
          expect(verdict(scenario, { seed, faults })).toMatchObject({ status: 'held' });
        }),
        { numRuns: 12 },
      );
    },
  );

  test('at most once: no schedule makes anybody do a message twice, and without faults all are done', () => {
    const scenario = queueScenario({ delivery: 'at-most-once' });
    const processed = (options: Parameters<typeof run>[1]): readonly unknown[] =>
      run(scenario, options).operations.flatMap(({ f, outcome, input }) =>
        f === 'process' && outcome !== 'fail' ? [input] : [],
      );
    fc.assert(
      fc.property(schedules, fc.string({ minLength: 1, maxLength: 8 }), (faults, seed) => {
        const ids = processed({ seed, faults });
        expect(new Set(ids).size).toBe(ids.length);
      }),
      { numRuns: 8 },
    );
    expect(verdict(scenario, { seed: 'calm' })).toMatchObject({ status: 'held' });
    const cut = partition({ at: s(2), for: s(1), groups: [['w1', 'w2'], ['*']] });
    expect(verdict(scenario, { seed: 'cut', faults: [cut] })).toMatchObject({ status: 'violated' });
  });

  test('a network that doubles everything hands no message to nobody', () => {
    const doubled = [duplicate({ at: s(0), from: '*', to: '*', probability: 1 })];
    const result = run(queueScenario({ visibilityTimeout: '500ms' }, { parallel: 3 }), {
      seed: 'doubled',
      faults: doubled,
    });
    expect(result.verdicts[0]).toMatchObject({ status: 'held' });
    const by = (what: string) => result.operations.filter(({ f }) => f === what);
    const publishedAt = new Map(by('publish').map(({ input, invokedAt }) => [input, invokedAt]));
    const waits = by('process').map(({ input, invokedAt }) => invokedAt - (publishedAt.get(input) ?? 0));
    expect(waits.length).toBeGreaterThan(300);
    expect(waits).toHaveLength(publishedAt.size);
    // Nothing has to come back first.
    expect(Math.max(...waits)).toBeLessThan(ms(500));
  });

  test('group commit flushes far less often than once a message', () => {
    const flushed = (fsync: 'always' | 'group'): number => {
      const { operations } = run(queueScenario({ fsync, groupEvery: '20ms' }), { seed: 'group' });
      const waits = operations.filter(({ f }) => f === 'publish').map((op) => op.completedAt - op.invokedAt);
      return waits.reduce((sum, wait) => sum + wait, 0) / waits.length;
    };
    expect(flushed('group')).toBeGreaterThan(flushed('always') * 3);
  });

  test('a consumer that is slower than the visibility timeout does the work of another again', () => {
    const slow = queueScenario({ visibilityTimeout: '20ms' }, { work: constant(ms(30)), parallel: 4 }, true);
    expect(verdict(slow, { seed: 'slow' })).toMatchObject({
      status: 'violated',
      message: expect.stringMatching(/processed twice/),
    });
  });

  test('a lost acknowledgement brings the message back; an idempotent consumer skips it', () => {
    // Both consumers are cut off again and again: now and then one has had its effect and cannot say so.
    const cuts = (cut: string[]) =>
      Array.from({ length: 12 }, (_, i) => partition({ at: s(1) + i * ms(311), for: ms(60), groups: [cut, ['*']] }));
    const quick = { visibilityTimeout: '200ms' };
    expect(verdict(queueScenario(quick, {}, true), { seed: 'again', faults: cuts(['w1', 'w2']) })).toMatchObject({
      status: 'violated',
    });
    const alone = [crash({ node: 'w2', at: 1, for: s(13) }), ...cuts(['w1'])];
    const result = run(queueScenario(quick, { idempotent: true }, true), { seed: 'again', faults: alone });
    expect(result.verdicts[0]).toMatchObject({ status: 'held' });
  });

  test('poison ends in the dead-letter queue and holds up nobody', () => {
    const result = run(queueScenario({ visibilityTimeout: '200ms', maxAttempts: 3 }, { poison: 0.1 }), {
      seed: 'poison',
    });
    expect(result.verdicts[0]).toMatchObject({ status: 'held' });
    const failed = new Map<unknown, number>();
    for (const { f, outcome, input } of result.operations)
      if (f === 'process' && outcome === 'fail') failed.set(input, (failed.get(input) ?? 0) + 1);
    expect(failed.size).toBeGreaterThan(10);
    expect([...failed.values()].every((times) => times === 3)).toBe(true);
  });

  test('a broker whose disk fails to sync accepts nothing more, and has lost nothing after its restart', () => {
    const faults = [
      fsyncFail({ node: 'broker', at: s(2), for: ms(500) }),
      crash({ node: 'broker', at: s(3), for: ms(200) }),
    ];
    const result = run(queueScenario({}), { seed: 'fsync', faults });
    expect(result.verdicts[0]).toMatchObject({ status: 'held' });
    const during = result.operations.filter(
      ({ f, completedAt }) => f === 'publish' && completedAt > ms(2_100) && completedAt < s(3),
    );
    expect(during.filter(({ outcome }) => outcome === 'ok')).toEqual([]);
  });

  test('is the same on the fast and on the recorded path', () => {
    const scenario = queueScenario({ fsync: 'group' }, { idempotent: true });
    const faults = [crash({ node: 'broker', at: s(2), for: ms(300) }), crash({ node: 'w1', at: s(3), for: ms(300) })];
    expect(run(scenario, { seed: 'paths', faults, record: true }).digest).toBe(
      run(scenario, { seed: 'paths', faults }).digest,
    );
  });
});
