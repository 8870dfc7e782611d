/**
 * Clients at two near caches in front of one shared cache and its database. Only how the near caches learn what they must drop
 * differs between the scenarios.
 */
import {
  boundedStaleness,
  partitionOneWay,
  s,
  sometimes,
  type Check,
  type Fault,
  type Micros,
  type NemesisLimits,
  type NodeRef,
  type WorldBuilder,
} from '../../sim/index.ts';
import {
  cache,
  client,
  kvOperations,
  kvStore,
  lru,
  nearCache,
  openLoop,
  type CacheProtocol,
  type CacheState,
  type KeyOrder,
  type KvProtocol,
  type KvStoreState,
  type NearCacheOptions,
  type NearCacheProtocol,
  type NearCacheState,
} from '../../models/index.ts';
import { cacheChecks } from './cache-checks.ts';
import { ALL_THAT_HEALS, COMES_BACK, OVER_CONNECTIONS } from './claims.ts';

export interface NearCaches {
  readonly clients: readonly NodeRef[];
  readonly near: readonly NodeRef<NearCacheProtocol>[];
  readonly shared: NodeRef<CacheProtocol>;
  readonly database: NodeRef<KvProtocol>;
}

export interface NearCachesOptions {
  readonly world: WorldBuilder;
  readonly duration: Micros;
  /** Operations a second, of all clients together. */
  readonly rate: number;
  readonly coherence: NonNullable<NearCacheOptions<unknown>['coherence']>;
  /** With `synced`: for how long a near cache trusts what it holds. */
  readonly trust?: Micros;
}

const CLIENTS = 4;
const KEYS = 20;
const CAPACITY = 100;

/** Places `database`, `shared`, near caches n1 and n2, and clients c1… that keep to one of them each. */
export function nearCaches({ world, duration, rate, coherence, trust }: NearCachesOptions): NearCaches {
  const near = world.refs<NearCacheProtocol>('n', 2);
  const shared = world.ref<CacheProtocol>('shared');
  // Connections, except for what the shared cache sends: telling everybody is a matter of datagrams.
  const pairs = near.map((to) => ({ from: shared, to, transport: 'datagram' as const }));
  world.links({ transport: 'stream', pairs });
  const database = world.node<KvStoreState, KvProtocol>('database', { actor: kvStore({ role: 'database' }) });
  world.node<CacheState<KeyOrder>, CacheProtocol>(shared, {
    actor: cache({
      store: database,
      capacity: CAPACITY,
      policy: lru(),
      feed: { subscribers: near },
      role: 'shared-cache',
    }),
  });
  const actor = nearCache({
    remote: shared,
    capacity: CAPACITY,
    policy: lru(),
    coherence,
    ...(trust === undefined ? {} : { trust }),
  });
  for (const ref of near) world.node<NearCacheState<KeyOrder>, NearCacheProtocol>(ref, { actor });
  // Each two clients keep to one near cache; n1's only read, so that nothing but messages tells it what is old.
  const clients = world.refs<Record<never, never>>('c', CLIENTS);
  for (const [i, ref] of clients.entries()) {
    const reads = i < CLIENTS / 2;
    const target = near[reads ? 0 : 1] as NodeRef<KvProtocol>;
    world.node(ref, {
      actor: client<KvProtocol>({
        target,
        workload: openLoop({ rate: rate / CLIENTS, until: duration - s(1) }),
        ...kvOperations({ keys: KEYS, readShare: reads ? 1 : 0.7 }),
      }),
    });
  }
  return { clients, near, shared, database };
}

/** What the shared cache sends to n1 is lost for two seconds. */
export function lostInvalidations({ near: [n1], shared }: NearCaches): Fault[] {
  return n1 === undefined ? [] : [partitionOneWay({ at: s(3), for: s(2), from: [shared], to: [n1] })];
}

const STALE_FOR = s(1);

export const nearCacheChecks = ({ near }: NearCaches): readonly Check[] => [
  boundedStaleness({ within: STALE_FOR }),
  ...cacheChecks('near-cache', CAPACITY),
  sometimes(
    'a near cache drops what it is told to',
    (view) => near.some(({ id }) => view.metrics.counter(id, 'invalidated').value > 0),
    { roles: ['near-cache'] },
  ),
];

/** The bound is in time of the near cache's own clock: nothing is claimed for one that runs slow. */
const ON_TIME = COMES_BACK.filter((family) => family !== 'clock');
const limits: NemesisLimits = {
  roles: { database: COMES_BACK, 'shared-cache': COMES_BACK, 'near-cache': ON_TIME },
  families: OVER_CONNECTIONS,
  quietAfter: s(5),
};

export const nearCacheNemesis = { profiles: ALL_THAT_HEALS, limits };
