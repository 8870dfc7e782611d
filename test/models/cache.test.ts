/** The cache that sits in the way: reads, writes, races, refresh policies. */
import { describe, expect, test } from '@jest/globals';
import { RandomStream, constant, ms, s } from '../../sim/index.ts';
import { crash, restart } from '../../sim/world/lifecycle.ts';
import { World } from '../../sim/world/world.ts';
import {
  cache,
  kvStore,
  loadOnMiss,
  lru,
  refreshAhead,
  singleFlight,
  staleWhileRevalidate,
  xFetch,
} from '../../models/index.ts';
import type { CacheOptions, CacheProtocol, CacheState, KeyOrder, RefreshPolicy } from '../../models/index.ts';
import type { Context } from '../../sim/world/context.ts';
import type { Flow, NodeRef } from '../../sim/world/actor.ts';
import { drive, runner } from '../support/bare-world.ts';

/** A store 1 ms away behind a cache 1 ms away; `body` runs on a node beside them. */
const bench = (
  options: Partial<CacheOptions<KeyOrder>>,
  body: (front: NodeRef<CacheProtocol>, ctx: Context<string[]>, log: (line: string) => void) => Flow<unknown>,
  loadMs = 0,
) => {
  const world = new World({ seed: 'cache' });
  world.links({ latency: { kind: 'constant', value: 1_000 } });
  const service = loadMs === 0 ? {} : { service: constant(ms(loadMs)) };
  const store = world.node('store', { actor: kvStore({ fsync: 'never', ...service }), cpu: { servers: 100 } });
  const front = world.node('cache', { actor: cache({ store, capacity: 10, policy: lru(), ...options }) });
  world.node('app', { actor: runner((ctx, log) => body(front, ctx, log)) });
  drive(world, s(20));
  const count = (name: string): number => world.metrics.counter('cache', name).value;
  return { world, lines: world.named('app').state as string[], count };
};

describe('the cache', () => {
  test('a hit costs one round trip, a miss two; a write makes the next read miss', () => {
    const { lines, count } = bench({}, function* (front, ctx, log) {
      const timed = function* (what: string, flow: Flow<unknown>): Flow {
        const from = ctx.clock.monotonic;
        const result = yield* flow;
        log(`${what} ${JSON.stringify(result)} ${ctx.clock.monotonic - from}`);
      };
      const get = function* (): Flow<unknown> {
        return yield* ctx.call(front, 'get', { key: 'k' });
      };
      yield* timed('miss', get());
      yield* timed('hit', get());
      yield* ctx.call(front, 'put', { key: 'k', value: 7 });
      yield* timed('miss', get());
      yield* timed('hit', get());
      yield* ctx.call(front, 'invalidate', { key: 'k' });
      yield* timed('miss', get());
    });
    expect(lines).toEqual([
      'miss {"found":false} 4000',
      'hit {"found":false} 2000',
      'miss {"found":true,"value":7} 4000',
      'hit {"found":true,"value":7} 2000',
      'miss {"found":true,"value":7} 4000',
    ]);
    expect([count('hits'), count('misses')]).toEqual([2, 3]);
  });

  test('with onWrite update the next read hits what was written', () => {
    const { lines, count } = bench({ onWrite: 'update' }, function* (front, ctx, log) {
      yield* ctx.call(front, 'put', { key: 'k', value: 'new' });
      log(JSON.stringify(yield* ctx.call(front, 'get', { key: 'k' })));
      yield* ctx.call(front, 'add', { key: 'n', by: 5 });
      log(JSON.stringify(yield* ctx.call(front, 'get', { key: 'n' })));
    });
    expect(lines).toEqual(['{"found":true,"value":"new"}', '{"found":true,"value":5}']);
    expect(count('hits')).toBe(2);
  });

  test('a value is served for its time to live and not longer', () => {
    const { lines } = bench({ ttl: ms(100) }, function* (front, ctx, log) {
      yield* ctx.call(front, 'get', { key: 'k' });
      for (const wait of [90, 20]) {
        yield* ctx.sleep(ms(wait));
        const from = ctx.clock.monotonic;
        yield* ctx.call(front, 'get', { key: 'k' });
        log(String(ctx.clock.monotonic - from));
      }
    });
    expect(lines).toEqual(['2000', '4000']);
  });

  /** A read that misses, overtaken by a write: the store answers the read with the old value before it takes the write. */
  function* overtaken(front: NodeRef<CacheProtocol>, ctx: Context<string[]>, log: (line: string) => void): Flow {
    yield* ctx.call(front, 'put', { key: 'k', value: 'old' });
    // The read reaches the store first; its answer passes the write's on the way back.
    const read = function* (): Flow {
      yield* ctx.call(front, 'get', { key: 'k' });
    };
    const write = function* (): Flow {
      yield* ctx.call(front, 'put', { key: 'k', value: 'new' });
    };
    yield* ctx.all([read(), write()]);
    const { value } = yield* ctx.call(front, 'get', { key: 'k' });
    log(String(value));
  }

  const race = (fillGuard: boolean): string[] => {
    const world = new World({ seed: 'race' });
    world.links({ latency: { kind: 'constant', value: 1_000 } });
    const store = world.ref<CacheProtocol>('store');
    const front = world.node('cache', { actor: cache({ store, capacity: 10, policy: lru(), fillGuard }) });
    // Replies to reads are slow on the way back: they carry the old value past the write's acknowledgement.
    world.node(store, {
      actor: {
        role: 'slow-reader',
        init: () => ({ value: 'none' }),
        on: {
          put: (state: { value: string }, { value }: { value: string }) => {
            state.value = value;
            return {};
          },
        },
        flows: {
          *get(_payload: { key: string }, ctx: Context<{ value: string }>): Flow<unknown> {
            const { value } = ctx.state;
            yield* ctx.sleep(ms(5));
            return { found: true, value };
          },
        },
      } as never,
    });
    world.node('app', { actor: runner((ctx, log) => overtaken(front, ctx, log)) });
    drive(world, s(1));
    return world.named('app').state as string[];
  };

  test('a read overtaken by a write does not pin the old value', () => {
    expect(race(true)).toEqual(['new']);
  });

  test('without the guard it does', () => {
    expect(race(false)).toEqual(['old']);
  });

  test('single flight: a hundred readers of a cold key make one request', () => {
    const readers = (refresh: RefreshPolicy): number =>
      bench({ refresh }, function* (front, ctx) {
        yield* ctx.all(Array.from({ length: 100 }, () => ctx.call(front, 'get', { key: 'hot' })));
      }).world.metrics.counter('store', 'get').value;
    expect([readers(singleFlight()), readers(loadOnMiss())]).toEqual([1, 100]);
  });

  test('single flight shares a failure too', () => {
    const { lines } = bench({ refresh: singleFlight(), deadline: ms(1) }, function* (front, ctx, log) {
      const results = yield* ctx.all(
        Array.from({ length: 3 }, () =>
          (function* (): Flow<string> {
            let ended = 'ok';
            try {
              yield* ctx.call(front, 'get', { key: 'k' });
            } catch (error) {
              ended = String(error).split(':')[0] as string;
            }
            return ended;
          })(),
        ),
      );
      log(results.join(' '));
    });
    expect(lines).toEqual(['timeout timeout timeout']);
  });

  test('a crash empties it, and it fills again', () => {
    const { world } = bench({}, function* (front, ctx) {
      yield* ctx.call(front, 'get', { key: 'k' });
    });
    const state = (): CacheState<KeyOrder> => world.named('cache').state as CacheState<KeyOrder>;
    expect(state().table.entries.size).toBe(1);
    crash(world, world.named('cache'));
    restart(world, world.named('cache'));
    drive(world, s(21));
    expect(state().table.entries.size).toBe(0);
  });
});

describe('refresh policies', () => {
  const value = { filled: 0, expires: 1_000, took: 100 };
  const random = new RandomStream('refresh', 'steps');
  const at = (policy: RefreshPolicy, now: number): string => policy.step(value, now, random);

  test.each([loadOnMiss(), singleFlight(), xFetch()])('$name loads what has expired', (policy) => {
    expect([at(policy, 0), at(policy, 1_000), policy.grace]).toEqual(['serve', 'load', 0]);
  });

  test('stale while revalidate serves it once more and has it loaded behind', () => {
    const policy = staleWhileRevalidate({ for: '500us' });
    expect([at(policy, 999), at(policy, 1_000), policy.grace, policy.shares]).toEqual([
      'serve',
      'serve-and-load',
      500,
      true,
    ]);
  });

  test('refresh ahead has it loaded behind when it is late in its time', () => {
    const policy = refreshAhead({ after: 0.8 });
    expect([at(policy, 799), at(policy, 800), at(policy, 999), at(policy, 1_000)]).toEqual([
      'serve',
      'serve-and-load',
      'serve-and-load',
      'load',
    ]);
  });

  test.each([
    [1, 50],
    [1, 300],
    [2, 200],
    [0.5, 100],
  ])('XFetch with β = %d loads %d µs before the expiry with probability e^(−left/(β·took))', (beta, left) => {
    const policy = xFetch({ beta });
    const n = 40_000;
    let loads = 0;
    for (let i = 0; i < n; i++) if (at(policy, 1_000 - left) === 'load') loads++;
    const p = Math.exp(-left / (beta * value.took));
    expect(Math.abs(loads / n - p)).toBeLessThan(4 * Math.sqrt((p * (1 - p)) / n));
  });

  /** A key asked for every millisecond for two seconds; loads take 20 ms, values live for 100 ms. */
  const stream = (refresh: RefreshPolicy) => {
    const { count, world, lines } = bench(
      { refresh, ttl: ms(100) },
      function* (front, ctx, log) {
        for (let i = 0; i < 2_000; i++) {
          ctx.spawn(
            (function* (): Flow {
              const from = ctx.clock.monotonic;
              yield* ctx.call(front, 'get', { key: 'hot' });
              if (i >= 100 && ctx.clock.monotonic - from > ms(2)) log('waited');
            })(),
          );
          yield* ctx.sleep(ms(1));
        }
      },
      20,
    );
    return { loads: world.metrics.counter('store', 'get').value, waited: lines.length, stale: count('stale') };
  };

  test('of a key asked for every millisecond that takes 22 to load, everybody loads; single flight: one, and all wait', () => {
    const none = stream(loadOnMiss());
    const single = stream(singleFlight());
    // Twenty-two loads, twenty of them for readers who came while the first was under way, every 120 ms.
    expect(none.loads).toBeGreaterThan(300);
    expect(single.loads).toBeLessThan(20);
    for (const { waited, stale } of [none, single]) expect([waited > 300, stale]).toEqual([true, 0]);
  });

  test('stale while revalidate and refresh ahead: nobody waits, one load for each value', () => {
    for (const refresh of [staleWhileRevalidate({ for: ms(100) }), refreshAhead({ after: 0.7 })]) {
      const { loads, waited, stale } = stream(refresh);
      expect([waited, loads <= 50, stale > 0]).toEqual([0, true, refresh.grace > 0]);
    }
  });

  test('XFetch: few wait and few load', () => {
    const { loads, waited } = stream(xFetch());
    const none = stream(loadOnMiss());
    expect(loads).toBeLessThan(none.loads / 3);
    expect(waited).toBeLessThan(none.waited / 3);
  });

  test('say what is wrong with their options', () => {
    const store = { id: 's', index: 0 };
    expect(() => cache({ store, capacity: 1, policy: lru(), onWrite: 'updat' as never })).toThrow(
      'cache.onWrite: got "updat", expected one of invalidate, update; did you mean "update"?',
    );
    const made = (options: object) => () => cache({ store, capacity: 1, policy: lru(), ...options });
    expect(made({ policy: 'lru' })).toThrow('cache.policy: got "lru", expected an eviction policy, such as lru()');
    expect(made({ refresh: 'xfetch' })).toThrow('cache.refresh: got "xfetch", expected one such as xFetch()');
    expect(made({ warm: 'abc' })).toThrow('cache.warm: got "abc", expected a list of keys');
    expect(() => refreshAhead({ after: 2 })).toThrow(/refreshAhead\.after/);
    expect(() => xFetch({ beta: 0 })).toThrow(/xFetch\.beta/);
    expect(() => staleWhileRevalidate({ for: 'long' as never })).toThrow(/staleWhileRevalidate\.for/);
  });
});

test('a warm cache has loaded its first keys before anybody asks, after each boot', () => {
  const { world, count } = bench({ warm: ['a', 'b'] }, function* (front, ctx) {
    yield* ctx.sleep(ms(50));
    for (const key of ['a', 'b', 'c']) yield* ctx.call(front, 'get', { key });
  });
  expect([count('hits'), count('misses')]).toEqual([2, 1]);
  crash(world, world.named('cache'));
  restart(world, world.named('cache'));
  drive(world, s(21));
  expect([...(world.named('cache').state as CacheState<KeyOrder>).table.entries.keys()]).toEqual(['a', 'b']);
});
