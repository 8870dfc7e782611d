/** Every caching strategy in front of a store, each on nodes of its own: `front`, and what is behind it. */
import { ms, type Actor, type NodeRef, type WorldBuilder } from '../../sim/index.ts';
import {
  cache,
  cacheAside,
  cacheServer,
  lru,
  nearCache,
  refreshAhead,
  singleCache,
  singleFlight,
  writeBehind,
} from '../../models/index.ts';
import type {
  CacheAsideOptions,
  CacheProtocol,
  CacheServerOptions,
  CacheServerProtocol,
  KeyOrder,
  KvProtocol,
} from '../../models/index.ts';

export type Kv = NodeRef<KvProtocol>;

export interface Strategy {
  readonly place: (world: WorldBuilder, store: Kv) => Kv;
  /** Nothing stale is ever read, whatever happens at the same time; without a journal, as long as it does not crash. */
  readonly linearizable: boolean;
  /** Flows that never end, on the node in front. Default 0. */
  readonly endless?: number;
}

const put = (world: WorldBuilder, name: string, actor: unknown): Kv =>
  world.node<never, KvProtocol>(name, { actor: actor as Actor<never, KvProtocol> });
const inline = (options: object): Strategy => ({
  linearizable: true,
  place: (world, store) => put(world, 'front', cache({ store, capacity: 3, policy: lru(), ...options })),
});
const aside = (server: Partial<CacheServerOptions<KeyOrder>>, options: Partial<CacheAsideOptions>): Strategy => ({
  linearizable: options.strict === true,
  place(world, store) {
    const cached = world.node<never, CacheServerProtocol>('cache', {
      actor: cacheServer({ capacity: 3, policy: lru(), ...server }) as never,
    });
    return put(world, 'front', cacheAside({ tier: singleCache(cached), store, ...options }));
  },
});
const behind = (journal: boolean): Strategy => ({
  linearizable: true,
  place: (world, store) =>
    put(world, 'front', writeBehind({ store, capacity: 3, policy: lru(), every: ms(20), journal })),
});

export const STRATEGIES: Readonly<Record<string, Strategy>> = {
  'read-through': inline({}),
  'read-through, single flight': inline({ refresh: singleFlight() }),
  'write-through': inline({ onWrite: 'update' }),
  'refresh-ahead': inline({ refresh: refreshAhead({ after: 0.5 }), ttl: ms(30) }),
  'write-behind': behind(false),
  'write-behind with a journal': behind(true),
  'cache-aside': aside({}, {}),
  'cache-aside with leases': aside({ tokens: 'exclusive' }, { strict: true }),
  'cache-aside, setting what was written': aside({ tokens: 'shared' }, { strict: true, onWrite: 'set' }),
  'two tiers': {
    linearizable: false,
    endless: 1,
    place(world, store) {
      const near = world.ref<never>('front');
      const remote = world.node<never, CacheProtocol>('shared', {
        actor: cache({ store, capacity: 5, policy: lru(), feed: { subscribers: [near] } }) as never,
      });
      return put(world, 'front', nearCache({ remote, capacity: 3, policy: lru() }));
    },
  },
};
