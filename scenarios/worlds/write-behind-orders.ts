/**
 * Clients who place orders, each with a key of its own, and look at them again, through a write-behind cache in front of a database.
 * Only where the cache keeps what it has not flushed yet differs between the scenarios.
 */
import {
  crash,
  linearizable,
  ms,
  noAcknowledgedWriteLost,
  register,
  s,
  sometimes,
  type Check,
  type Context,
  type Fault,
  type Micros,
  type NemesisLimits,
  type NodeRef,
  type RandomSource,
  type RunView,
  type WorldBuilder,
} from '../../sim/index.ts';
import {
  client,
  kvOperations,
  kvStore,
  lru,
  openLoop,
  writeBehind,
  type ClientState,
  type KeyOrder,
  type KvProtocol,
  type KvStoreState,
  type RequestOf,
  type WriteBehindState,
} from '../../models/index.ts';
import { cacheChecks } from './cache-checks.ts';
import { ALL_THAT_HEALS, COMES_BACK, OVER_CONNECTIONS } from './claims.ts';

export interface WriteBehindOrders {
  readonly clients: readonly NodeRef[];
  readonly cache: NodeRef<KvProtocol>;
  readonly database: NodeRef<KvProtocol>;
}

export interface WriteBehindOrdersOptions {
  readonly world: WorldBuilder;
  readonly duration: Micros;
  /** Operations a second, of all clients together. */
  readonly rate: number;
  /** Between two flushes. */
  readonly flush: Micros;
  /** What is not flushed is also on the cache's own disk. */
  readonly journal: boolean;
}

const CLIENTS = 4;
/** Clean orders; older ones are read from the database again. */
const CAPACITY = 100;

/** Places `database`, `cache` and clients c1…; the machines lose power when they crash. */
export function writeBehindOrders(options: WriteBehindOrdersOptions): WriteBehindOrders {
  const { world, duration, rate, flush, journal } = options;
  world.links({ transport: 'stream' });
  const database = world.node<KvStoreState, KvProtocol>('database', {
    actor: kvStore({ role: 'database' }),
    disk: { crashKeeps: 'nothing' },
  });
  const cache = world.node<WriteBehindState<KeyOrder>, KvProtocol>('cache', {
    actor: writeBehind({ store: database, capacity: CAPACITY, policy: lru(), every: flush, journal }),
    disk: { crashKeeps: 'nothing' },
  });
  const actor = client<KvProtocol>({
    target: cache,
    workload: openLoop({ rate: rate / CLIENTS, until: duration - s(2) }),
    deadline: s(2),
    operation: order,
    outcome: kvOperations().outcome,
  });
  const clients = world.refs<Record<never, never>>('c', CLIENTS);
  for (const ref of clients) world.node(ref, { actor });
  return { clients, cache, database };
}

/** Each order is written once; one operation in three looks at one of the client's last. */
function order(ctx: Context<ClientState>, n: number, draws: RandomSource): RequestOf<KvProtocol> {
  const looks = draws.next() < 1 / 3;
  const key = `order-${ctx.self.id}-${looks ? Math.max(0, n - 1 - Math.floor(draws.next() * 8)) : n}`;
  if (looks) return { message: 'get', payload: { key }, f: 'read', key };
  return { message: 'put', payload: { key, value: key }, f: 'write', key, input: key };
}

/** The cache loses power. */
export const cacheCrash = ({ cache }: WriteBehindOrders): Fault[] => [crash({ node: cache, at: s(4), for: ms(500) })];

/** Orders that are in the database or still on their way there. */
function orders(view: RunView, { cache, database }: WriteBehindOrders): readonly unknown[] | undefined {
  const stored = view.state<KvStoreState>(database);
  const held = view.state<WriteBehindState<KeyOrder>>(cache);
  if (stored === undefined || held === undefined) return undefined;
  return [...stored.values.values(), ...[...held.dirty.values()].map(({ value }) => value)];
}

export const writeBehindChecks = (group: WriteBehindOrders): readonly Check[] => [
  noAcknowledgedWriteLost({ survivors: (view) => orders(view, group) }),
  linearizable(register()),
  ...cacheChecks('cache', CAPACITY),
  sometimes('orders wait to be flushed', (view) => (orderCount(view, group) ?? 0) >= 10, { roles: ['cache'] }),
];

const orderCount = (view: RunView, { cache }: WriteBehindOrders): number | undefined =>
  view.state<WriteBehindState<KeyOrder>>(cache)?.dirty.size;

/** There is one cache and one database, and each has the only copy of something: they come back, with their disks. */
const limits: NemesisLimits = {
  roles: { database: COMES_BACK, cache: COMES_BACK },
  families: OVER_CONNECTIONS,
  // Goodput is judged from three seconds after that, and clients stop two seconds before the end.
  quietAfter: s(6),
};

export const writeBehindNemesis = { profiles: ALL_THAT_HEALS, limits };
