/** What clients ask of a replicated store, and what it answers. */
import type { Passable } from './passing-on.ts';

/** A register's value, or the elements of a set. */
export type StoredValue = string | number | readonly (string | number)[];

/** A change, as it stands in the replicated log. */
export type Command = Change & {
  /** The client's session; with `seq` it names the update, so that a retry is applied once. */
  readonly session: string;
  /** Number of the update in its session, rising. */
  readonly seq: number;
};

/** A change as a client asks for it. */
export type Change =
  | { readonly f: 'write'; readonly key: string; readonly value: string | number }
  /** Adds an element to the set in `key`. */
  | { readonly f: 'add'; readonly key: string; readonly value: string | number }
  /** Takes an element out of the set in `key`; one that is not there stays away. */
  | { readonly f: 'remove'; readonly key: string; readonly value: string | number }
  /** Adds `by`, which may be negative, to the number in `key`; what was never written counts as 0. */
  | { readonly f: 'increment'; readonly key: string; readonly by: number }
  /** Replaces `from` by `to`; otherwise changes nothing. */
  | { readonly f: 'cas'; readonly key: string; readonly from: string | number | null; readonly to: string | number };

/** A write of all that a key holds, as clients send it that have changed a set themselves. */
export interface WholeWrite {
  readonly f: 'write';
  readonly key: string;
  readonly value: StoredValue;
}

export interface ReadRequest {
  readonly key: string;
}

export interface ReadReply {
  /** null: the key has never been written. */
  readonly value: StoredValue | null;
}

export interface UpdateReply {
  /** False only for a compare-and-set that found another value. */
  readonly applied: boolean;
}

/** What a client may send to a replica. Refused with `not-primary` (detail: `{ primary: string }`, '' for unknown). */
export interface ReplicatedKvProtocol {
  read(request: ReadRequest & Passable): ReadReply;
  update(command: Command & Passable): UpdateReply;
}
