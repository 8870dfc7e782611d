/**
 * The one authority on who owns what, and who sees to it that shards move and split.
 *
 * Whatever it does it has written down first: the map that it answers is durable, and after a crash it takes up the step where it
 * was. A move is begun (its epoch is fixed), taken by the new owner, switched in the map, activated; last, the old owner drops its copy,
 * `dropAfter` later. Steps are repeated until they are answered, one move or split at a time.
 *
 * It is one node: while it is down routers go on with the map that they have, and nothing moves.
 */
import { CallError, ConfigError, copyOf, defineActor, ms, parseDuration, reject } from '../../sim/index.ts';
import type { Actor, Context, Duration, DiskView, Flow, Micros, NodeRef } from '../../sim/index.ts';
import { syncOrStop } from '../durability/sync-or-stop.ts';
import type { MapProtocol, ShardProtocol } from './shard-protocol.ts';
import { divided, moved, shardNamed, type Sharding, type ShardMap } from './sharding.ts';

/** A change of the map. */
export type Reshard =
  | { readonly kind: 'move'; readonly shard: string; readonly to: string }
  | { readonly kind: 'split'; readonly shard: string; readonly at: string; readonly into: string };

export interface MapServiceOptions<C = unknown> {
  readonly sharding: Sharding<C>;
  readonly map: ShardMap<C>;
  readonly servers: readonly NodeRef<ShardProtocol>[];
  /** What it does by itself, and when on its own clock; in this order. Default: nothing. */
  readonly plan?: readonly (Reshard & { readonly after: Duration })[];
  /** How long the old owner keeps what it has handed over. Default 500 ms. */
  readonly dropAfter?: Duration;
  /** How long it waits for a server's answer to one step, and between two attempts. Default 1 s and 50 ms. */
  readonly patience?: Duration;
  readonly retryAfter?: Duration;
}

/** One entry of its log: all that it knows. */
interface Known {
  readonly serial: number;
  readonly map: ShardMap;
  /** What is to be done; the first is under way. */
  readonly work: readonly Work[];
  /** Entries of the plan that have become work. */
  readonly planned: number;
  /** Moves and splits that are done. */
  readonly done: number;
}

type Work = Reshard & {
  readonly phase: 'asked' | 'begun' | 'switched';
  /** The map's epoch when it is done, and who owned the shard before; once it is begun. */
  readonly epoch: number;
  readonly from: string;
};

export interface MapServiceState {
  /** What is durable: what it answers and goes by. */
  known: Known;
  /** What is written, and perhaps not yet durable. */
  written: Known;
  /** An fsync has failed: nothing changes until a restart. */
  failed: boolean;
}

interface Settings {
  readonly sharding: Sharding;
  readonly servers: ReadonlyMap<string, NodeRef<ShardProtocol>>;
  readonly plan: readonly { readonly step: Reshard; readonly after: Micros }[];
  readonly dropAfter: Micros;
  readonly patience: Micros;
  readonly retryAfter: Micros;
}

type MapContext = Context<MapServiceState>;

const LOG = 'maps';
const WORK = 'work';

/** The actor. Throws ConfigError naming the option. */
export function mapService<C>(options: MapServiceOptions<C>): Actor<MapServiceState, MapProtocol> {
  const settings = settingsOf(options);
  const first: Known = { serial: 0, map: copyOf(options.map), work: [], planned: 0, done: 0 };
  const stateOf = (known: Known): MapServiceState => ({ known: copyOf(known), written: copyOf(known), failed: false });
  return defineActor<MapServiceState, MapProtocol>({
    role: 'map',
    init: () => stateOf(first),
    recover: (disk: DiskView) => stateOf(disk.log<Known>(LOG).at(-1) ?? first),
    start(_state, ctx) {
      if (ctx.disk.damage().length > 0) ctx.disk.truncate(LOG, ctx.disk.log(LOG).length);
      ctx.spawn(followPlan(settings, ctx));
      ctx.spawn(reshard(settings, ctx));
    },
    on: { map: (state) => ({ map: copyOf(state.known.map) }) },
    flows: {
      *move({ shard, to }, ctx) {
        shardNamed(ctx.state.known.map, shard);
        serverNamed(settings, to);
        yield* ask({ kind: 'move', shard, to }, ctx);
        return {};
      },
      *split({ shard, at, into }, ctx) {
        yield* ask({ kind: 'split', shard, at, into }, ctx);
        return {};
      },
    },
  });
}

function settingsOf<C>(options: MapServiceOptions<C>): Settings {
  const { map, plan = [] } = options;
  const servers = new Map(options.servers.map((server) => [server.id, server]));
  for (const { id, owner } of map.shards)
    if (!servers.has(owner)) throw new ConfigError(`mapService.map: owner of ${id}`, owner, 'one of the servers');
  const stray = plan.find((step) => step.kind === 'move' && !servers.has(step.to));
  if (stray !== undefined) throw new ConfigError('mapService.plan: to', stray, 'one of the servers');
  return {
    sharding: options.sharding as Sharding,
    servers,
    plan: plan.map(({ after, ...step }) => ({ step, after: parseDuration(after, 'mapService.plan: after') })),
    dropAfter: parseDuration(options.dropAfter ?? ms(500), 'mapService.dropAfter'),
    patience: parseDuration(options.patience ?? ms(1_000), 'mapService.patience'),
    retryAfter: parseDuration(options.retryAfter ?? ms(50), 'mapService.retryAfter'),
  };
}

function serverNamed({ servers }: Settings, id: string): NodeRef<ShardProtocol> {
  const server = servers.get(id);
  if (server === undefined) throw reject('no-such-server', id);
  return server;
}

/** Changes what is known: written, and taken for true once it is durable. */
function* commit(ctx: MapContext, change: (known: Known) => Partial<Known>): Flow {
  if (ctx.state.failed) throw reject('storage-failed', `the disk of ${ctx.self.id} failed to sync: restart it`);
  const next = ctx.update((state): Known => {
    const { written } = state;
    const known = copyOf({ ...written, ...change(written), serial: written.serial + 1 });
    ctx.disk.append(LOG, known);
    state.written = known;
    return copyOf(known);
  });
  yield* syncOrStop(ctx, (state) => (state.failed = true));
  ctx.update((state) => {
    if (next.serial > state.known.serial) state.known = next;
  });
}

function* ask(step: Reshard, ctx: MapContext, planned?: number): Flow {
  const work: Work = { ...step, phase: 'asked', epoch: 0, from: '' };
  yield* commit(ctx, (known) => ({ work: [...known.work, work], planned: planned ?? known.planned }));
  ctx.signal(WORK);
}

function* followPlan(settings: Settings, ctx: MapContext): Flow {
  for (;;) {
    const { planned } = ctx.state.written;
    const next = settings.plan[planned];
    if (next === undefined) return;
    yield* ctx.sleep(Math.max(0, next.after - ctx.clock.monotonic) as Micros);
    yield* orLater(settings, ctx, ask(next.step, ctx, planned + 1));
  }
}

function* reshard(settings: Settings, ctx: MapContext): Flow {
  for (;;) {
    const work = copyOf(ctx.state.known.work[0]);
    if (work === undefined) yield* orLater(settings, ctx, waitForWork(settings, ctx));
    else yield* orLater(settings, ctx, advance(work, settings, ctx));
  }
}

function* waitForWork({ patience }: Settings, ctx: MapContext): Flow {
  yield* ctx.wait(WORK, patience);
}

/** A step that fails is tried again after a while. */
function* orLater({ retryAfter }: Settings, ctx: MapContext, step: Flow): Flow {
  try {
    yield* step;
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
    yield* ctx.sleep(retryAfter);
  }
}

const isDone = ({ work, done }: Known): Partial<Known> => ({ work: work.slice(1), done: done + 1 });

function* advance(work: Work, settings: Settings, ctx: MapContext): Flow {
  const { shard, phase } = work;
  if (phase === 'asked') yield* begin(work, settings, ctx);
  else if (work.kind === 'split') yield* split(work, settings, ctx);
  else if (phase === 'begun') yield* handOver(work, settings, ctx);
  else {
    const { epoch } = work;
    const deadline = settings.patience;
    yield* ctx.call(serverNamed(settings, work.to), 'activate', { shard, epoch }, { deadline });
    yield* ctx.sleep(settings.dropAfter);
    yield* ctx.call(serverNamed(settings, work.from), 'drop', { shard, epoch }, { deadline });
    yield* commit(ctx, isDone);
  }
}

/** The step's epoch is fixed, and durable before anybody hears it. One that cannot be is forgotten. */
function* begin(work: Work, { sharding }: Settings, ctx: MapContext): Flow {
  yield* commit(ctx, ({ map, work: all }) => {
    const from = map.shards.find(({ id }) => id === work.shard)?.owner;
    if (from === undefined || !isPossible(work, map, sharding)) return { work: all.slice(1) };
    return { work: [{ ...work, phase: 'begun', epoch: map.epoch + 1, from }, ...all.slice(1)] };
  });
}

function isPossible(work: Work, map: ShardMap, sharding: Sharding): boolean {
  if (work.kind === 'move') return shardNamed(map, work.shard).owner !== work.to;
  try {
    divided(sharding, map, { id: work.shard, at: work.at, into: work.into });
    return true;
  } catch (error) {
    if (error instanceof ConfigError) return false;
    throw error;
  }
}

function* handOver(work: Work & { readonly kind: 'move' }, settings: Settings, ctx: MapContext): Flow {
  const { shard, epoch, to } = work;
  const covers = copyOf(shardNamed(ctx.state.known.map, shard).covers);
  const from = serverNamed(settings, work.from);
  const request = { shard, epoch, covers, from };
  yield* ctx.call(serverNamed(settings, to), 'take', request, { deadline: settings.patience });
  yield* commit(ctx, ({ map, work: [, ...rest] }) => ({
    map: moved(map, shard, to),
    work: [{ ...work, phase: 'switched' }, ...rest],
  }));
}

function* split(work: Work & { readonly kind: 'split' }, settings: Settings, ctx: MapContext): Flow {
  const { shard, at, into, epoch } = work;
  const place = { id: shard, at, into };
  const next = divided(settings.sharding, ctx.state.known.map, place);
  const parts = copyOf([shardNamed(next, shard).covers, shardNamed(next, into).covers] as const);
  const owner = serverNamed(settings, work.from);
  yield* ctx.call(owner, 'divide', { shard, epoch, into, parts }, { deadline: settings.patience });
  yield* commit(ctx, (known) => ({ map: divided(settings.sharding, known.map, place), ...isDone(known) }));
}
