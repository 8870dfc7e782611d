import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { constant, ms, s, us, type Flow, type NodeRef } from '../../sim/index.ts';
import { crash, restart } from '../../sim/world/lifecycle.ts';
import { World } from '../../sim/world/world.ts';
import { client, kvOperations, kvStore, openLoop } from '../../models/index.ts';
import type { KvProtocol, KvStoreOptions, KvStoreState } from '../../models/index.ts';
import type { Context } from '../../sim/world/context.ts';
import { drive, runner } from '../support/bare-world.ts';

type Body = (store: NodeRef<KvProtocol>, ctx: Context<string[]>, log: (line: string) => void) => Flow<unknown>;

const bench = (options: KvStoreOptions, body: Body, seed = 'kv'): World => {
  const world = new World({ seed });
  world.links({ latency: constant(ms(1)) });
  const store = world.node('store', { actor: kvStore(options), disk: { fsync: constant(us(500)) } });
  world.node('app', { actor: runner((ctx, log) => body(store, ctx, log)) });
  return world;
};

const linesOf = (options: KvStoreOptions, body: Body): string[] => {
  const world = bench(options, body);
  drive(world, s(5));
  return world.named('app').state as string[];
};

test('get, put, cas, add and remove', () => {
  const lines = linesOf({}, function* (store, ctx, log) {
    const show = function* (flow: Iterable<unknown>): Flow {
      log(JSON.stringify(yield* flow as Flow<unknown>));
    };
    yield* show(ctx.call(store, 'get', { key: 'a' }));
    yield* show(ctx.call(store, 'cas', { key: 'a', from: null, to: [1] }));
    yield* show(ctx.call(store, 'cas', { key: 'a', from: [2], to: [3] }));
    yield* show(ctx.call(store, 'cas', { key: 'a', from: [1], to: 5 }));
    yield* show(ctx.call(store, 'add', { key: 'a', by: 2 }));
    yield* show(ctx.call(store, 'add', { key: 'n', by: -1 }));
    yield* show(ctx.call(store, 'get', { key: 'a' }));
    yield* show(ctx.call(store, 'remove', { key: 'a' }));
    yield* show(ctx.call(store, 'get', { key: 'a' }));
  });
  expect(lines).toEqual([
    '{"found":false}',
    '{"swapped":true}',
    '{"swapped":false}',
    '{"swapped":true}',
    '{"value":7}',
    '{"value":-1}',
    '{"found":true,"value":7}',
    '{}',
    '{"found":false}',
  ]);
});

test('adding to what is no number is refused and changes nothing', () => {
  const lines = linesOf({}, function* (store, ctx, log) {
    yield* ctx.call(store, 'put', { key: 'a', value: 'text' });
    try {
      yield* ctx.call(store, 'add', { key: 'a', by: 1 });
    } catch (error) {
      log(String(error));
    }
    log(JSON.stringify(yield* ctx.call(store, 'get', { key: 'a' })));
  });
  expect(lines).toEqual(['not-a-number: a holds "text"', '{"found":true,"value":"text"}']);
});

describe('durability', () => {
  /** Acknowledged values of `a`, in order; the store crashes while it is at it, and the last line is what it then holds. */
  const crashed = (
    options: KvStoreOptions,
    at: number,
    seed: string,
  ): { acknowledged: number; held: number; sent: number } => {
    const result = { acknowledged: 0, held: 0, sent: 0 };
    const world = bench(
      options,
      function* (store, ctx) {
        for (let value = 1; value <= 40; value++) {
          result.sent = value;
          try {
            yield* ctx.call(store, 'put', { key: 'a', value }, { deadline: ms(50) });
          } catch {
            break;
          }
          result.acknowledged = value;
        }
        yield* ctx.sleep(s(1));
        const { value } = yield* ctx.call(store, 'get', { key: 'a' });
        result.held = (value as number | undefined) ?? 0;
      },
      seed,
    );
    drive(world, at);
    crash(world, world.named('store'));
    restart(world, world.named('store'));
    drive(world, s(5));
    return result;
  };

  test('with fsync always no acknowledged write is lost, wherever the crash hits and whatever the log has been through', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1_000, max: 100_000 }),
        fc.string({ minLength: 1 }),
        fc.integer({ min: 1, max: 10 }),
        (at, seed, compactAfter) => {
          const { acknowledged, held, sent } = crashed({ compactAfter }, at, seed);
          expect(held).toBeGreaterThanOrEqual(acknowledged);
          expect(held).toBeLessThanOrEqual(sent);
        },
      ),
      { numRuns: 150 },
    );
  });

  test('what is acknowledged after a torn record survives the next crash', () => {
    const world = new World({ seed: 'torn' });
    world.links({ latency: constant(ms(1)) });
    const store = world.node('store', { actor: kvStore(), disk: { fsync: constant(ms(10)), crashKeeps: 'torn' } });
    world.node('app', {
      actor: runner(function* (ctx, log) {
        for (const [at, key] of [
          [0, 'before'],
          [ms(95), 'torn'],
          [ms(300), 'after'],
        ] as const) {
          yield* ctx.sleep(Math.max(0, at - ctx.clock.monotonic));
          try {
            yield* ctx.call(store, 'put', { key, value: 1 }, { deadline: ms(100) });
            log(key);
          } catch {
            log('lost');
          }
        }
      }),
    });
    for (const at of [100, 400]) {
      drive(world, ms(at));
      crash(world, world.named('store'));
      restart(world, world.named('store'));
    }
    drive(world, ms(600));
    expect([...(world.named('store').state as KvStoreState).values.keys()]).toEqual(['before', 'after']);
  });

  test('with fsync never it is', () => {
    const lost = Array.from({ length: 20 }, (_, i) => crashed({ fsync: 'never' }, ms(30), `never/${i}`)).filter(
      ({ acknowledged, held }) => held < acknowledged,
    );
    expect(lost.length).toBeGreaterThan(5);
  });

  test('a read is answered when what it has seen is durable', () => {
    const lines = linesOf({}, function* (store, ctx, log) {
      ctx.spawn(
        (function* (): Flow {
          yield* ctx.call(store, 'put', { key: 'a', value: 1 });
        })(),
      );
      yield* ctx.sleep(us(100));
      yield* ctx.call(store, 'get', { key: 'a' });
      log(String(ctx.clock.monotonic));
    });
    // The read comes 100 µs after the write, whose fsync ends 500 µs after it; the read's own joins the next group.
    expect(lines).toEqual(['3000']);
  });

  test('after a failed fsync it refuses everything until it is restarted', () => {
    const world = bench({}, function* (store, ctx, log) {
      for (let value = 1; value <= 4; value++) {
        try {
          yield* ctx.call(store, 'put', { key: 'a', value });
          log(`${value} ok`);
        } catch (error) {
          log(`${value} ${String(error).split(':')[0]}`);
        }
        yield* ctx.sleep(s(1));
      }
    });
    world.start();
    const effect = { count: 0 };
    drive(world, ms(500));
    world.named('store').disk.faults.failing.push(effect);
    drive(world, s(2));
    world.named('store').disk.faults.failing.length = 0;
    drive(world, ms(2_500));
    crash(world, world.named('store'));
    restart(world, world.named('store'));
    drive(world, s(6));
    expect(world.named('app').state).toEqual(['1 ok', '2 fsync-failed', '3 storage-failed', '4 ok']);
  });

  test('a full disk refuses the write and keeps the old value', () => {
    const world = bench({}, function* (store, ctx, log) {
      yield* ctx.call(store, 'put', { key: 'a', value: 'old' });
      yield* ctx.sleep(s(1));
      try {
        yield* ctx.call(store, 'put', { key: 'a', value: 'new' });
      } catch (error) {
        log(String(error).split(':')[0] as string);
      }
      log(JSON.stringify(yield* ctx.call(store, 'get', { key: 'a' })));
    });
    drive(world, ms(500));
    world.named('store').disk.faults.full.push({ count: 0 });
    drive(world, s(3));
    expect(world.named('app').state).toEqual(['disk-full', '{"found":true,"value":"old"}']);
  });

  test('the log stays short, and a restart finds every key', () => {
    const world = new World({ seed: 'compact' });
    const target = world.node('store', { actor: kvStore({ compactAfter: 50 }) });
    world.node('c', {
      actor: client({ target, workload: openLoop({ rate: 500 }), ...kvOperations({ keys: 20, readShare: 0 }) }),
    });
    drive(world, s(4));
    const state = (): KvStoreState => world.named('store').state as KvStoreState;
    expect(state().generation).toBeGreaterThan(10);
    expect(state().records).toBeLessThan(20 + 50 + 100);
    crash(world, world.named('c'));
    drive(world, s(5));
    const values = new Map(state().values);
    crash(world, world.named('store'));
    restart(world, world.named('store'));
    drive(world, s(6));
    expect([...state().values].sort()).toEqual([...values].sort());
  });
});
