import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { NEVER, RandomStream, ms, s } from '../../sim/index.ts';
import { crash, restart } from '../../sim/world/lifecycle.ts';
import { World } from '../../sim/world/world.ts';
import { CacheShape, cache, fifo, kvStore, lru, zipf } from '../../models/index.ts';
import type { CacheOptions, CacheProtocol, CacheState, EvictionPolicy, KeyOrder } from '../../models/index.ts';
import type { Context } from '../../sim/world/context.ts';
import type { Flow, NodeRef } from '../../sim/world/actor.ts';
import { drive, runner } from '../support/bare-world.ts';
import { hitRatio, missesOn } from './cache-runs.ts';

const random = new RandomStream('seed', 'eviction');

/** Each policy beside the obvious one: a list, the next victim first. */
interface Modelled {
  readonly make: () => EvictionPolicy<unknown>;
  readonly touch: (line: string[], key: string) => string[];
}

const POLICIES: readonly Modelled[] = [
  { make: () => lru() as EvictionPolicy<unknown>, touch: (line, key) => [...line.filter((k) => k !== key), key] },
  { make: () => fifo() as EvictionPolicy<unknown>, touch: (line) => line },
];

describe.each(POLICIES.map((p) => [p.make().name, p] as const))(
  'the contract of eviction policies: %s',
  (_name, { make, touch }) => {
    const key = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f');
    const step = fc.oneof(fc.record({ act: fc.constant('ask'), key }), fc.record({ act: fc.constant('remove'), key }));

    test('evicts the keys that the obvious list would, in its order', () => {
      fc.assert(
        fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
          const policy = make();
          const state = policy.init();
          let line: string[] = [];
          for (const { act, key: k } of steps) {
            if (act === 'remove' && line.includes(k)) {
              policy.removed(state, k);
              line = line.filter((other) => other !== k);
            } else if (act === 'ask' && line.includes(k)) {
              policy.touched(state, k);
              line = touch(line, k);
            } else if (act === 'ask') {
              if (line.length >= 3) expect(policy.evict(state, random)).toBe(line.shift());
              policy.inserted(state, k);
              line.push(k);
            }
          }
          while (line.length > 0) expect(policy.evict(state, random)).toBe(line.shift());
          expect(policy.evict(state, random)).toBeUndefined();
        }),
      );
    });

    test('a table never holds more than its capacity and serves what it was given', () => {
      fc.assert(
        fc.property(fc.array(step, { maxLength: 200 }), fc.integer({ min: 1, max: 5 }), (steps, capacity) => {
          const shape = new CacheShape<string, unknown>(capacity, make());
          const table = shape.empty();
          for (const { act, key: k } of steps) {
            if (act === 'remove') shape.remove(table, k);
            else if (shape.lookup(table, k, 0) === undefined) shape.insert(table, k, `value of ${k}`, NEVER, random);
            else expect(shape.lookup(table, k, 0)?.value).toBe(`value of ${k}`);
            expect(table.entries.size).toBeLessThanOrEqual(capacity);
          }
        }),
      );
    });

    test('an expired value is not served and makes room', () => {
      const shape = new CacheShape<number, unknown>(2, make());
      const table = shape.empty();
      shape.insert(table, 'a', 1, 10, random);
      expect(shape.lookup(table, 'a', 9)?.value).toBe(1);
      expect(shape.lookup(table, 'a', 10)).toBeUndefined();
      expect(table.entries.size).toBe(0);
    });
  },
);

describe('[C3] the classic page strings', () => {
  const belady = '1 2 3 4 1 2 5 1 2 3 4 5';
  const silberschatz = '7 0 1 2 0 3 0 4 2 3 0 3 2 1 2 0 1 7 0 1';
  test('FIFO: 9 misses with 3 frames, 10 with 4 (Belady’s anomaly)', () => {
    expect([missesOn(belady, 3, fifo()), missesOn(belady, 4, fifo())]).toEqual([9, 10]);
  });
  test('LRU: 10 misses with 3 frames, 8 with 4', () => {
    expect([missesOn(belady, 3, lru()), missesOn(belady, 4, lru())]).toEqual([10, 8]);
  });
  test('the longer string with 3 frames: FIFO 15, LRU 12', () => {
    expect([missesOn(silberschatz, 3, fifo()), missesOn(silberschatz, 3, lru())]).toEqual([15, 12]);
  });
  test('LRU never misses more with more frames, on any string', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(7), { maxLength: 80 }), fc.integer({ min: 1, max: 7 }), (pages, frames) => {
        const string = pages.join(' ');
        expect(missesOn(string, frames + 1, lru())).toBeLessThanOrEqual(missesOn(string, frames, lru()));
      }),
    );
  });
});

describe('[C1] Zipf hit ratios, quickly (the full runs are in cache.validate.ts)', () => {
  test.each([
    ['lru', lru, 0.37779],
    ['fifo', fifo, 0.33368],
  ] as const)('%s, 1,000 keys, exponent 0.8, 100 places', (_name, make, published) => {
    expect(Math.abs(hitRatio(zipf(1_000, 0.8), 100, make(), 'c1-quick', 150_000) - published)).toBeLessThan(0.006);
  });
  test('the sampler draws each rank with its probability', () => {
    const law = zipf(5, 1);
    const draws = new RandomStream('zipf', 'ranks');
    const counts = [0, 0, 0, 0, 0];
    for (let i = 0; i < 100_000; i++) {
      const rank = law.sample(draws);
      counts[rank] = (counts[rank] as number) + 1;
    }
    counts.forEach((count, i) => {
      const p = 1 / (i + 1) / (137 / 60);
      expect(law.probability(i)).toBeCloseTo(p, 12);
      expect(Math.abs(count / 100_000 - p)).toBeLessThan(4 * Math.sqrt((p * (1 - p)) / 100_000));
    });
  });
});

/** A store 1 ms away behind a cache 1 ms away; `body` runs on a node beside them. */
const bench = (
  options: Partial<CacheOptions<KeyOrder>>,
  body: (front: NodeRef<CacheProtocol>, ctx: Context<string[]>, log: (line: string) => void) => Flow<unknown>,
) => {
  const world = new World({ seed: 'cache' });
  world.links({ latency: { kind: 'constant', value: 1_000 } });
  const store = world.node('store', { actor: kvStore({ fsync: 'never' }) });
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
    const readers = (singleFlight: boolean): number =>
      bench({ singleFlight }, function* (front, ctx) {
        yield* ctx.all(Array.from({ length: 100 }, () => ctx.call(front, 'get', { key: 'hot' })));
      }).world.metrics.counter('store', 'get').value;
    expect([readers(true), readers(false)]).toEqual([1, 100]);
  });

  test('single flight shares a failure too', () => {
    const { lines } = bench({ singleFlight: true, deadline: ms(1) }, function* (front, ctx, log) {
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
