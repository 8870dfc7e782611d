/**
 * Two application servers with a cache and a database beside each other: a1 is the shop, whose clients read, a2 the office, whose
 * clients mostly write. Only what the cache demands of whoever fills it differs between the scenarios.
 */
import {
  boundedStaleness,
  clog,
  ms,
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
  cacheAside,
  cacheServer,
  client,
  kvOperations,
  kvStore,
  lru,
  openLoop,
  singleCache,
  type CacheAsideState,
  type CacheServerProtocol,
  type KvProtocol,
} from '../../models/index.ts';
import { cacheChecks } from './cache-checks.ts';
import { ALL_THAT_HEALS, COMES_BACK, OVER_CONNECTIONS } from './claims.ts';

export interface CachedStore {
  readonly clients: readonly NodeRef[];
  readonly applications: readonly NodeRef<KvProtocol>[];
  readonly cache: NodeRef<CacheServerProtocol>;
  readonly database: NodeRef<KvProtocol>;
}

export interface CachedStoreOptions {
  readonly world: WorldBuilder;
  readonly duration: Micros;
  /** Operations a second, of all clients together. */
  readonly rate: number;
  /** Fills need a lease, and applications rather fail than read what may be stale. */
  readonly leases: boolean;
}

const CLIENTS = 4;
const KEYS = 20;
const CAPACITY = 100;
const STALE_FOR = ms(100);

/** Places `database`, `cache`, applications a1 and a2, clients c1 and c2 of the one, c3 and c4 of the other. */
export function cachedStore({ world, duration, rate, leases }: CachedStoreOptions): CachedStore {
  // Connections, as between real servers: a request does not arrive twice, or after one that was sent later.
  world.links({ transport: 'stream' });
  const database = world.node<never, KvProtocol>('database', { actor: kvStore({ role: 'database' }) as never });
  const cache = world.node<never, CacheServerProtocol>('cache', {
    actor: cacheServer({
      capacity: CAPACITY,
      policy: lru(),
      tokens: leases ? 'exclusive' : 'none',
      tokenFor: s(1),
    }) as never,
  });
  const applications = world.refs<KvProtocol>('a', 2);
  const application = cacheAside({ tier: singleCache(cache), store: database, strict: leases });
  for (const ref of applications) world.node<CacheAsideState, KvProtocol>(ref, { actor: application });
  const [front, office] = applications as [NodeRef<KvProtocol>, NodeRef<KvProtocol>];
  const clients = world.refs<Record<never, never>>('c', CLIENTS);
  for (const [i, ref] of clients.entries()) {
    const writes = i >= CLIENTS / 2;
    const actor = client<KvProtocol>({
      target: writes ? office : front,
      workload: openLoop({ rate: rate / CLIENTS, until: duration - ms(500) }),
      deadline: s(2),
      ...kvOperations({ keys: KEYS, readShare: writes ? 0.2 : 1 }),
    });
    world.node(ref, { actor });
  }
  return { clients, applications, cache, database };
}

/** Twice, what the database answers to a1 is held up for a while: reads come back when a2 has written and deleted. */
export function delayedReads({ database, applications: [a1] }: CachedStore): Fault[] {
  if (a1 === undefined) return [];
  return [s(2), s(4)].map((at) => clog({ from: database, to: a1, at, for: ms(900) }));
}

export function cachedStoreChecks({ cache }: CachedStore): readonly Check[] {
  return [
    boundedStaleness({ within: STALE_FOR }),
    ...cacheChecks('cache', CAPACITY),
    sometimes('a read is served from the cache', (view) => view.metrics.counter(cache.id, 'hits').value > 0, {
      roles: ['cache'],
    }),
  ];
}

/** Each of them is the only one, and the values are on the database's disk: they come back, with it. */
const limits: NemesisLimits = {
  roles: { database: COMES_BACK, cache: COMES_BACK, application: COMES_BACK },
  families: OVER_CONNECTIONS,
  quietAfter: s(5),
};

export const cachedStoreNemesis = { profiles: ALL_THAT_HEALS, limits };
