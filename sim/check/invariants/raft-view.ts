/** A Raft server as the checks see it. */
import type { LogView } from './log-book.ts';

export type RaftRole = 'follower' | 'precandidate' | 'candidate' | 'leader';

/** A server as the checks see it. Made anew from the state at each event: it may refer to the state, nothing of it is kept. */
export interface RaftView {
  /** Its current term, as it is in memory. */
  readonly term: number;
  readonly role: RaftRole;
  /** The candidate that has its vote in `term`; null for none. */
  readonly votedFor: string | null;
  readonly log: LogView;
  /** Highest index that it knows to be committed. */
  readonly commitIndex: number;
  /** Highest index that its state machine has applied. */
  readonly appliedIndex: number;
  /** The last entry that its snapshot covers; 0 and 0 without a snapshot. */
  readonly snapshotIndex: number;
  readonly snapshotTerm: number;
  /**
   * What of it would outlive a crash now: what it may have told others. Default: all of the above. A server that takes a term
   * over in memory, and answers when the disk has it, needs this: else a crash in between looks like a term that went back.
   */
  readonly durable?: { readonly term: number; readonly votedFor: string | null; readonly lastIndex: number };
}
