/**
 * Many readers of a few keys, a cache whose values expire after a second, and a database that could never serve the readers by
 * itself: it can do 100 reads a second and 240 are asked for. What differs between the scenarios is what happens when a value expires.
 */
import {
  exponential,
  goodputReturns,
  ms,
  s,
  slow,
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
  openLoop,
  type CacheProtocol,
  type CacheState,
  type KeyOrder,
  type KvProtocol,
  type KvStoreState,
  type RefreshPolicy,
} from '../../models/index.ts';
import { cacheChecks } from './cache-checks.ts';
import { ALL_THAT_HEALS, COMES_BACK, OVER_CONNECTIONS } from './claims.ts';

export interface HotKeys {
  readonly clients: readonly NodeRef[];
  readonly cache: NodeRef<CacheProtocol>;
  readonly database: NodeRef<KvProtocol>;
}

export interface HotKeysOptions {
  readonly world: WorldBuilder;
  readonly duration: Micros;
  /** Reads a second, of all clients together. */
  readonly rate: number;
  readonly refresh: RefreshPolicy;
}

const CLIENTS = 4;
const KEYS = 3;
const CAPACITY = 100;
const PATIENCE = ms(500);

/** Places `database`, `cache` and clients c1… */
export function hotKeys({ world, duration, rate, refresh }: HotKeysOptions): HotKeys {
  world.links({ transport: 'stream' });
  const database = world.node<KvStoreState, KvProtocol>('database', {
    actor: kvStore({ role: 'database', service: exponential({ mean: ms(40) }) }),
    cpu: { servers: 4 },
  });
  const front = world.node<CacheState<KeyOrder>, CacheProtocol>('cache', {
    actor: cache({ store: database, capacity: CAPACITY, policy: lru(), ttl: s(1), refresh, deadline: PATIENCE }),
  });
  const actor = client<KvProtocol>({
    target: front as NodeRef<KvProtocol>,
    workload: openLoop({ rate: rate / CLIENTS, until: duration - ms(500) }),
    deadline: PATIENCE,
    ...kvOperations({ keys: KEYS, skew: 1, readShare: 1 }),
  });
  const clients = world.refs<Record<never, never>>('c', CLIENTS);
  for (const ref of clients) world.node(ref, { actor });
  return { clients, cache: front, database };
}

/** The database is slow for two seconds: values expire meanwhile, and loads take ten times as long. */
export const slowDatabase = ({ database }: HotKeys): Fault[] => [
  slow({ node: database, at: s(3), for: s(2), factor: 10 }),
];

/** The database is asked for each key once at a time, and so for no more than there are keys. */
export const hotKeyChecks = ({ cache: front }: HotKeys): readonly Check[] => [
  ...cacheChecks('cache', CAPACITY, { oneLoader: true }),
  goodputReturns({ within: s(3) }),
  sometimes('a value is loaded again', (view) => view.metrics.counter(front.id, 'fills').value > KEYS, {
    roles: ['cache'],
  }),
];

const limits: NemesisLimits = {
  roles: { database: COMES_BACK, cache: COMES_BACK },
  families: OVER_CONNECTIONS,
  quietAfter: s(5),
};

export const hotKeyNemesis = { profiles: ALL_THAT_HEALS, limits };
