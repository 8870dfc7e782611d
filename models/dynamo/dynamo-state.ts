/** What a node of a Dynamo-style store holds. */
import { reject, type Context, type Micros, type NodeRef } from '../../sim/index.ts';
import type { SortedTable } from '../sorted-tables/sorted-table.ts';
import type { DynamoProtocol } from './dynamo-protocol.ts';
import type { DynamoSettings } from './dynamo-settings.ts';
import { ringOf, type Members } from './membership.ts';
import { rangeOf } from './preference-list.ts';

/** A key's cell as this node has it. */
export interface Entry {
  cell: unknown;
  /** Number of the commit log's record that it is as of. */
  record: number;
  /** The cell as far as it is known to be on disk; null: not at all. */
  durable: unknown;
  /**
   * The name under which this node counts its own updates of the key; '' until it makes one. Each time it comes to hold the
   * key, or boots, it takes a new one: what it had counted before may be lost, or not known here any more.
   */
  actor: string;
}

export type Entries = Record<string, Entry>;

/** A key's cell in a sorted table, which is on disk. */
export type SortedCell = Pick<Entry, 'cell' | 'record' | 'actor'>;

/** Its own cells, and what it keeps for others. */
export interface Tables {
  /** The memory table, by key: what has been written since it was last flushed. Hides what sorted tables have. */
  cells: Entries;
  /** Keys that sorted tables may have and that are gone since, with the number of the commit log's record that says so. */
  deleted: Record<string, number>;
  /** Memory tables that have been flushed, newest first. */
  sorted: SortedTable<SortedCell>[];
  /** Numbers of the commit log's first segment and of the one that is written. */
  segments: { readonly first: number; readonly last: number };
  /** Records in the last segment. */
  logged: number;
  /** Serial of the manifest, and of the latest sorted table. */
  serials: { manifest: number; table: number };
  /** Which copy of the manifest is to be written first. */
  copyFirst: 0 | 1;
  /** What is kept for nodes that could not be reached: by intended owner and key. */
  hints: Record<string, Entries>;
}

/** A change that is in the commit log, and not known to be on disk. */
export interface Unsynced {
  readonly record: number;
  readonly owner: string;
  readonly key: string;
  readonly cell: unknown;
}

export interface DynamoState extends Tables {
  /** Boots so far. It serves nobody until this one is on disk: actors are named after it. */
  boot: number;
  ready: boolean;
  /** Its disk has failed to sync: it serves nobody until it is restarted. */
  broken: boolean;
  members: Members;
  /** Names of the ring's members, in ascending order. */
  ring: string;
  /** When it will try nodes again that it has taken for unreachable, on its monotonic clock. */
  suspected: Record<string, Micros>;
  /** Records of the commit log written in this life, and how many of them are on disk. */
  written: number;
  synced: number;
  /** What a crash now could lose, oldest first; not kept when nothing is ever flushed. */
  unsynced: Unsynced[];
  /** Actor names taken in this life. */
  actors: number;
  /** Requests coordinated in this life. */
  requests: number;
}

export type DynamoContext = Context<DynamoState>;

/** What a disk has; broken: it cannot be read. */
export type Recovered = Tables & Pick<DynamoState, 'broken'>;

export const noTables = (): Recovered => ({
  broken: false,
  cells: {},
  deleted: {},
  sorted: [],
  segments: { first: 0, last: 0 },
  logged: 0,
  serials: { manifest: 0, table: 0 },
  copyFirst: 0,
  hints: {},
});

/** Begins a life with what is on the disk. */
export const booted = (boot: number, members: Members, tables: Recovered): DynamoState => ({
  boot,
  ready: false,
  ...tables,
  members,
  ring: ringOf(members),
  suspected: {},
  written: 0,
  synced: 0,
  unsynced: [],
  actors: 0,
  requests: 0,
});

/** Throws a definite CallError, `starting` or `disk-failed`, unless the node may serve. */
export function serving({ ready, broken }: Pick<DynamoState, 'ready' | 'broken'>): void {
  if (broken) throw reject('disk-failed');
  if (!ready) throw reject('starting');
}

/** What a node is about. */
export function phaseOf({ broken, ready, hints }: DynamoState): string {
  if (broken) return 'broken';
  if (!ready) return 'starting';
  for (const _owner in hints) return 'holding hints';
  return 'replica';
}

/** All members, in the order of preference for `key`. */
export const listFor = (key: string, { ring }: DynamoState, settings: DynamoSettings): readonly string[] =>
  settings.placementOf(ring).lists[rangeOf(key, settings.ranges)] ?? [];

export const ownersOf = (key: string, state: DynamoState, settings: DynamoSettings): readonly string[] =>
  listFor(key, state, settings).slice(0, settings.replicas);

export const nodeNamed = (name: string, { nodes }: DynamoSettings): NodeRef<DynamoProtocol> =>
  nodes[name] as NodeRef<DynamoProtocol>;
