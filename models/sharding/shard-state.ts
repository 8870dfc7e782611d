/** What a shard server holds, and how its log makes it. */
import { copyOf, type Context, type DiskView } from '../../sim/index.ts';
import type { Entries, Entry } from './shard-protocol.ts';
import type { Shard, Sharding } from './sharding.ts';

export interface HeldShard {
  /** null: made by a write that nobody here expected. */
  covers: unknown;
  epoch: number;
  /** `loaded`: everything is here, and the map does not say so yet. `released`: another has it or will have. */
  role: 'owner' | 'released' | 'loaded';
  entries: Record<string, Entry>;
  /** When each key changed, by the count of changes. */
  changedAt: Record<string, number>;
}

export interface ShardServerState {
  /** The highest that it has acted upon. */
  epoch: number;
  shards: Record<string, HeldShard>;
  /** Changes in this life, and its token: after a crash the count may tell of others. */
  changes: number;
  life: number;
  /** An fsync has failed: nothing is answered until a restart. */
  failed: boolean;
}

export type ShardRecord =
  | { readonly event: 'wrote'; readonly shard: string; readonly key: string; readonly entry: Entry }
  | { readonly event: 'made' | 'owned' | 'released' | 'dropped'; readonly shard: string; readonly epoch: number }
  | {
      readonly event: 'loaded';
      readonly shard: string;
      readonly epoch: number;
      readonly covers: unknown;
      readonly entries: Entries;
    }
  | {
      readonly event: 'divided';
      readonly shard: string;
      readonly epoch: number;
      readonly into: string;
      readonly parts: readonly [unknown, unknown];
    };

export type ServerContext = Context<ShardServerState>;

const LOG = 'shards';

export function bootState(ctx: ServerContext, shards: readonly Shard[]): ShardServerState {
  const state: ShardServerState = { epoch: 0, shards: {}, changes: 0, life: ctx.random.uint32(), failed: false };
  for (const { id, covers, owner, epoch } of shards) {
    if (owner !== ctx.self.id) continue;
    state.shards[id] = { covers: copyOf(covers), epoch, role: 'owner', entries: {}, changedAt: {} };
    state.epoch = Math.max(state.epoch, epoch);
  }
  return state;
}

/** The state that the log makes of the one at first boot. */
export function recovered(state: ShardServerState, disk: DiskView, sharding: Sharding): ShardServerState {
  for (const record of disk.log<ShardRecord>(LOG)) changeBy(state, record, sharding);
  return state;
}

/** A torn record would hide what is written after it. */
export function cutTornRecord({ disk }: Pick<ServerContext, 'disk'>): void {
  if (disk.damage().length > 0) disk.truncate(LOG, disk.log(LOG).length);
}

/** Logs first: when the disk is full, nothing has changed. Durable after the next fsync. */
export function record(state: ShardServerState, ctx: ServerContext, entry: ShardRecord, sharding: Sharding): void {
  ctx.disk.append(LOG, entry);
  changeBy(state, entry, sharding);
}

function changeBy(state: ShardServerState, change: ShardRecord, sharding: Sharding): void {
  if (change.event === 'wrote') {
    const held = state.shards[change.shard];
    if (held === undefined) return;
    held.entries[change.key] = change.entry;
    held.changedAt[change.key] = ++state.changes;
    return;
  }
  const { event, shard, epoch } = change;
  state.epoch = Math.max(state.epoch, epoch);
  const held = state.shards[shard];
  if (event === 'loaded') {
    const entries = { ...change.entries };
    state.shards[shard] = { covers: copyOf(change.covers), epoch, role: 'loaded', entries, changedAt: {} };
    for (const key of Object.keys(entries)) (state.shards[shard] as HeldShard).changedAt[key] = ++state.changes;
  } else if (event === 'made') {
    state.shards[shard] = { covers: null, epoch, role: 'owner', entries: {}, changedAt: {} };
  } else if (event === 'dropped') delete state.shards[shard];
  else if (held !== undefined) {
    held.epoch = epoch;
    if (change.event === 'divided') halve(state, held, change, sharding);
    else held.role = change.event === 'owned' ? 'owner' : 'released';
  }
}

function halve(
  state: ShardServerState,
  held: HeldShard,
  { into, epoch, parts }: Extract<ShardRecord, { event: 'divided' }>,
  sharding: Sharding,
): void {
  const [first, second] = copyOf(parts);
  const other: HeldShard = { covers: second, epoch, role: held.role, entries: {}, changedAt: {} };
  held.covers = first;
  for (const [key, entry] of Object.entries(held.entries)) {
    if (!sharding.holds(second, key)) continue;
    other.entries[key] = entry;
    other.changedAt[key] = held.changedAt[key] ?? 0;
    delete held.entries[key];
    delete held.changedAt[key];
  }
  state.shards[into] = other;
}
