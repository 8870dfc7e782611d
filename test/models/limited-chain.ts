/** A client, any limiter, any kind of backend and a store, each on a node of its own, 1 ms apart. */
import { expect } from '@jest/globals';
import { constant, fixedBackoff, ms, s, us, type Actor, type NodeRef } from '../../sim/index.ts';
import type { Trace } from '../../sim/trace/trace.ts';
import { World } from '../../sim/world/world.ts';
import {
  atomicIncrement,
  cache,
  centralLimiter,
  client,
  fifo,
  fixedWindow,
  kvOperations,
  kvStore,
  leakingBucket,
  leastConnections,
  limitStore,
  limiter,
  loadBalancer,
  lru,
  openLoop,
  parseLimitRules,
  readThenWrite,
  roundRobin,
  ruleLimiter,
  scripted,
  singleFlight,
  slidingWindowCounter,
  slidingWindowLog,
  syncedLimiter,
  tokenBucket,
} from '../../models/index.ts';
import type {
  BalancerPolicy,
  CacheProtocol,
  Counting,
  KvProtocol,
  LimiterPolicy,
  LimiterState,
  LoadBalancerState,
} from '../../models/index.ts';

type Kv = NodeRef<KvProtocol>;
interface Limiting {
  /** Round trips to its store that a request waits for. */
  readonly trips?: number;
  /** In any second at most so many times the limit; no promise if it is left out. */
  readonly times?: number;
  readonly actor: (target: Kv, limit: number, world: World) => Actor<never, KvProtocol>;
}

const local = (policyOf: (limit: number) => object, rest: Partial<Limiting> = {}, options: object = {}): Limiting => ({
  ...rest,
  actor: (target, limit) =>
    limiter({ target, policy: policyOf(limit) as LimiterPolicy<unknown>, afterCrash: 'wait', ...options }) as never,
});
const central = (countingOf: (limit: number) => Counting, rest: Partial<Limiting>): Limiting => ({
  ...rest,
  actor(target, limit, world) {
    const store = world.node('counts', {
      actor: limitStore({ policy: slidingWindowLog({ limit }), afterCrash: 'wait' }),
    });
    return centralLimiter({ target, store, counting: countingOf(limit) }) as never;
  },
});

const LIMITERS: Readonly<Record<string, Limiting>> = {
  'token bucket': local((rate) => tokenBucket({ rate }), { times: 2 }),
  'leaking bucket': local((rate) => leakingBucket({ rate, queue: 5 }), { times: 2 }),
  'fixed window': local((limit) => fixedWindow({ limit }), { times: 2 }),
  'sliding window log': local((limit) => slidingWindowLog({ limit }), { times: 1 }),
  'sliding window counter': local((limit) => slidingWindowCounter({ limit }), { times: 2 }),
  'sliding window log with a line': local(
    (limit) => slidingWindowLog({ limit }),
    { times: 1 },
    { enqueue: { places: 4, longest: '80ms' } },
  ),
  rules: {
    times: 2,
    actor: (target, limit) =>
      ruleLimiter({
        target,
        rules: parseLimitRules(
          `{ domain: kv, descriptors: [{ key: all, rate_limit: { unit: second, requests_per_unit: ${limit} } }] }`,
        ),
        descriptorsOf: () => [[{ key: 'all', value: '' }]],
        afterCrash: 'wait',
      }) as never,
  },
  scripted: central(scripted, { trips: 1, times: 1 }),
  'atomic increment': central((limit) => atomicIncrement({ limit }), { trips: 1 }),
  'read then write': central((limit) => readThenWrite(slidingWindowLog({ limit })), { trips: 2 }),
  synced: {
    actor(target, limit, world) {
      const store = world.node('counts', { actor: limitStore({ policy: fixedWindow({ limit }) }) });
      return syncedLimiter({ target, store, limit, every: '20ms' }) as never;
    },
  },
};

interface Backend {
  /** Names of its nodes on the way to the store, from the front. */
  readonly parts: readonly string[];
  readonly place: (world: World, store: Kv) => Kv;
}

const balancer = (policy: () => object): Backend => ({
  parts: ['balancer', 'store'],
  place: (world, store) =>
    world.node('balancer', {
      actor: loadBalancer({
        backends: [store],
        policy: policy() as BalancerPolicy<object>,
        passive: { ejectFor: ms(200) },
      }),
    }),
});
const caching = (policy: () => object): Backend => ({
  parts: ['cache', 'store'],
  place: (world, store) =>
    world.node('cache', {
      actor: cache({ store, capacity: 3, policy: policy() as never, refresh: singleFlight() }),
    }) as NodeRef<CacheProtocol> as Kv,
});
const BACKENDS: Readonly<Record<string, Backend>> = {
  store: { parts: ['store'], place: (_world, store) => store },
  'least connections': balancer(leastConnections),
  'round robin': balancer(roundRobin),
  'LRU cache': caching(lru),
  'FIFO cache': caching(fifo),
  'another limiter': {
    parts: ['inner', 'store'],
    place: (world, store) =>
      world.node('inner', { actor: limiter({ target: store, policy: tokenBucket({ rate: 1_000 }) }) }),
  },
};

export const SERVICE = ms(5);
export const FSYNC = us(2_000);
export const AT_REST = s(45);

interface Options {
  readonly seed?: string;
  readonly trace?: Trace | undefined;
  readonly gap?: string;
  readonly operations?: number;
  readonly deadline?: string;
  readonly limit?: number;
}

export function chainOf(limiting: Limiting, backend: Backend, options: Options = {}) {
  const { seed = 'chain', trace, gap = '100ms', operations = 40, deadline = '1s', limit = 500 } = options;
  const world = new World({ seed, trace });
  world.links({ latency: constant(ms(1)) });
  const store = world.node('store', { actor: kvStore({ service: SERVICE }), disk: { fsync: constant(FSYNC) } });
  const target = world.node('limiter', { actor: limiting.actor(backend.place(world, store), limit, world) });
  const retry = fixedBackoff({ attempts: 2, base: ms(20), retryable: (error) => error.definite });
  const workload = openLoop({ gap, operations });
  world.node('client', {
    actor: client<KvProtocol>({ target, workload, deadline, retry, ...kvOperations({ keys: 6, readShare: 0.7 }) }),
  });
  const count = (name: string, node = 'client'): number => world.metrics.counter(node, name).value;
  return { world, count, parts: ['limiter', ...backend.parts] };
}

/**
 * offered = ok + fail + info + open, in the counters and in the history; at rest no flow, queue, line or count of anything is
 * left.
 */
export function expectOneCompletionEach({ world, count }: ReturnType<typeof chainOf>, atRest: boolean): void {
  const { operations } = world.history;
  const ended = (outcome: string): number => operations.filter((op) => op.outcome === outcome).length;
  expect([count('ok'), count('fail')]).toEqual([ended('ok'), ended('fail')]);
  expect(count('offered')).toBe(operations.length);
  expect(ended('ok') + ended('fail') + ended('info') + ended('pending')).toBe(operations.length);
  expect(count('info')).toBeLessThanOrEqual(ended('info'));
  if (!atRest) return;
  expect(ended('pending')).toBe(0);
  for (const node of world.nodes) {
    expect([node.id, node.flows.count, node.cpu.busy, node.cpu.queued]).toEqual([node.id, 0, 0, 0]);
    expect([...node.signals.values()].flat()).toEqual([]);
    const state = node.state as Partial<LoadBalancerState<unknown> & LimiterState<unknown>>;
    expect(state.lines?.size ?? 0).toBe(0);
    for (const { inFlight } of state.backends ?? []) expect(inFlight).toBe(0);
  }
}

export const PAIRS = Object.entries(LIMITERS).flatMap(([front, limiting]) =>
  Object.entries(BACKENDS).map(([back, backend]) => ({ name: `${front} in front of ${back}`, limiting, backend })),
);
