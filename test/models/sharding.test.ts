/** Sharding: one owner for each key whatever the scheme, and none of what was written lost when shards move. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type CallError, ConfigError, ms, s, type Context, type Flow, type NodeRef } from '../../sim/index.ts';
import {
  directorySharding,
  divided,
  geographicSharding,
  hashSharding,
  kvClient,
  listSharding,
  mapService,
  moved,
  rangeSharding,
  shardedStore,
  shardMap,
  shardOf,
  shardRouter,
  shardServer,
  spreadKeys,
  verticalPartition,
  type KvClientState,
  type MapProtocol,
  type MapServiceState,
  type Placed,
  type RouterProtocol,
  type RouterState,
  type Sharding,
  type ShardProtocol,
  type ShardServerState,
} from '../../models/index.ts';
import { drive, newWorld, runner } from '../support/bare-world.ts';

interface Scheme {
  readonly name: string;
  readonly sharding: Sharding;
  readonly shards: readonly Placed[];
  /** Where to divide the first shard, and the others if they can be. */
  readonly at: string;
  readonly keys: fc.Arbitrary<string>;
}

const words = fc.oneof(fc.string(), fc.constantFrom('ant', 'de/1', 'fr/x', 'us/7', 'jp/3', 'z', ''));
/** Nearly all doubles are close to zero; whole degrees are all over the globe. */
const degrees = (most: number): fc.Arbitrary<number> =>
  fc.oneof(fc.integer({ min: -most, max: most }), fc.double({ min: -most, max: most, noNaN: true }));
const globe = fc.tuple(degrees(90), degrees(400)).map(([latitude, longitude]) => `${latitude},${longitude}/x`);

const scheme = <C>(
  sharding: Sharding<C>,
  covers: readonly [C, C, ...C[]],
  at: string,
  keys: fc.Arbitrary<string> = words,
): Scheme => ({
  name: sharding.name,
  sharding: sharding as Sharding,
  shards: covers.map((one, i) => ({ id: `p${i + 1}`, covers: one, owner: `s${(i % 2) + 1}` })),
  at,
  keys,
});

const SCHEMES: readonly Scheme[] = [
  scheme(rangeSharding(), [{ from: '', to: 'h' }, { from: 'h', to: 's' }, { from: 's' }], 'c'),
  scheme(
    hashSharding({ slots: 64 }),
    [
      [
        { from: 0, to: 9 },
        { from: 40, to: 63 },
      ],
      [{ from: 10, to: 39 }],
    ],
    '50',
  ),
  scheme(listSharding(), [{ values: ['de', 'fr'] }, { values: ['us'], except: ['de', 'fr'] }], 'fr'),
  scheme(
    directorySharding(),
    [
      { keys: ['ant', 'z'], bucket: { number: 0, of: 2, listedElsewhere: ['us/7'] } },
      { keys: ['us/7'], bucket: { number: 1, of: 2, listedElsewhere: ['ant', 'z'] } },
    ],
    'ant',
  ),
  scheme(
    geographicSharding(),
    [
      { south: -90, north: 90, west: -180, east: -30 },
      { south: 0, north: 90, west: -30, east: 180 },
      { south: -90, north: 0, west: -30, east: 180 },
    ],
    'latitude 10',
    fc.oneof(globe, words),
  ),
];

const ownersOf = ({ sharding, shards, keys }: Scheme, check: (key: string, owners: readonly string[]) => void): void =>
  fc.assert(
    fc.property(keys, (key) =>
      check(
        key,
        shards.flatMap(({ covers, owner }) => (sharding.holds(covers, key) ? [owner] : [])),
      ),
    ),
  );

describe.each(SCHEMES)('$name sharding', (own) => {
  const { sharding, shards, at, keys } = own;
  const map = shardMap(sharding, shards);

  test('gives every key exactly one owner', () => {
    ownersOf(own, (key, owners) => {
      expect(owners).toHaveLength(1);
      expect(shardOf(sharding, map, key).owner).toBe(owners[0]);
    });
  });

  test('moves the keys of one shard and no other, in the next epoch', () => {
    const next = moved(map, 'p1', 's9');
    expect(next.epoch).toBe(2);
    fc.assert(
      fc.property(keys, (key) => {
        const before = shardOf(sharding, map, key);
        const after = shardOf(sharding, next, key);
        expect(after).toEqual(before.id === 'p1' ? { ...before, owner: 's9', epoch: 2 } : before);
      }),
    );
  });

  test('divides a shard in two that have its keys and its owner', () => {
    const next = divided(sharding, map, { id: 'p1', at, into: 'p0' });
    fc.assert(
      fc.property(keys, (key) => {
        const before = shardOf(sharding, map, key);
        const after = shardOf(sharding, next, key);
        expect(after.owner).toBe(before.owner);
        expect(before.id === 'p1' ? ['p0', 'p1'] : [before.id]).toContain(after.id);
        expect(next.shards.filter(({ covers }) => sharding.holds(covers, key))).toHaveLength(1);
      }),
    );
    const met = fc.sample(keys, { seed: 1, numRuns: 1000 }).map((key) => shardOf(sharding, next, key).id);
    expect(met).toContain('p0');
    expect(met).toContain('p1');
  });

  test('refuses a map in which keys would have no owner or two', () => {
    const [first, ...rest] = shards as [Placed, ...Placed[]];
    expect(() => shardMap(sharding, rest)).toThrow(ConfigError);
    expect(() => shardMap(sharding, [...shards, { ...first, id: 'again' }])).toThrow(ConfigError);
    expect(() => shardMap(sharding, [...shards.slice(1), { ...first, id: 'p2' }])).toThrow(ConfigError);
    expect(() => divided(sharding, map, { id: 'p1', at: 'nowhere/9', into: 'p0' })).toThrow(ConfigError);
    expect(() => moved(map, 'p7', 's1')).toThrow('p7');
  });
});

test('each scheme says what is wrong with its shards', () => {
  const [range, hash, list, directory, geographic] = SCHEMES.map(({ sharding }) => sharding) as [
    Sharding,
    Sharding,
    Sharding,
    Sharding,
    Sharding,
  ];
  const message = (sharding: Sharding, ...covers: unknown[]): string => {
    try {
      sharding.check(covers.map((one, i) => ({ id: `p${i}`, covers: one, owner: 's' })));
    } catch (error) {
      return (error as Error).message;
    }
    return 'fine';
  };
  expect(message(range, { from: '', to: 'm' }, { from: 'k' })).toContain('where the range before it ends');
  expect(message(range, { from: '' }, { from: 'k' })).toContain('has no end');
  expect(message(range, { from: '', to: 'm' })).toContain('later keys need an owner');
  expect(message(range, { from: '', to: '' }, { from: '' })).toContain('a key after');
  expect(message(hash, [{ from: 0, to: 20 }], [{ from: 22, to: 63 }])).toContain('each slot has one owner');
  expect(message(hash, [{ from: 0, to: 64 }])).toContain('a slot from 0 to 63');
  expect(message(hash, [{ from: 0, to: 62 }])).toContain('owners for all 64');
  expect(message(list, { values: ['a'], except: [] }, { values: ['a'] })).toContain('p0 does not list');
  expect(message(list, { values: ['a'], except: [] }, { values: ['b'] })).toContain('what the other shards list: b');
  expect(message(list, { values: ['a'] })).toContain('exactly one shard');
  expect(message(directory, { keys: ['a'] })).toContain('buckets');
  expect(message(directory, { keys: [], bucket: { number: 0, of: 1, listedElsewhere: ['q'] } })).toContain(
    'some shard lists',
  );
  expect(message(geographic, { south: 0, north: 91, west: 0, east: 9 })).toContain('whole degrees');
  expect(message(geographic, { south: -90, north: 0, west: -180, east: 180 })).toContain('the whole globe');
  expect(() => hashSharding({ slots: 48 })).toThrow('a power of two');
});

interface Group {
  readonly servers: readonly NodeRef<ShardProtocol>[];
  readonly router: NodeRef<RouterProtocol>;
  readonly service: NodeRef<MapProtocol>;
}

type Body = (group: Group, ctx: Context<string[]>, log: (line: string) => void) => Flow<unknown>;

/** Servers s1 and s2 with keys to and from 'h', the map service m1, a router that refreshes rarely, and `body` on a node of its own. */
function tried(body: Body, { fencing = true, until = s(5) } = {}) {
  const world = newWorld('sharding');
  const servers = world.refs<ShardProtocol>('s', 2);
  const [service] = world.refs<MapProtocol>('m', 1) as [NodeRef<MapProtocol>];
  const [router] = world.refs<RouterProtocol>('r', 1) as [NodeRef<RouterProtocol>];
  const sharding = rangeSharding();
  const map = shardMap(sharding, [
    { id: 'a', covers: { from: '', to: 'h' }, owner: 's1' },
    { id: 'h', covers: { from: 'h' }, owner: 's2' },
  ]);
  for (const ref of servers) world.node(ref, { actor: shardServer({ sharding, map, fencing }) });
  world.node(service, { actor: mapService({ sharding, map, servers }) });
  const routing = shardRouter({ sharding, map, servers, mapService: service, refreshEvery: s(60) });
  world.node<RouterState, RouterProtocol>(router, { actor: routing });
  const group = { servers, router, service };
  world.node('body', { actor: runner((ctx, log) => body(group, ctx, log)) });
  drive(world, until);
  return {
    log: world.named('body').state as string[],
    server: (id: string) => world.named(id).state as ShardServerState,
    known: (world.named('m1').state as MapServiceState).known,
    router: world.named('r1').state as RouterState,
  };
}

const write = (key: string, value: string, seq: number) => ({ f: 'write', key, value, session: 'c', seq }) as const;

function* codeOf(step: Flow<unknown>): Flow<string> {
  try {
    yield* step;
    return 'done';
  } catch (error) {
    return (error as CallError).code;
  }
}

test('a shard that moves takes along what it has, and a router with an old map is sent on', () => {
  const { log, server, known, router } = tried(function* ({ router: r, service }, ctx, note) {
    yield* ctx.call(r, 'update', write('ant', '1', 1));
    yield* ctx.call(service, 'move', { shard: 'a', to: 's2' });
    yield* ctx.sleep(s(1));
    note(`${(yield* ctx.call(r, 'read', { key: 'ant' })).value}`);
    yield* ctx.call(r, 'update', write('ant', '2', 2));
    note(`${(yield* ctx.call(r, 'read', { key: 'ant' })).value}`);
  });
  expect(log).toEqual(['1', '2']);
  expect(known).toMatchObject({ done: 1, work: [], map: { epoch: 2 } });
  expect(Object.keys(server('s1').shards)).toEqual([]);
  expect(server('s2').shards['a']).toMatchObject({ role: 'owner', epoch: 2 });
  expect(router).toMatchObject({ retried: 1, map: { epoch: 2 } });
});

test('what is written between the copy and the release moves as well', () => {
  const { log } = tried(function* ({ servers: [s1], router }, ctx, note) {
    const shard = { shard: 'a', epoch: 1 };
    const source = s1 as NodeRef<ShardProtocol>;
    yield* ctx.call(router, 'update', write('ant', 'old', 1));
    const { at, life, entries } = yield* ctx.call(source, 'copy', { shard: 'a', epoch: 2 });
    note(Object.keys(entries).join());
    yield* ctx.call(source, 'update', { ...shard, command: write('bee', 'new', 2) });
    const released = yield* ctx.call(source, 'release', { shard: 'a', epoch: 2, life, since: at });
    note(`${Object.keys(released.entries).join()} ${released.whole}`);
    const again = yield* ctx.call(source, 'release', { shard: 'a', epoch: 2, life: life + 1, since: at });
    note(`${Object.keys(again.entries).join()} ${again.whole}`);
    note(
      yield* codeOf(
        ctx.call(source, 'update', { ...shard, command: write('bee', 'late', 3) }) as unknown as Flow<unknown>,
      ),
    );
  });
  expect(log).toEqual(['ant', 'bee false', 'ant,bee true', 'moved']);
});

test('messages of an earlier handover change nothing', () => {
  const { log, server } = tried(function* ({ servers: [s1, s2], service }, ctx, note) {
    const [old, next] = [s1, s2] as [NodeRef<ShardProtocol>, NodeRef<ShardProtocol>];
    yield* ctx.call(service, 'move', { shard: 'a', to: 's2' });
    yield* ctx.sleep(s(1));
    yield* ctx.call(service, 'move', { shard: 'a', to: 's1' });
    yield* ctx.sleep(s(1));
    const late = { shard: 'a', epoch: 2 };
    const refused = (step: unknown): Flow<string> => codeOf(step as Flow<unknown>);
    note(yield* refused(ctx.call(next, 'activate', late)));
    note(yield* refused(ctx.call(old, 'release', { ...late, life: 0, since: 0 })));
    note(yield* refused(ctx.call(old, 'drop', late)));
    note(yield* refused(ctx.call(next, 'take', { ...late, covers: { from: '', to: 'h' }, from: old })));
  });
  expect(log).toEqual(['not-loaded', 'moved', 'done', 'moved']);
  expect(server('s1').shards['a']).toMatchObject({ role: 'owner', epoch: 3 });
  expect(server('s2').shards['a']).toBeUndefined();
});

test('a shard that is split serves both halves in the new epoch, and the old one no more', () => {
  const { log, server, known } = tried(function* ({ servers: [s1], router, service }, ctx, note) {
    for (const [i, key] of ['ant', 'cat'].entries()) yield* ctx.call(router, 'update', write(key, key, i + 1));
    yield* ctx.call(service, 'split', { shard: 'a', at: 'c', into: 'c' });
    yield* ctx.call(service, 'split', { shard: 'a', at: 'x', into: 'x' });
    yield* ctx.sleep(ms(100));
    const stale = { shard: 'a', epoch: 1, command: write('cat', 'late', 3) };
    note(yield* codeOf(ctx.call(s1 as NodeRef<ShardProtocol>, 'update', stale) as unknown as Flow<unknown>));
    const { values } = yield* ctx.call(router, 'scan', {});
    note(JSON.stringify(values));
  });
  expect(log).toEqual(['moved', '{"ant":"ant","cat":"cat"}']);
  expect(Object.keys(server('s1').shards['c']?.entries ?? {})).toEqual(['cat']);
  // What cannot be split there is forgotten.
  expect(known.map.shards.map(({ id, epoch }) => `${id} ${epoch}`)).toEqual(['a 2', 'c 2', 'h 1']);
});

test('a query over all shards finds every key once, also while one moves', () => {
  const { log } = tried(function* ({ router, service }, ctx, note) {
    for (const [i, key] of ['ant', 'bee', 'owl', 'yak'].entries())
      yield* ctx.call(router, 'update', write(key, key, i + 1));
    yield* ctx.call(service, 'move', { shard: 'h', to: 's1' });
    for (let i = 0; i < 4; i++) {
      note(
        Object.keys((yield* ctx.call(router, 'scan', {})).values)
          .toSorted()
          .join(),
      );
      yield* ctx.sleep(ms(2));
    }
  });
  expect(log).toEqual(Array.from({ length: 4 }, () => 'ant,bee,owl,yak'));
});

test('a server that does not look at epochs makes a shard again that it has given away', () => {
  const { server } = tried(
    function* ({ servers: [s1], service }, ctx) {
      yield* ctx.call(service, 'move', { shard: 'a', to: 's2' });
      yield* ctx.sleep(s(1));
      const stale = { shard: 'a', epoch: 1, command: write('ant', 'lost', 1) };
      yield* ctx.call(s1 as NodeRef<ShardProtocol>, 'update', stale);
    },
    { fencing: false },
  );
  expect(server('s1').shards['a']?.entries['ant']?.value).toBe('lost');
  expect(server('s2').shards['a']?.entries).toEqual({});
});

test('a request that comes twice is applied once', () => {
  const { log } = tried(function* ({ router }, ctx, note) {
    const increment = { f: 'increment', key: 'ant', by: 2, session: 'c', seq: 1 } as const;
    for (let i = 0; i < 3; i++) yield* ctx.call(router, 'update', increment);
    note(`${(yield* ctx.call(router, 'read', { key: 'ant' })).value}`);
  });
  expect(log).toEqual(['2']);
});

test('a spread counter adds up, over several owners', () => {
  const world = newWorld('spread');
  const servers = world.refs<ShardProtocol>('s', 2);
  const [service] = world.refs<MapProtocol>('m', 1) as [NodeRef<MapProtocol>];
  const [router] = world.refs<RouterProtocol>('r', 1) as [NodeRef<RouterProtocol>];
  const sharding = hashSharding();
  const map = shardMap(sharding, [
    { id: 'low', covers: [{ from: 0, to: 8_191 }], owner: 's1' },
    { id: 'high', covers: [{ from: 8_192, to: 16_383 }], owner: 's2' },
  ]);
  for (const ref of servers) world.node(ref, { actor: shardServer({ sharding, map }) });
  world.node(service, { actor: mapService({ sharding, map, servers }) });
  world.node<RouterState, RouterProtocol>(router, {
    actor: shardRouter({ sharding, map, servers, mapService: service }),
  });
  const store = spreadKeys({ store: shardedStore({ router }), hot: ['star'], ways: 8 });
  const client = kvClient({
    store,
    keys: ['star'],
    reads: 0,
    operations: 40,
    change: (key) => ({ f: 'increment', key, by: 1 }),
  });
  world.node<KvClientState, Record<never, never>>('c', { actor: client });
  const reader = kvClient({ store, keys: ['star'], reads: 1, operations: 1, from: s(3) });
  world.node<KvClientState, Record<never, never>>('d', { actor: reader });
  drive(world, s(5));
  const read = world.history.operations.findLast(({ f }) => f === 'read');
  expect(read).toMatchObject({ outcome: 'ok', output: 40 });
  const counts = servers.map(
    ({ id }) =>
      Object.values((world.named(id).state as ShardServerState).shards).flatMap((one) => Object.keys(one.entries))
        .length,
  );
  expect(counts.reduce((sum, n) => sum + n, 0)).toBe(8);
  expect(Math.min(...counts)).toBeGreaterThan(0);
  expect(() => spreadKeys({ store, hot: [], ways: 1 })).toThrow('spreadKeys.ways');
});

test('columns in groups make the record again', () => {
  const partition = verticalPartition({ profile: ['name', 'email'], photo: ['image'], secret: ['hash', 'salt'] });
  const columns = ['name', 'email', 'image', 'hash', 'salt'];
  fc.assert(
    fc.property(fc.subarray(columns), fc.integer(), (own, value) => {
      const row = Object.fromEntries(own.map((column) => [column, value]));
      const parts = partition.divide(row);
      expect(Object.keys(parts).toSorted()).toEqual([...partition.groupsOf(own)].toSorted());
      expect(partition.join(parts)).toEqual(row);
    }),
  );
  expect(partition.groupsOf(['email', 'name'])).toEqual(['profile']);
  expect(() => verticalPartition({ a: ['x'], b: ['x'] })).toThrow('not in a');
  expect(() => partition.groupOf('age')).toThrow(ConfigError);
  expect(() => partition.join({ photo: { name: 1 } })).toThrow('columns of photo');
});
