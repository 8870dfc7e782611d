/** What a multi-primary store does with updates that knew nothing of each other: the contract of its conflict policies. */
import type { Crdt } from '../crdt/crdt.ts';
import type { Change, StoredValue, WholeWrite } from '../replication/command.ts';
import type { VersionVector } from '../versioning/version-vector.ts';

/** A client's change, and what its client had read when it made it, where the policy asks for that. */
export interface Edit {
  readonly change: Change | WholeWrite;
  readonly context?: VersionVector;
}

/** An edit as its client sends it. */
export interface SentEdit extends Edit {
  /** The client's session; with `seq` it names the edit, so that a copy which the network made is applied once. */
  readonly session: string;
  /** Number of the edit in its session, rising. */
  readonly seq: number;
}

export interface Reading {
  /** null: never written. */
  readonly value: StoredValue | null;
  /** To be sent back with a write that takes this value into account. */
  readonly context?: VersionVector;
}

/** A replicated data type that takes the changes of the key-value stores. `apply` refuses those that it does not know (`unsupported`). */
export type ConflictPolicy<S = unknown> = Crdt<S, Edit, Reading>;
