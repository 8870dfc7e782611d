/**
 * A router in front of the shards: it keeps a map, which may be old, and asks whom the map names. Shared by all clients it is a proxy;
 * one beside each client is what client-side routing comes to.
 *
 * Each request says which shard it is for and in which epoch. A refusal as `moved` says that the map is old or that the shard is on
 * its way: the router fetches the map and tries again, until its patience ends. A request whose fate is unknown is not repeated.
 */
import { CallError, ConfigError, copyOf, defineActor, ms, parseDuration } from '../../sim/index.ts';
import type { Actor, Context, Duration, Flow, Micros, NodeRef, Op } from '../../sim/index.ts';
import type { StoredValue } from '../replication/command.ts';
import type { Addressed, MapProtocol, RouterProtocol, ShardProtocol } from './shard-protocol.ts';
import { shardOf, type Sharding, type ShardMap } from './sharding.ts';

export interface ShardRouterOptions<C = unknown> {
  readonly sharding: Sharding<C>;
  /** The map that it begins with. */
  readonly map: ShardMap<C>;
  readonly servers: readonly NodeRef<ShardProtocol>[];
  readonly mapService: NodeRef<MapProtocol>;
  /** How often it fetches the map. Default 200 ms. */
  readonly refreshEvery?: Duration;
  /** How long it waits for a shard's or the map service's answer. Default 250 ms. */
  readonly deadline?: Duration;
  /** How long a request is tried again that is refused. Default 1 s. */
  readonly patience?: Duration;
  /** Between two attempts. Default 30 ms. */
  readonly retryAfter?: Duration;
}

export interface RouterState {
  map: ShardMap;
  /** Requests that were refused and tried again. */
  retried: number;
}

interface Settings {
  readonly sharding: Sharding;
  readonly servers: ReadonlyMap<string, NodeRef<ShardProtocol>>;
  readonly mapService: NodeRef<MapProtocol>;
  readonly refreshEvery: Micros;
  readonly deadline: Micros;
  readonly patience: Micros;
  readonly retryAfter: Micros;
}

type RouterContext = Context<RouterState>;

/** The actor. Throws ConfigError naming the option. */
export function shardRouter<C>(options: ShardRouterOptions<C>): Actor<RouterState, RouterProtocol> {
  const settings = settingsOf(options);
  return defineActor<RouterState, RouterProtocol>({
    role: 'router',
    init: () => ({ map: copyOf(options.map), retried: 0 }),
    start: (_state, ctx) => ctx.spawn(keepUp(settings, ctx)),
    flows: {
      read: ({ key }, ctx) =>
        routed(settings, ctx, () => {
          const [server, address] = placeOf(key, settings, ctx);
          return ctx.call(server, 'read', { ...address, key }, settings);
        }),
      update: (command, ctx) =>
        routed(settings, ctx, () => {
          const [server, address] = placeOf(command.key, settings, ctx);
          return ctx.call(server, 'update', { ...address, command }, settings);
        }),
      *scan(_request, ctx) {
        const parts = yield* routed(settings, ctx, () => scanAll(settings, ctx));
        return { values: Object.assign({}, ...parts.map(({ values }) => values)) as Record<string, StoredValue> };
      },
    },
  });
}

function settingsOf<C>(options: ShardRouterOptions<C>): Settings {
  if (options.servers.length === 0)
    throw new ConfigError('shardRouter.servers', options.servers, 'at least one server');
  const span = (field: 'refreshEvery' | 'deadline' | 'patience' | 'retryAfter', fallback: Micros): Micros =>
    parseDuration(options[field] ?? fallback, `shardRouter.${field}`);
  return {
    sharding: options.sharding as Sharding,
    servers: new Map(options.servers.map((server) => [server.id, server])),
    mapService: options.mapService,
    refreshEvery: span('refreshEvery', ms(200)),
    deadline: span('deadline', ms(250)),
    patience: span('patience', ms(1_000)),
    retryAfter: span('retryAfter', ms(30)),
  };
}

function placeOf(
  key: string,
  { sharding, servers }: Settings,
  ctx: RouterContext,
): readonly [NodeRef<ShardProtocol>, Addressed] {
  const { id: shard, epoch, owner } = shardOf(sharding, ctx.state.map, key);
  return [servers.get(owner) as NodeRef<ShardProtocol>, { shard, epoch }];
}

/** Every owner is asked at once, each for all that it has. */
function scanAll({ servers, deadline }: Settings, ctx: RouterContext) {
  const shards = new Map<string, Addressed[]>();
  for (const { id: shard, epoch, owner } of ctx.state.map.shards)
    shards.set(owner, [...(shards.get(owner) ?? []), { shard, epoch }]);
  return ctx.all(
    [...shards].map(([owner, own]) =>
      ctx.call(servers.get(owner) as NodeRef<ShardProtocol>, 'scan', { shards: own }, { deadline }),
    ),
  );
}

function* routed<R>(settings: Settings, ctx: RouterContext, ask: () => Op<R>): Flow<R> {
  const until = ctx.clock.monotonic + settings.patience;
  for (;;) {
    try {
      return yield* ask();
    } catch (error) {
      const isRefusal = error instanceof CallError && error.code === 'moved' && error.definite;
      if (!isRefusal || ctx.clock.monotonic >= until) throw error;
    }
    ctx.update((state) => state.retried++);
    yield* refresh(settings, ctx);
    yield* ctx.sleep(settings.retryAfter);
  }
}

function* keepUp(settings: Settings, ctx: RouterContext): Flow {
  for (;;) {
    yield* ctx.sleep(settings.refreshEvery);
    yield* refresh(settings, ctx);
  }
}

/** The latest map, if the map service answers; an older answer that was overtaken changes nothing. */
function* refresh({ mapService, deadline }: Settings, ctx: RouterContext): Flow {
  try {
    const { map } = yield* ctx.call(mapService, 'map', {}, { deadline });
    ctx.update((state) => {
      if (map.epoch > state.map.epoch) state.map = copyOf(map);
    });
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
  }
}
