/** What shard servers, the map service and routers say to each other. */
import type { NodeRef } from '../../sim/index.ts';
import type { Command, ReplicatedKvProtocol, StoredValue } from '../replication/command.ts';
import type { ShardMap } from './sharding.ts';

/** What a key holds, and for each session that has changed it the number of its last update: a doubled request changes nothing. */
export interface Entry {
  readonly value: StoredValue | null;
  readonly sessions: Readonly<Record<string, number>>;
}

export type Entries = Readonly<Record<string, Entry>>;

/** Where the sender believes that a key is: the shard, and the epoch in which it got its owner. */
export interface Addressed {
  readonly shard: string;
  readonly epoch: number;
}

/** A shard that is on its way, with the epoch in which it will have arrived. */
export type Handover = Addressed;

export interface Copied {
  readonly entries: Entries;
  /** The server's count of changes at the copy, and the life in which it counted so. */
  readonly at: number;
  readonly life: number;
}

export interface Released {
  /** What has changed since the copy; or everything, when the server has begun a new life since. */
  readonly entries: Entries;
  readonly whole: boolean;
}

/** A shard server. Refuses with `moved` what it does not own in that epoch, with `storage-failed` everything after a failed fsync. */
export interface ShardProtocol {
  read(request: Addressed & { readonly key: string }): { readonly value: StoredValue | null };
  update(request: Addressed & { readonly command: Command }): { readonly applied: boolean };
  /** All that is in these shards. */
  scan(request: { readonly shards: readonly Addressed[] }): { readonly values: Readonly<Record<string, StoredValue>> };
  /** Pulls the shard from its owner; answered once it is durable here. */
  take(request: Handover & { readonly covers: unknown; readonly from: NodeRef<ShardProtocol> }): Record<never, never>;
  /** What the shard holds; the owner goes on serving it. */
  copy(request: Handover): Copied;
  /** The owner gives the shard up for good, and says what has changed since the copy. */
  release(request: Handover & { readonly life: number; readonly since: number }): Released;
  /** The map says so: serve it. */
  activate(request: Handover): Record<never, never>;
  /** Nobody will ask for what was released any more. */
  drop(request: Handover): Record<never, never>;
  /** Two shards from one. */
  divide(
    request: Handover & { readonly into: string; readonly parts: readonly [unknown, unknown] },
  ): Record<never, never>;
}

/** The map service. `move` and `split` are answered when they are sure to be done some time. */
export interface MapProtocol {
  map(request: Record<never, never>): { readonly map: ShardMap };
  move(request: { readonly shard: string; readonly to: string }): Record<never, never>;
  split(request: { readonly shard: string; readonly at: string; readonly into: string }): Record<never, never>;
}

/** A router, in front of all shards. */
export interface RouterProtocol extends ReplicatedKvProtocol {
  /** Asks all shards: each key once, though not all at one instant. */
  scan(request: Record<never, never>): { readonly values: Readonly<Record<string, StoredValue>> };
}
