/** A Raft server as it was when it was last looked at. */
import { FollowedLog, type LogBook } from './log-book.ts';
import type { RaftRole, RaftView } from './raft-view.ts';

export class RaftServer {
  readonly id: string;
  readonly log: FollowedLog;
  life: number;
  term = 0;
  role: RaftRole = 'follower';
  votedFor: string | null = null;
  commitIndex = 0;
  appliedIndex = 0;
  /** What would outlive a crash. */
  durableTerm = 0;
  durableVote: string | null = null;
  durableIndex = 0;
  /** False until its first event. */
  isKnown = false;

  constructor(id: string, life: number, book: LogBook) {
    this.id = id;
    this.life = life;
    this.log = new FollowedLog(book, id);
  }

  remember(now: RaftView, life: number): void {
    this.isKnown = true;
    this.life = life;
    this.term = now.term;
    this.role = now.role;
    this.votedFor = now.votedFor;
    this.commitIndex = now.commitIndex;
    this.appliedIndex = now.appliedIndex;
    const { durable = now } = now;
    this.durableTerm = durable.term;
    this.durableVote = durable.votedFor;
    this.durableIndex = durableIndexOf(now);
  }
}

/** Its log is on its disk up to here. What a snapshot covers is. */
export const durableIndexOf = ({ durable, log, snapshotIndex }: RaftView): number =>
  Math.max(snapshotIndex, durable === undefined ? log.lastIndex : Math.min(durable.lastIndex, log.lastIndex));
