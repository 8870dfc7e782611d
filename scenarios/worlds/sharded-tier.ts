/**
 * Application servers with a tier of eight cache servers, among which keys are divided, and a database that can do half of the
 * reads that are asked for. The tier is warm before the load begins. Only who places the keys differs between the scenarios.
 */
import {
  crash,
  exponential,
  ms,
  rateLimitInvariants,
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
  shardedCaches,
  type CacheAsideState,
  type CacheServerProtocol,
  type CacheServerState,
  type KeyOrder,
  type KvProtocol,
  type KvStoreState,
  type Placement,
} from '../../models/index.ts';
import { cacheChecks } from './cache-checks.ts';

export interface ShardedTier {
  readonly caches: readonly NodeRef<CacheServerProtocol>[];
  readonly applications: readonly NodeRef<KvProtocol>[];
  readonly database: NodeRef<KvProtocol>;
}

export interface ShardedTierOptions {
  readonly world: WorldBuilder;
  readonly duration: Micros;
  /** Reads a second, of all clients together. */
  readonly rate: number;
  readonly placement: (members: readonly string[]) => Placement;
}

const CACHES = 8;
const APPLICATIONS = 4;
const KEYS = 500;
const WARM_UP = s(4);
/** Losing one server of eight costs an eighth of 400 reads a second, and as much when it comes back. By modulo it costs seven times that. */
const READS = 160;

/** Places `database`, caches k1…, applications a1…, the clients c1…, and a `warmer` that reads every key once. */
export function shardedTier({ world, duration, rate, placement }: ShardedTierOptions): ShardedTier {
  world.links({ transport: 'stream' });
  const database = world.node<KvStoreState, KvProtocol>('database', {
    actor: kvStore({ role: 'database', service: exponential({ mean: ms(20) }) }),
    cpu: { servers: 4 },
  });
  const caches = world.refs<CacheServerProtocol>('k', CACHES);
  const server = cacheServer({ capacity: KEYS, policy: lru() });
  for (const ref of caches) world.node<CacheServerState<KeyOrder>, CacheServerProtocol>(ref, { actor: server });
  const tier = shardedCaches({ servers: caches, placement: placement(caches.map(({ id }) => id)) });
  const applications = world.refs<KvProtocol>('a', APPLICATIONS);
  const application = cacheAside({ tier, store: database });
  for (const ref of applications) world.node<CacheAsideState, KvProtocol>(ref, { actor: application });
  const warmer = client<KvProtocol>({
    target: applications,
    workload: openLoop({ gap: Math.floor(WARM_UP / KEYS), operations: KEYS }),
    operation: (_ctx, n) => ({ message: 'get', payload: { key: `k${(n % KEYS) + 1}` }, f: 'read' }),
    record: false,
  });
  world.node('warmer', { actor: warmer });
  const actor = client<KvProtocol>({
    target: applications,
    workload: openLoop({ rate: rate / APPLICATIONS, from: WARM_UP, until: duration - ms(500) }),
    ...kvOperations({ keys: KEYS, readShare: 1 }),
  });
  for (const ref of world.refs<Record<never, never>>('c', APPLICATIONS)) world.node(ref, { actor });
  return { caches, applications, database };
}

/** One of the cache servers is gone for a second and a half, and comes back empty. */
export function lostCache({ caches: [k1] }: ShardedTier): Fault[] {
  return k1 === undefined ? [] : [crash({ node: k1, at: s(5), for: ms(1_500) })];
}

export const shardedTierChecks = ({ caches }: ShardedTier): readonly Check[] => [
  ...rateLimitInvariants<CacheAsideState>({
    roles: ['application'],
    counts: ({ loads }) => ({ admitted: loads }),
    bound: { limit: READS, window: s(1) },
    across: 'all nodes',
    group: 'reads of the database',
  }).slice(0, 1),
  ...cacheChecks('cache', KEYS),
  sometimes(
    'a read is served from a cache',
    (view) => caches.some(({ id }) => view.metrics.counter(id, 'hits').value > 0),
    { roles: ['cache'] },
  ),
];

/** What the applications may ask of the database; as the check is called. */
export const DATABASE_READS = 'no more than the limit is admitted (reads of the database)';

/** Claimed is the loss of one cache server at a time, once the tier is warm: whoever loses several loses as many shares. */
const limits: NemesisLimits = {
  roles: { cache: ['crash', 'pause'], application: [], database: [], client: [] },
  maxConcurrentDown: 1,
  maxFaults: 3,
  minDuration: ms(500),
  quietBefore: WARM_UP + s(1),
  quietAfter: s(2),
};

export const shardedTierNemesis = { profiles: ['crashes'], limits };
