/** What Raft servers say to each other, and what clients and operators may ask of them. */
import type { SessionKvProtocol } from '../../replication/session-store.ts';
import type { Configuration } from './configuration.ts';
import type { LogEntry } from './raft-log.ts';

/** What a server says that does not lead: `not-leader` (detail: `{ primary: string }`, '' for unknown). */
export interface RaftProtocol extends SessionKvProtocol {
  /** Changes the group's members and waits until that is done. */
  reconfigure(request: Reconfiguration): { readonly index: number };
  /** Hands the leadership to another voter (dissertation §3.10). */
  transfer(request: { readonly to: string }): { readonly term: number };

  requestVote(request: VoteRequest): void;
  vote(vote: Vote): void;
  append(message: AppendEntries): void;
  appended(message: Appended): void;
  install(chunk: SnapshotChunk): void;
  installed(message: ChunkInstalled): void;
  timeoutNow(message: TimeoutNow): void;
  /** A follower asks up to where it must have applied the log to answer a read (dissertation §6.4). */
  readIndex(request: object): { readonly index: number };
}

export interface Reconfiguration {
  /** The voters after the change. Those who are no members yet catch up as learners first. */
  readonly voters: readonly string[];
  /** Members without a vote after the change. Default: none. */
  readonly learners?: readonly string[];
}

/** The place of an entry, by which logs are compared. */
export interface Place {
  readonly index: number;
  readonly term: number;
}

export interface VoteRequest {
  readonly candidate: string;
  readonly term: number;
  readonly last: Place;
  /** Only asks whether it would be granted (dissertation §9.6). */
  readonly trial: boolean;
  /** The leader has asked for this election: loyalty to it is no reason to refuse (dissertation §4.2.3). */
  readonly transfer: boolean;
}

export interface Vote {
  readonly from: string;
  /** The term of the request. */
  readonly asked: number;
  /** The voter's own term. */
  readonly term: number;
  readonly granted: boolean;
  readonly trial: boolean;
}

export interface AppendEntries {
  readonly term: number;
  readonly leader: string;
  /** The entry before `entries`. */
  readonly previous: Place;
  readonly entries: readonly LogEntry[];
  readonly commit: number;
  /** Number of the leader's round of heartbeats: an answer confirms its leadership then. */
  readonly round: number;
  /** The leader's monotonic clock, returned in the answer. */
  readonly sentAt: number;
}

/** The answer to AppendEntries. */
export interface Appended {
  readonly from: string;
  /** The term of the message that is answered. */
  readonly asked: number;
  /** The follower's own term. */
  readonly term: number;
  readonly round: number;
  readonly sentAt: number;
  /** The logs are equal up to here, and it is on the follower's disk; null: the follower does not have `previous`. */
  readonly matched: number | null;
  /** What was refused, and where the leader should look next; null with `matched`. */
  readonly conflict: Conflict | null;
}

export interface Conflict {
  /** Index of the `previous` that did not match. */
  readonly refused: number;
  /** The follower's last entry at or before it whose term is not above that of `previous`. */
  readonly hint: Place;
  /** The follower has lost entries that it had confirmed, to damage on its disk. */
  readonly lost: boolean;
}

/** Part of a snapshot (paper §7, figure 13). */
export interface SnapshotChunk {
  readonly term: number;
  readonly leader: string;
  readonly last: Place;
  readonly configuration: Configuration;
  /** Place of `text` in the whole. */
  readonly offset: number;
  readonly text: string;
  readonly done: boolean;
  readonly round: number;
  readonly sentAt: number;
}

export interface ChunkInstalled {
  readonly from: string;
  readonly asked: number;
  readonly term: number;
  readonly round: number;
  readonly sentAt: number;
  /** Index of the snapshot's last entry. */
  readonly index: number;
  /** Where to go on; the whole is installed, or not needed, when `done`. */
  readonly offset: number;
  readonly done: boolean;
}

export interface TimeoutNow {
  readonly from: string;
  readonly term: number;
}
