/** What every caching strategy owes whoever stands in front of it, and what each does besides. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { constant, linearizable, ms, register, s, us, type NodeRef } from '../../sim/index.ts';
import type { Context } from '../../sim/world/context.ts';
import type { Flow } from '../../sim/world/actor.ts';
import { crash, restart } from '../../sim/world/lifecycle.ts';
import { World } from '../../sim/world/world.ts';
import { client, kvOperations, kvStore, lru, openLoop, writeBehind } from '../../models/index.ts';
import type { KeyOrder, KvProtocol, KvStoreState, WriteBehindOptions, WriteBehindState } from '../../models/index.ts';
import { drive, runner } from '../support/bare-world.ts';
import { STRATEGIES, type Kv, type Strategy } from './caching-strategies.ts';

const table = Object.entries(STRATEGIES).map(([name, strategy]) => ({ name, ...strategy }));

interface Bench {
  readonly world: World;
  readonly lines: readonly string[];
  count(name: string, node?: string): number;
}

type Body = (front: Kv, ctx: Context<string[]>, log: (line: string) => void) => Flow<unknown>;

/** A store 1 ms behind the front, which is 1 ms away from whoever runs `body`. */
function bench(place: Strategy['place'], body: Body, until = s(20)): Bench {
  const world = new World({ seed: 'strategies' });
  world.links({ latency: constant(ms(1)), transport: 'stream' });
  const store = world.node<KvStoreState, KvProtocol>('store', { actor: kvStore(), disk: { fsync: constant(us(500)) } });
  const front = place(world, store);
  world.node('app', { actor: runner((ctx, log) => body(front, ctx, log)) });
  drive(world, until);
  const count = (name: string, node = 'front'): number => world.metrics.counter(node, name).value;
  return { world, lines: world.named('app').state as string[], count };
}

const key = fc.constantFrom('a', 'b', 'c', 'd', 'e');
const value = fc.integer({ min: 0, max: 3 });
const operation = fc.oneof(
  fc.record({ message: fc.constant('get' as const), payload: fc.record({ key }) }),
  fc.record({ message: fc.constant('put' as const), payload: fc.record({ key, value }) }),
  fc.record({
    message: fc.constant('cas' as const),
    payload: fc.record({ key, from: fc.oneof(value, fc.constant(null)), to: value }),
  }),
  fc.record({ message: fc.constant('add' as const), payload: fc.record({ key, by: value }) }),
  fc.record({ message: fc.constant('remove' as const), payload: fc.record({ key }) }),
  fc.record({ message: fc.constant('sleep' as const), payload: fc.record({ key }) }),
);

function* replies(
  operations: readonly { readonly message: string; readonly payload: unknown }[],
  front: Kv,
  ctx: Context<string[]>,
  log: (line: string) => void,
): Flow {
  for (const { message, payload } of operations) {
    if (message === 'sleep') yield* ctx.sleep(ms(15));
    else log(JSON.stringify(yield* ctx.forward(front as NodeRef, message, payload)));
  }
}

describe.each(table)('the contract of caching strategies: $name', ({ place, linearizable: sound }) => {
  test('one client sees of it what it would see of the store', () => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 25 }), (operations) => {
        const body: Body = (front, ctx, log) => replies(operations, front, ctx, log);
        const plain = bench((_world, store) => store, body);
        expect(bench(place, body).lines).toEqual(plain.lines);
      }),
      { numRuns: 20 },
    );
  });

  test('a second read does not reach the store', () => {
    const { count } = bench(
      place,
      function* (front, ctx) {
        yield* ctx.call(front, 'put', { key: 'k', value: 1 });
        yield* ctx.call(front, 'get', { key: 'k' });
        const { value: read } = yield* ctx.call(front, 'get', { key: 'k' });
        expect(read).toBe(1);
      },
      ms(19),
    );
    expect(count('get', 'store')).toBeLessThanOrEqual(1);
  });

  test('a crash empties it, and it works again', () => {
    const { world, count } = bench(place, function* (front, ctx) {
      yield* ctx.call(front, 'put', { key: 'k', value: 1 });
      yield* ctx.sleep(ms(100));
      yield* ctx.call(front, 'get', { key: 'k' });
      yield* ctx.sleep(s(21));
      expect(yield* ctx.call(front, 'get', { key: 'k' })).toEqual({ found: true, value: 1 });
    });
    const reads = count('get', 'store');
    for (const { id } of world.nodes.filter(({ id: name }) => /front|cache|shared/.test(name))) {
      crash(world, world.named(id));
      restart(world, world.named(id));
    }
    drive(world, s(23));
    expect(count('get', 'store')).toBe(reads + 1);
    expect(world.named('app').flows.count).toBe(0);
  });

  if (!sound) return;

  test('it is linearizable under concurrent clients', () => {
    const world = new World({ seed: 'concurrent' });
    world.links({ transport: 'stream' });
    const store = world.node<KvStoreState, KvProtocol>('store', { actor: kvStore({ service: ms(1) }) });
    const target = place(world, store);
    for (const name of ['c1', 'c2', 'c3']) {
      const workload = openLoop({ rate: 150, operations: 250 });
      world.node(name, {
        actor: client<KvProtocol>({ target, workload, ...kvOperations({ keys: 4, readShare: 0.5, casShare: 0.2 }) }),
      });
    }
    drive(world, s(10));
    const view = { operations: world.history.operations, end: s(10), now: s(10), nodes: [] } as never;
    const { status, message } = linearizable(register()).begin(view).finish();
    expect([status, status === 'held' ? '' : message]).toEqual(['held', '']);
    expect(world.history.operations.filter(({ outcome }) => outcome === 'ok').length).toBeGreaterThan(600);
  });
});

describe('write-behind', () => {
  const behindBench = (options: Partial<WriteBehindOptions<KeyOrder>>, body: Body, until?: number): Bench =>
    bench(
      (world, store) =>
        world.node<WriteBehindState<KeyOrder>, KvProtocol>('front', {
          actor: writeBehind({ store, capacity: 10, policy: lru(), every: ms(100), ...options }),
          disk: { crashKeeps: 'torn', fsync: constant(us(100)) },
        }),
      body,
      until,
    );
  const values = (world: World): unknown => Object.fromEntries((world.named('store').state as KvStoreState).values);

  test('writes of a key between two flushes become one, and the last one wins', () => {
    const { world, count } = behindBench({}, function* (front, ctx) {
      for (let i = 1; i <= 9; i++) yield* ctx.call(front, 'put', { key: 'k', value: i });
    });
    expect([count('writes'), count('coalesced'), count('flushed')]).toEqual([9, 8, 1]);
    expect([count('cas', 'store'), values(world)]).toEqual([1, { k: 9 }]);
  });

  test('a write is acknowledged before the store hears of it, a hundred of them too', () => {
    const { lines, world } = behindBench({ batch: 30 }, function* (front, ctx, log) {
      const from = ctx.clock.monotonic;
      yield* ctx.all(Array.from({ length: 100 }, (_, i) => ctx.call(front, 'put', { key: `k${i}`, value: i })));
      log(String(ctx.clock.monotonic - from));
    });
    expect(lines).toEqual(['2000']);
    expect((world.named('store').state as KvStoreState).values.size).toBe(100);
  });

  test.each([false, true])(
    'a crash between two flushes loses what was acknowledged unless there is a journal: %s',
    (journal) => {
      const { world, lines } = behindBench(
        { journal, every: ms(50) },
        function* (front, ctx, log) {
          for (let i = 1; i <= 60; i++) {
            try {
              yield* ctx.call(front, 'put', { key: `k${i}`, value: i });
              log(`k${i}`);
            } catch {
              yield* ctx.sleep(ms(20));
            }
          }
        },
        ms(80),
      );
      for (let crashes = 1; crashes <= 3; crashes++) {
        crash(world, world.named('front'));
        restart(world, world.named('front'));
        drive(world, ms(80 + 170 * crashes));
      }
      drive(world, s(2));
      const kept = (world.named('store').state as KvStoreState).values;
      const lost = lines.filter((k) => !kept.has(k)).length;
      expect(lines.length).toBeGreaterThan(40);
      if (journal) expect(lost).toBe(0);
      else expect(lost).toBeGreaterThan(5);
    },
  );

  test('the journal stays short, and what it holds is found after any crash', () => {
    const { world } = behindBench(
      { journal: true, every: ms(5) },
      function* (front, ctx) {
        for (let i = 0; i < 3_000; i++) yield* ctx.call(front, 'put', { key: `k${i % 7}`, value: i });
      },
      s(30),
    );
    const state = (): WriteBehindState<KeyOrder> => world.named('front').state as WriteBehindState<KeyOrder>;
    expect(state().generation).toBeGreaterThan(2);
    expect(state().records).toBeLessThan(1_100);
    crash(world, world.named('front'));
    restart(world, world.named('front'));
    drive(world, s(31));
    expect([state().dirty.size, values(world)]).toEqual([
      0,
      Object.fromEntries(Array.from({ length: 7 }, (_, i) => [`k${i}`, 2_999 - ((2_999 - i) % 7)])),
    ]);
  });

  test('when as many keys are dirty as may be, writes of others wait for a flush', () => {
    const { lines, count } = behindBench({ mostDirty: 3, every: s(5) }, function* (front, ctx, log) {
      for (const k of ['a', 'b', 'c', 'a', 'd']) {
        const from = ctx.clock.monotonic;
        yield* ctx.call(front, 'put', { key: k, value: 1 });
        log(`${k} ${ctx.clock.monotonic - from}`);
      }
    });
    // Flushed at once: 2 ms for a look at the store, 2 ms for a write, two syncs of half a millisecond for the three of them.
    expect(lines).toEqual(['a 2000', 'b 2000', 'c 2000', 'a 2000', 'd 7000']);
    expect(count('held-up')).toBe(1);
  });

  test('a flush that was given up and arrives late does not undo a later one', () => {
    const world = new World({ seed: 'late' });
    const store = world.ref<KvProtocol>('store');
    const front = world.node<WriteBehindState<KeyOrder>, KvProtocol>('front', {
      actor: writeBehind({ store, capacity: 10, policy: lru(), deadline: ms(30), every: ms(40) }),
    });
    // It carries out the first write that it is asked for 300 ms later.
    type Late = { value: unknown; asked: number; refused: number };
    world.node(store, {
      actor: {
        role: 'late-store',
        init: () => ({ value: null, asked: 0, refused: 0 }),
        on: { get: ({ value: held }: Late) => ({ found: held !== null, value: held }) },
        flows: {
          *cas({ from, to }: { from: unknown; to: unknown }, ctx: Context<Late>): Flow<unknown> {
            if (ctx.update((state) => state.asked++) === 0) yield* ctx.sleep(ms(300));
            return ctx.update((state) => {
              const swapped = state.value === from;
              if (swapped) state.value = to;
              else state.refused++;
              return { swapped };
            });
          },
        },
      } as never,
    });
    world.node('app', {
      actor: runner(function* (ctx) {
        yield* ctx.call(front, 'put', { key: 'k', value: 'first' });
        yield* ctx.sleep(ms(75));
        yield* ctx.call(front, 'put', { key: 'k', value: 'second' });
      }),
    });
    drive(world, s(2));
    expect(world.named('store').state).toEqual({ value: 'second', asked: 2, refused: 1 });
  });

  test('after a failed fsync it refuses everything until it is restarted', () => {
    const { world, lines } = behindBench(
      { journal: true },
      function* (front, ctx, log) {
        for (let i = 0; i < 12; i++) {
          try {
            yield* ctx.call(front, 'put', { key: 'k', value: i });
            log('ok');
          } catch (error) {
            log(String(error).split(':')[0] as string);
          }
          yield* ctx.sleep(ms(50));
        }
      },
      ms(40),
    );
    world.named('front').disk.faults.failing.push({ count: 0 });
    drive(world, ms(80));
    world.named('front').disk.faults.failing.length = 0;
    drive(world, ms(190));
    crash(world, world.named('front'));
    restart(world, world.named('front'));
    drive(world, s(1));
    expect(lines.slice(0, 4)).toEqual(['ok', 'fsync-failed', 'storage-failed', 'storage-failed']);
    expect(lines.slice(-3)).toEqual(['ok', 'ok', 'ok']);
  });

  test('says what is wrong with its options', () => {
    const make = (options: object) => () => writeBehind({ store: {} as Kv, capacity: 1, policy: lru(), ...options });
    expect(make({ batch: 0 })).toThrow(/writeBehind\.batch.*at least 1/);
    expect(make({ mostDirty: 1.5 })).toThrow(/writeBehind\.mostDirty/);
    expect(make({ capacity: 0 })).toThrow(/capacity/);
    expect(make({ every: 0 })).toThrow('writeBehind.every: got 0, expected a duration above 0');
    expect(make({ every: 'soon' })).toThrow(/writeBehind\.every/);
  });
});
