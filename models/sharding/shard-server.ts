/**
 * A key-value store that owns some shards, and hands them over while clients write.
 *
 * A move: the new owner copies the shard while the old one goes on serving it, then has it released: the old owner durably gives it up
 * and says what has changed since the copy. Only when that is durable at the new owner, and the map service has durably switched, is the
 * new owner told to serve. At every instant at most one server serves a shard; from the release to the end nobody does (the write
 * stop). Every step may be repeated, by whoever was left without an answer, and one that comes late changes nothing: epochs tell.
 *
 * With `fencing` a server serves what it owns in the epoch that the request names, and refuses the rest with `moved`. Without, it
 * serves whoever asks, as stores do that leave sharding to their clients: a write for a shard that it has given away makes it again.
 *
 * As in kv-store.ts, every answer waits until all it rests on is durable, and a failed fsync stops the server until a restart.
 * Simplified: the log is not compacted, and a shard travels in one message.
 */
import { copyOf, defineActor, ms, parseDuration, reject } from '../../sim/index.ts';
import type { Actor, Duration, Flow, Micros } from '../../sim/index.ts';
import { syncOrStop } from '../durability/sync-or-stop.ts';
import { changed } from '../replication/changed.ts';
import type { Command, StoredValue } from '../replication/command.ts';
import type { Addressed, Copied, Entries, Entry, Handover, Released, ShardProtocol } from './shard-protocol.ts';
import { bootState, cutTornRecord, record, recovered } from './shard-state.ts';
import type { HeldShard, ServerContext, ShardServerState } from './shard-state.ts';
import type { Sharding, ShardMap } from './sharding.ts';

export interface ShardServerOptions<C = unknown> {
  readonly sharding: Sharding<C>;
  /** The first map: what this server owns at first boot. */
  readonly map: ShardMap<C>;
  /** Serves only what it owns, in the epoch that the request names. Default true. */
  readonly fencing?: boolean;
  /** How long it waits for another server's answer. Default 300 ms. */
  readonly patience?: Duration;
}

interface Settings {
  readonly sharding: Sharding;
  readonly fencing: boolean;
  readonly patience: Micros;
}

/** The actor. Counters: served, moved (refusals). */
export function shardServer<C>(options: ShardServerOptions<C>): Actor<ShardServerState, ShardProtocol> {
  const { map, fencing = true, patience = ms(300) } = options;
  const sharding = options.sharding as Sharding;
  const settings: Settings = { sharding, fencing, patience: parseDuration(patience, 'shardServer.patience') };
  return defineActor<ShardServerState, ShardProtocol>({
    role: 'shard',
    init: (ctx) => bootState(ctx, map.shards),
    recover: (disk, ctx) => recovered(bootState(ctx, map.shards), disk, sharding),
    start: (_state, ctx) => cutTornRecord(ctx),
    flows: {
      *read(request, ctx) {
        return yield* durably(ctx, (state) => {
          const { entries } = held(state, admitted(state, request, request.key, settings, ctx));
          return { value: copyOf(entries[request.key]?.value ?? null) };
        });
      },
      *update(request, ctx) {
        return yield* durably(ctx, (state) => {
          const shard = admitted(state, request, request.command.key, settings, ctx);
          return { applied: update(state, shard, request.command, settings, ctx) };
        });
      },
      *scan({ shards }, ctx) {
        return yield* durably(ctx, (state) => {
          const values: Record<string, StoredValue> = {};
          for (const shard of shards) {
            const { entries } = held(state, admitted(state, shard, undefined, settings, ctx));
            for (const [key, { value }] of Object.entries(entries)) if (value !== null) values[key] = copyOf(value);
          }
          return { values };
        });
      },
      ...handover(settings),
    },
  });
}

/** The messages with which shards change hands. */
function handover(settings: Settings) {
  const { sharding } = settings;
  return {
    take: (request, ctx) => take(request, settings, ctx),
    *copy(request, ctx) {
      return yield* durably(ctx, (state): Copied => {
        const { entries } = given(state, request);
        return { entries: copyOf(entries), at: state.changes, life: state.life };
      });
    },
    *release(request, ctx) {
      return yield* durably(ctx, (state): Released => {
        const parting = given(state, request);
        const { shard, epoch, life, since } = request;
        if (parting.role === 'owner') record(state, ctx, { event: 'released', shard, epoch }, sharding);
        return life === state.life
          ? { entries: changedSince(parting, since), whole: false }
          : { entries: copyOf(parting.entries), whole: true };
      });
    },
    *activate({ shard, epoch }, ctx) {
      return yield* durably(ctx, (state) => {
        const loaded = state.shards[shard];
        if (loaded === undefined || loaded.epoch !== epoch || loaded.role === 'released')
          throw reject('not-loaded', `${ctx.self.id} does not have ${shard} of epoch ${epoch}`);
        if (loaded.role === 'loaded') record(state, ctx, { event: 'owned', shard, epoch }, sharding);
        return {};
      });
    },
    *drop({ shard, epoch }, ctx) {
      return yield* durably(ctx, (state) => {
        const left = state.shards[shard];
        if (left?.role === 'released' && left.epoch === epoch)
          record(state, ctx, { event: 'dropped', shard, epoch }, sharding);
        return {};
      });
    },
    *divide({ shard, epoch, into, parts }, ctx) {
      return yield* durably(ctx, (state) => {
        const whole = state.shards[shard];
        if (whole?.role !== 'owner') throw reject('moved', `${ctx.self.id} does not own ${shard}`);
        if (whole.epoch < epoch) record(state, ctx, { event: 'divided', shard, epoch, into, parts }, sharding);
        return {};
      });
    },
  } satisfies Actor<ShardServerState, ShardProtocol>['flows'];
}

/** One step, answered once everything that it rests on is durable. */
function* durably<R>(ctx: ServerContext, step: (state: ShardServerState) => R): Flow<R> {
  if (ctx.state.failed) throw reject('storage-failed', `the disk of ${ctx.self.id} failed to sync: restart it`);
  const reply = ctx.update(step);
  yield* syncOrStop(ctx, (state) => (state.failed = true));
  return reply;
}

const held = (state: ShardServerState, shard: string): HeldShard => state.shards[shard] as HeldShard;

/** The shard that a client's request is for, by name. `key` undefined: all of it. Refuses with `moved`. */
function admitted(
  state: ShardServerState,
  { shard, epoch }: Addressed,
  key: string | undefined,
  { sharding, fencing }: Settings,
  ctx: ServerContext,
): string {
  ctx.count('served');
  if (fencing) {
    const { role, epoch: own } = state.shards[shard] ?? { role: 'released', epoch: 0 };
    if (role === 'owner' && own === epoch) return shard;
  } else {
    const holds = (covers: unknown): boolean => key !== undefined && covers !== null && sharding.holds(covers, key);
    const id = Object.keys(state.shards).find((one) => holds(held(state, one).covers)) ?? shard;
    if (state.shards[id] === undefined) record(state, ctx, { event: 'made', shard, epoch: state.epoch }, sharding);
    if (held(state, id).role === 'owner') return id;
  }
  ctx.count('moved');
  throw reject('moved', `${ctx.self.id} does not own ${shard} of epoch ${epoch}`);
}

/** Whether the command changed anything. One that its session has been past was applied before: a request that came twice. */
function update(
  state: ShardServerState,
  shard: string,
  command: Command,
  { sharding }: Settings,
  ctx: ServerContext,
): boolean {
  const { key, session, seq } = command;
  const { value, sessions }: Entry = held(state, shard).entries[key] ?? { value: null, sessions: {} };
  if ((sessions[session] ?? 0) >= seq) return true;
  const after = changed(value, command);
  if (after === undefined) return false;
  const entry = copyOf({ value: after, sessions: { ...sessions, [session]: seq } });
  record(state, ctx, { event: 'wrote', shard, key, entry }, sharding);
  return true;
}

/** What is to be handed over: still served here, or already released for the same handover. Refuses with `moved`. */
function given(state: ShardServerState, { shard, epoch }: Handover): HeldShard {
  const parting = state.shards[shard];
  const isServed = parting?.role === 'owner' && parting.epoch < epoch;
  const isReleased = parting?.role === 'released' && parting.epoch === epoch;
  if (parting !== undefined && (isServed || isReleased)) return parting;
  throw reject('moved', `${shard} is not here to be handed over in epoch ${epoch}`);
}

function changedSince({ entries, changedAt }: HeldShard, since: number): Entries {
  return copyOf(Object.fromEntries(Object.entries(entries).filter(([key]) => (changedAt[key] ?? 0) > since)));
}

function* take(
  { shard, epoch, covers, from }: Parameters<ShardProtocol['take']>[0],
  { sharding, patience }: Settings,
  ctx: ServerContext,
): Flow<Record<never, never>> {
  const isHere = (state: ShardServerState): boolean => (state.shards[shard]?.epoch ?? 0) >= epoch;
  if (!isHere(ctx.state)) {
    const copy = yield* ctx.call(from, 'copy', { shard, epoch }, { deadline: patience });
    const { life, at: since } = copy;
    const rest = yield* ctx.call(from, 'release', { shard, epoch, life, since }, { deadline: patience });
    const entries = rest.whole ? rest.entries : { ...copy.entries, ...rest.entries };
    return yield* durably(ctx, (state) => {
      // Another attempt may have come first, and clients may have written since.
      if (!isHere(state)) record(state, ctx, { event: 'loaded', shard, epoch, covers, entries }, sharding);
      return {};
    });
  }
  return yield* durably(ctx, () => ({}));
}
