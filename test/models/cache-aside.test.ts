/** Caches beside the store: tokens and the races that they cure, tiers of several servers, near caches. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ConfigError, constant, ms, s, type NodeRef } from '../../sim/index.ts';
import type { Context } from '../../sim/world/context.ts';
import type { Flow } from '../../sim/world/actor.ts';
import { crash, restart } from '../../sim/world/lifecycle.ts';
import type { Condition } from '../../sim/world/link.ts';
import { World } from '../../sim/world/world.ts';
import {
  cache,
  cacheAside,
  cacheServer,
  hashRing,
  kvStore,
  lru,
  modulo,
  nearCache,
  replicatedCaches,
  shardedCaches,
  singleCache,
} from '../../models/index.ts';
import type {
  CacheAsideOptions,
  CacheProtocol,
  CacheServerOptions,
  CacheServerProtocol,
  CacheServerRef,
  CacheServerState,
  CacheState,
  CacheTier,
  KeyOrder,
  KvProtocol,
  NearCacheOptions,
  NearCacheProtocol,
  NearCacheState,
} from '../../models/index.ts';
import { drive, runner } from '../support/bare-world.ts';

type Kv = NodeRef<KvProtocol>;
type Body = (a: Kv, b: Kv, ctx: Context<string[]>, log: (line: string) => void) => Flow<unknown>;

interface AsideWorld {
  readonly server?: Partial<CacheServerOptions<KeyOrder>>;
  readonly options?: Partial<CacheAsideOptions>;
  readonly servers?: number;
  readonly tier?: (servers: readonly CacheServerRef[]) => CacheTier;
  /** How long what b asks of the store is on its way. Default 1 ms. */
  readonly toStore?: number;
}

/** Two applications, 1 ms from everything; what the store answers to `a` takes as long as `late` says. */
function aside(body: Body, setting: AsideWorld = {}, late = ms(1), incident: (world: World) => void = () => {}) {
  const { server, options, servers = 1, tier = ([first]) => singleCache(first as CacheServerRef) } = setting;
  const world = new World({ seed: 'aside' });
  const [store, a, b] = [world.ref<KvProtocol>('store'), world.ref<KvProtocol>('a'), world.ref<KvProtocol>('b')];
  const toA = { from: store, to: a, latency: constant(late) };
  const fromB = { from: b, to: store, latency: constant(setting.toStore ?? ms(1)) };
  world.links({ latency: constant(ms(1)), transport: 'stream', pairs: [toA, fromB] });
  world.node(store, { actor: kvStore({ fsync: 'never' }) as never });
  const refs = world.refs<CacheServerProtocol>('k', servers);
  const actor = cacheServer({ capacity: 10, policy: lru(), ...server });
  for (const ref of refs) world.node(ref, { actor: actor as never });
  const application = cacheAside({ tier: tier(refs), store, ...options });
  for (const ref of [a, b]) world.node(ref, { actor: application as never });
  world.node('app', { actor: runner((ctx, log) => body(a, b, ctx, log)) });
  world.start();
  incident(world);
  drive(world, s(10));
  const held = (name: string): string[] => [
    ...(world.named(name).state as CacheServerState<KeyOrder>).table.entries.keys(),
  ];
  const count = (name: string, node: string): number => world.metrics.counter(node, name).value;
  return { world, held, count, lines: world.named('app').state as string[] };
}

const after = function* (wait: number, ctx: Context<string[]>, flow: Flow<unknown>): Flow {
  yield* ctx.sleep(wait);
  yield* flow;
};
const write = function* (front: Kv, ctx: Context<string[]>, value: unknown): Flow {
  yield* ctx.call(front, 'put', { key: 'k', value });
};
const read = function* (front: Kv, ctx: Context<string[]>): Flow<unknown> {
  return (yield* ctx.call(front, 'get', { key: 'k' })).value ?? null;
};

describe('the races of cache-aside', () => {
  /** a misses and is answered 20 ms late; b writes and deletes meanwhile. What does b read afterwards? */
  const delayedFill: Body = function* (a, b, ctx, log) {
    yield* write(b, ctx, 'old');
    yield* ctx.all([read(a, ctx), after(ms(6), ctx, write(b, ctx, 'new'))]);
    yield* ctx.sleep(ms(50));
    log(String(yield* read(b, ctx)));
  };
  test.each([
    ['none', false, 'old'],
    ['shared', false, 'new'],
    ['exclusive', false, 'new'],
    ['exclusive', true, 'new'],
  ] as const)('a fill that comes late, with tokens %s, strict %s: %s is read', (tokens, strict, seen) => {
    const { lines, count } = aside(delayedFill, { server: { tokens }, options: { strict } }, ms(20));
    expect(lines).toEqual([seen]);
    expect(count('refused', 'k1')).toBe(tokens === 'none' ? 0 : 1);
  });

  /** b deletes, a reads and fills, and only then b writes. */
  test.each([
    ['drop-first', 'old'],
    ['drop', 'new'],
  ] as const)('onWrite %s, a reader in between: %s is read', (onWrite, seen) => {
    const body: Body = function* (a, b, ctx, log) {
      yield* write(b, ctx, 'old');
      yield* ctx.all([write(b, ctx, 'new'), after(ms(2), ctx, read(a, ctx))]);
      yield* ctx.sleep(ms(50));
      log(String(yield* read(b, ctx)));
    };
    expect(aside(body, { options: { onWrite }, toStore: ms(10) }).lines).toEqual([seen]);
  });

  /** a's write is first in the store, its answer last at a: setting, a overwrites what b has set. */
  test.each([
    ['none', 'first'],
    ['shared', 'second'],
    ['exclusive', 'second'],
  ] as const)('two writers that set, with tokens %s: %s is read', (tokens, seen) => {
    const body: Body = function* (a, b, ctx, log) {
      yield* ctx.all([write(a, ctx, 'first'), after(ms(2), ctx, write(b, ctx, 'second'))]);
      yield* ctx.sleep(ms(50));
      log(String(yield* read(b, ctx)));
    };
    expect(aside(body, { server: { tokens }, options: { onWrite: 'set' } }, ms(20)).lines).toEqual([seen]);
  });
});

describe('leases', () => {
  test('of a hundred readers one asks the store, and the others wait for it', () => {
    const loads = (tokens: 'none' | 'exclusive'): number => {
      const { world, count } = aside(
        function* (a, b, ctx) {
          yield* ctx.all(Array.from({ length: 100 }, (_, i) => read(i % 2 === 0 ? a : b, ctx)));
        },
        { server: { tokens } },
      );
      expect(world.named('app').flows.count).toBe(0);
      return count('get', 'store');
    };
    expect([loads('none'), loads('exclusive')]).toEqual([100, 1]);
  });

  test('a token of somebody who never fills is void after a while, and not valid after a crash of the cache', () => {
    const world = new World({ seed: 'tokens' });
    const server = world.node('k1', {
      actor: cacheServer({ capacity: 10, policy: lru(), tokens: 'exclusive', tokenFor: ms(100) }),
    });
    const found = { found: true, value: 1 };
    world.node('app', {
      actor: runner(function* (ctx, log) {
        const lookup = function* (): Flow<number | undefined> {
          const { token, wait, hit } = yield* ctx.call(server, 'lookup', { key: 'k' });
          log(hit !== undefined ? 'hit' : wait === true ? 'wait' : 'token');
          return token;
        };
        const first = yield* lookup();
        yield* lookup();
        yield* ctx.sleep(ms(110));
        const second = yield* lookup();
        for (const token of [first, second] as number[])
          log(String((yield* ctx.call(server, 'fill', { key: 'k', found, token })).stored));
        yield* lookup();
        yield* ctx.call(server, 'drop', { key: 'k' });
        const third = yield* lookup();
        yield* ctx.sleep(s(1));
        log(String((yield* ctx.call(server, 'fill', { key: 'k', found, token: third as number })).stored));
      }),
    });
    drive(world, ms(500));
    crash(world, world.named('k1'));
    restart(world, world.named('k1'));
    drive(world, s(3));
    expect(world.named('app').state).toEqual(['token', 'wait', 'token', 'false', 'true', 'hit', 'token', 'false']);
  });

  test('there are never more tokens than places', () => {
    const world = new World({ seed: 'many' });
    const server = world.node('k1', { actor: cacheServer({ capacity: 7, policy: lru(), tokens: 'shared' }) });
    world.node('app', {
      actor: runner(function* (ctx) {
        for (let i = 0; i < 50; i++) yield* ctx.call(server, 'lookup', { key: `k${i}` });
      }),
    });
    drive(world, s(1));
    expect([...(world.named('k1').state as CacheServerState<KeyOrder>).tokens.keys()]).toEqual(
      Array.from({ length: 7 }, (_, i) => `k${i + 43}`),
    );
  });
});

describe('strict cache-aside', () => {
  test('rather fails than reads past a cache that is away, and does not acknowledge what may still be cached', () => {
    const outcomes = (strict: boolean): string[] => {
      const setting = { server: { tokens: 'exclusive' as const }, options: { strict, cacheDeadline: ms(5) } };
      const body: Body = function* (a, _b, ctx, log) {
        yield* ctx.sleep(ms(50));
        for (const flow of [write(a, ctx, 1), read(a, ctx)]) {
          try {
            log(String(yield* flow));
          } catch (error) {
            log(String(error).split(':')[0] as string);
          }
        }
      };
      return aside(body, setting, ms(1), (world) => void crash(world, world.named('k1'))).lines;
    };
    expect(outcomes(true)).toEqual(['cache-away', 'cache-away']);
    expect(outcomes(false)).toEqual(['undefined', '1']);
  });
});

describe('tiers', () => {
  const refs = Array.from({ length: 8 }, (_, i) => ({ id: `k${i + 1}`, index: i }) as CacheServerRef);
  const names = refs.map(({ id }) => id);
  const keys = Array.from({ length: 4_000 }, (_, i) => `key-${i}`);
  const home = (tier: CacheTier, key: string, away: readonly string[] = []): string | undefined =>
    tier.holders(key, new Set(away), 0)[0]?.id;
  const moved = (tier: CacheTier, away: string): number =>
    keys.filter((key) => home(tier, key) !== away && home(tier, key) !== home(tier, key, [away])).length / keys.length;

  test('[B4] when one of eight is away a ring moves nobody else’s keys, modulo six of seven', () => {
    const ring = shardedCaches({ servers: refs, placement: hashRing({ members: names }) });
    const naive = shardedCaches({ servers: refs, placement: modulo({ members: names }) });
    const own = keys.filter((key) => home(ring, key) === 'k3').length / keys.length;
    expect(Math.abs(own - 1 / 8)).toBeLessThan(0.04);
    expect(moved(ring, 'k3')).toBe(0);
    expect(Math.abs(moved(naive, 'k3') - 6 / 8)).toBeLessThan(0.03);
  });

  test('nobody is sent to a server that is away, and to nobody when all are', () => {
    const placement = hashRing({ members: names });
    const tiers = [shardedCaches({ servers: refs, placement }), replicatedCaches(refs), singleCache(refs[0] as never)];
    fc.assert(
      fc.property(fc.constantFrom(...keys), fc.subarray(names), fc.nat(20), (key, away, reader) => {
        for (const tier of tiers) {
          const holders = tier.holders(key, new Set(away), reader).map(({ id }) => id);
          expect(holders.filter((id) => away.includes(id))).toEqual([]);
          const present = tier.servers.filter(({ id }) => !away.includes(id)).length;
          expect(holders.length).toBe(tier.name === 'replicated' ? present : Math.min(present, 1));
          expect(tier.holders(key, new Set([...away].reverse()), reader).map(({ id }) => id)).toEqual(holders);
        }
      }),
    );
  });

  test('replicas are read each by its own readers, and a write reaches them all', () => {
    const { held, count } = aside(
      function* (a, b, ctx) {
        yield* read(a, ctx);
        yield* read(b, ctx);
        yield* read(a, ctx);
        yield* ctx.call(a, 'get', { key: 'other' });
        yield* write(a, ctx, 1);
      },
      { servers: 2, tier: (servers) => replicatedCaches(servers) },
    );
    expect([held('k1').length + held('k2').length, count('get', 'store')]).toEqual([1, 3]);
    expect(count('drops', 'k1') + count('drops', 'k2')).toBe(2);
  });

  test('a server that fails three times in a row is away for a while, and its keys have another home', () => {
    const { count, held } = aside(
      function* (a, _b, ctx) {
        for (let i = 0; i < 40; i++) yield* ctx.call(a, 'get', { key: `k${i % 10}` });
      },
      {
        servers: 3,
        options: { awayFor: s(5) },
        tier: (servers) => shardedCaches({ servers, placement: hashRing({ members: servers.map(({ id }) => id) }) }),
      },
      ms(1),
      (world) => void crash(world, world.named('k1')),
    );
    expect([count('away', 'a'), count('past-the-cache', 'a')]).toEqual([1, 3]);
    expect(held('k2').length + held('k3').length).toBe(10);
    // Ten keys once each, and three more while nobody knew.
    expect(count('get', 'store')).toBe(13);
  });

  test('say what is wrong with their options', () => {
    expect(() => replicatedCaches([])).toThrow(ConfigError);
    expect(() => shardedCaches({ servers: refs, placement: modulo({ members: ['k1', 'x'] }) })).toThrow(/placement/);
    const options = { tier: replicatedCaches(refs), store: {} as Kv };
    expect(() => cacheAside({ ...options, onWrite: 'keep' as never })).toThrow(/cacheAside\.onWrite/);
    expect(() => cacheAside({ ...options, poll: 0 })).toThrow('cacheAside.poll: got 0, expected a duration above 0');
    expect(() => cacheAside({ ...options, failures: 0 })).toThrow(/cacheAside\.failures/);
    expect(() => cacheServer({ capacity: 1, policy: lru(), tokens: 'some' as never })).toThrow(/cacheServer\.tokens/);
    expect(() => cacheServer({ capacity: 1, policy: lru(), tokenFor: 0 })).toThrow(/cacheServer\.tokenFor/);
  });
});

describe('near caches', () => {
  interface NearWorld {
    readonly near?: Partial<NearCacheOptions<KeyOrder>>;
    readonly shared?: { readonly capacity?: number; readonly ttl?: string; readonly remembers?: number };
    readonly incident?: (world: World) => void;
    readonly until?: number;
  }
  /** Near caches n1 and n2, 1 ms from the shared cache, which is 1 ms from the store. */
  const nearWorld = (
    body: (near: readonly Kv[], ctx: Context<string[]>, log: (line: string) => void) => Flow<unknown>,
    { near: options = {}, shared = {}, incident = () => {}, until = s(5) }: NearWorld = {},
  ) => {
    const { remembers, ...rest } = shared;
    const world = new World({ seed: 'near' });
    world.links({ latency: constant(ms(1)) });
    const near = world.refs<NearCacheProtocol>('n', 2);
    const store = world.node<never, KvProtocol>('store', { actor: kvStore({ fsync: 'never' }) as never });
    const feed = { subscribers: near, ...(remembers === undefined ? {} : { remembers }) };
    const remote = world.node<never, CacheProtocol>('shared', {
      actor: cache({ store, capacity: 10, policy: lru(), feed, ...rest }) as never,
    });
    const actor = nearCache({ remote, capacity: 5, policy: lru(), trust: ms(300), ...options });
    for (const ref of near) world.node(ref, { actor: actor as never });
    world.node('app', { actor: runner((ctx, log) => body(near as readonly Kv[], ctx, log)) });
    world.start();
    incident(world);
    drive(world, until);
    const count = (name: string, node: string): number => world.metrics.counter(node, name).value;
    const held = (name: string): string[] => [
      ...(world.named(name).state as NearCacheState<KeyOrder>).table.entries.keys(),
    ];
    return { world, count, held, lines: world.named('app').state as string[] };
  };
  /** What the shared cache sends to n1 is lost. */
  const cutOff = (world: World, from: number, until: number): void => {
    const condition: Condition = {
      name: 'cut',
      disturbance: { kind: 'drop' },
      effect: { count: 0 },
      applies: (a, b) => a.id === 'shared' && b.id === 'n1',
    };
    world.at(from, { fire: () => world.network.impose(condition) });
    world.at(until, { fire: () => world.network.lift(condition) });
  };

  test('a hit costs no message; a write elsewhere makes it miss', () => {
    const { count, lines } = nearWorld(function* ([n1, n2], ctx, log) {
      yield* ctx.sleep(ms(10));
      const timed = function* (): Flow {
        const from = ctx.clock.monotonic;
        const value = yield* read(n1 as Kv, ctx);
        log(`${String(value)} ${ctx.clock.monotonic - from}`);
      };
      yield* timed();
      yield* timed();
      yield* write(n2 as Kv, ctx, 'new');
      yield* timed();
      yield* timed();
    });
    expect(lines).toEqual(['null 6000', 'null 2000', 'new 6000', 'new 2000']);
    expect([count('hits', 'n1'), count('hits', 'shared')]).toEqual([2, 0]);
  });

  test('of what was lost a synced one learns by asking, and one that relies on messages never', () => {
    const seen = (coherence: 'messages' | 'synced'): string[] =>
      nearWorld(
        function* ([n1, n2], ctx, log) {
          yield* ctx.sleep(ms(10));
          yield* read(n1 as Kv, ctx);
          yield* ctx.sleep(ms(90));
          yield* write(n2 as Kv, ctx, 'new');
          for (const wait of [ms(100), ms(250), s(3)]) {
            yield* ctx.sleep(wait);
            log(String(yield* read(n1 as Kv, ctx)));
          }
        },
        {
          near: { coherence },
          incident: (world) => cutOff(world, ms(95), ms(160)),
        },
      ).lines;
    expect(seen('messages')).toEqual(['null', 'null', 'null']);
    expect(seen('synced').slice(1)).toEqual(['new', 'new']);
  });

  test('a time to live bounds it too', () => {
    const { lines } = nearWorld(
      function* ([n1, n2], ctx, log) {
        yield* ctx.sleep(ms(10));
        yield* read(n1 as Kv, ctx);
        yield* ctx.sleep(ms(90));
        yield* write(n2 as Kv, ctx, 'new');
        for (const wait of [ms(100), ms(200)]) {
          yield* ctx.sleep(wait);
          log(String(yield* read(n1 as Kv, ctx)));
        }
      },
      { near: { coherence: 'messages', ttl: ms(250) }, incident: (world) => cutOff(world, ms(95), ms(160)) },
    );
    expect(lines).toEqual(['null', 'new']);
  });

  test('cut off for longer than it trusts it serves nothing of its own', () => {
    const { count, lines } = nearWorld(
      function* ([n1], ctx, log) {
        yield* ctx.sleep(ms(10));
        yield* read(n1 as Kv, ctx);
        yield* ctx.sleep(ms(800));
        try {
          log(String(yield* read(n1 as Kv, ctx)));
        } catch (error) {
          log(String(error).split(':')[0] as string);
        }
      },
      { near: { deadline: ms(50) }, incident: (world) => cutOff(world, ms(50), s(2)) },
    );
    expect([lines, count('distrusted', 'n1')]).toEqual([['timeout'], 1]);
  });

  test('when the shared cache has crashed, or forgotten what was missed, everything is dropped', () => {
    const fill = function* (near: readonly Kv[], ctx: Context<string[]>): Flow {
      yield* ctx.sleep(ms(10));
      for (const key of ['a', 'b', 'c']) yield* ctx.call(near[0] as Kv, 'get', { key });
    };
    const crashed = nearWorld(fill, {
      incident: (world) => world.at(ms(500), { fire: () => void crash(world, world.named('shared')) }),
      until: ms(600),
    });
    expect(crashed.held('n1')).toEqual(['a', 'b', 'c']);
    restart(crashed.world, crashed.world.named('shared'));
    drive(crashed.world, s(2));
    expect([crashed.held('n1'), crashed.count('cleared', 'n1')]).toEqual([[], 2]);

    const forgotten = nearWorld(
      function* (near, ctx) {
        yield* fill(near, ctx);
        yield* ctx.sleep(ms(100));
        for (const key of ['x', 'y', 'z']) yield* ctx.call(near[1] as Kv, 'put', { key, value: 1 });
      },
      { shared: { remembers: 2 }, incident: (world) => cutOff(world, ms(100), ms(400)) },
    );
    expect([forgotten.held('n1'), forgotten.count('cleared', 'n1')]).toEqual([[], 2]);
  });

  test('what the shared cache evicts or lets expire is dropped near too', () => {
    const { held, world } = nearWorld(
      function* ([n1], ctx) {
        yield* ctx.sleep(ms(10));
        for (const key of ['a', 'b', 'c', 'd']) yield* ctx.call(n1 as Kv, 'get', { key });
      },
      { shared: { capacity: 2 } },
    );
    expect(held('n1')).toEqual(['c', 'd']);
    expect([...(world.named('shared').state as CacheState<KeyOrder>).table.entries.keys()]).toEqual(['c', 'd']);
  });

  test('say what is wrong with their options', () => {
    const make = (options: object) => () => nearCache({ remote: {} as never, capacity: 1, policy: lru(), ...options });
    expect(make({ coherence: 'eventual' })).toThrow(/nearCache\.coherence/);
    expect(make({ trust: 1 })).toThrow(/nearCache\.trust/);
    const none = { store: {} as Kv, capacity: 1, policy: lru(), feed: { subscribers: [], remembers: 0 } };
    expect(() => cache(none)).toThrow(/cache\.feed\.remembers/);
  });
});
