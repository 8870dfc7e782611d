/** Runs of caches that oracles are compared with: tables without a simulation around them, and small worlds. */
import { NEVER, RandomStream, compile, constant, exponential, ms, s } from '../../sim/index.ts';
import { World } from '../../sim/world/world.ts';
import {
  CacheShape,
  Expiry,
  cacheAside,
  cacheServer,
  client,
  fifo,
  kvOperations,
  kvStore,
  lru,
  openLoop,
  singleCache,
  writeBehind,
} from '../../models/index.ts';
import type { CacheServerProtocol, EvictionPolicy, KvProtocol, Zipf } from '../../models/index.ts';
import { drive } from '../support/bare-world.ts';

/** Misses on a string of pages, separated by blanks. */
export function missesOn<S>(pages: string, frames: number, policy: EvictionPolicy<S>): number {
  const shape = new CacheShape<number, S>(frames, policy);
  const table = shape.empty();
  const random = new RandomStream('pages', policy.name);
  const entry = { value: 0, filled: 0, expires: NEVER, took: 0 };
  let misses = 0;
  for (const page of pages.split(' ')) {
    if (shape.lookup(table, page, 0) !== undefined) continue;
    misses++;
    shape.insert(table, page, entry, random);
  }
  return misses;
}

/** Hit ratio over `requests` independent references, after `warmUp`, by default a tenth as many. */
export function hitRatio<S>(
  law: Zipf,
  capacity: number,
  policy: EvictionPolicy<S>,
  seed: string,
  requests: number,
  warmUp = Math.round(requests / 10),
): number {
  const shape = new CacheShape<number, S>(capacity, policy);
  const table = shape.empty();
  const random = new RandomStream(seed, 'references');
  const keys = Array.from({ length: law.count }, (_, i) => `k${i}`);
  const entry = { value: 0, filled: 0, expires: NEVER, took: 0 };
  let hits = 0;
  for (let i = 0; i < warmUp + requests; i++) {
    const key = keys[law.sample(random)] as string;
    if (shape.lookup(table, key, 0) === undefined) shape.insert(table, key, entry, random);
    else if (i >= warmUp) hits++;
  }
  return hits / requests;
}

/** Hit ratio of one key with Poisson requests, `load` of them in a time to live, over `requests`. */
export function ttlHitRatio(load: number, renewOnHit: boolean, seed: string, requests: number): number {
  const shape = new CacheShape<number, unknown>(1, fifo() as EvictionPolicy<unknown>);
  const table = shape.empty();
  const random = new RandomStream(seed, 'requests');
  const gap = compile(exponential({ mean: s(1) }));
  const expiry = new Expiry({ ttl: s(load), renewOnHit }, 'ttl');
  let now = 0;
  let hits = 0;
  for (let i = 0; i < requests; i++) {
    now += gap.sample(random);
    const entry = shape.lookup(table, 'key', now);
    if (entry === undefined) {
      const expires = expiry.after(now, random);
      shape.insert(table, 'key', { value: 0, filled: now, expires, took: 0 }, random);
    } else {
      hits++;
      expiry.hit(entry, now, random);
    }
  }
  return hits / requests;
}

const KEYS = 20;
const PERIODS = 100;

/** Poisson writes of twenty keys, `load` of each between two flushes, which are a second apart. */
function writeBehindWorld(load: number, seed: string): World {
  const world = new World({ seed });
  world.links({ latency: constant(ms(1)) });
  const store = world.node('store', { actor: kvStore({ fsync: 'never' }) });
  const target = world.node('cache', { actor: writeBehind({ store, capacity: 2 * KEYS, policy: lru(), every: s(1) }) });
  const workload = openLoop({ rate: load * KEYS });
  world.node('app', {
    actor: client({ target, workload, record: false, ...kvOperations({ keys: KEYS, readShare: 0 }) }),
  });
  return world;
}

/** Writes of a key between two flushes, and what of them reaches the store; the first two periods are left out. */
export function writesOfStore(load: number, seed: string): { readonly written: number; readonly flushed: number } {
  const world = writeBehindWorld(load, seed);
  // A flush takes milliseconds: half a second later it is over.
  const half = ms(500);
  const count = (node: string, name: string): number => world.metrics.counter(node, name).value;
  drive(world, s(2));
  const written = count('cache', 'writes');
  drive(world, s(2) + half);
  const flushed = count('store', 'cas');
  drive(world, s(2 + PERIODS));
  const writes = count('cache', 'writes') - written;
  drive(world, s(2 + PERIODS) + half);
  const samples = KEYS * PERIODS;
  return { written: writes / samples, flushed: (count('store', 'cas') - flushed) / samples };
}

/** Writes of a key that a crash at a random instant loses: those since the last flush. */
export function unflushed(load: number, seed: string): number {
  const world = writeBehindWorld(load, seed);
  const instants = new RandomStream(seed, 'instants');
  const writes = (): number => world.metrics.counter('cache', 'writes').value;
  let lost = 0;
  for (let period = 2; period < PERIODS; period++) {
    drive(world, s(period));
    const before = writes();
    drive(world, s(period) + Math.floor(instants.next() * s(1)));
    lost += writes() - before;
  }
  return lost / (KEYS * (PERIODS - 2));
}

/** Most reads of the store in any tenth of a second, times ten: 2,000 reads a second of ten keys that are written now and then. */
export function herdPeaks(tokens: 'none' | 'exclusive', seed: string): number {
  const world = new World({ seed });
  world.links({ latency: constant(ms(1)), transport: 'stream' });
  const store = world.node<never, KvProtocol>('store', {
    actor: kvStore({ fsync: 'never', service: constant(ms(50)) }) as never,
    cpu: { servers: 10_000 },
  });
  const server = world.node<never, CacheServerProtocol>('cache', {
    actor: cacheServer({ capacity: 100, policy: lru(), tokens }) as never,
  });
  const applications = world.refs<KvProtocol>('a', 20);
  const application = cacheAside({ tier: singleCache(server), store });
  for (const ref of applications) world.node(ref, { actor: application as never });
  const workload = openLoop({ rate: 2_000 });
  const operations = kvOperations({ keys: 10, skew: 1, readShare: 0.997 });
  world.node('app', { actor: client({ target: applications, workload, record: false, ...operations }) });
  let peak = 0;
  let before = 0;
  // The cache is cold before the first second is over.
  for (let tenth = 1; tenth <= 100; tenth++) {
    drive(world, ms(100 * tenth));
    const now = world.metrics.counter('store', 'get').value;
    if (tenth > 10) peak = Math.max(peak, now - before);
    before = now;
  }
  return peak * 10;
}
