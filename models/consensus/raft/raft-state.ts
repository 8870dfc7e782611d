/** What a Raft server is made of (paper figure 2, with what the later sections add). */
import type { Context } from '../../../sim/index.ts';
import { emptyMachine, type SessionMachine } from '../../replication/session-machine.ts';
import type { Configuration } from './configuration.ts';
import type { RaftLog } from './raft-log.ts';
import type { Place } from './raft-protocol.ts';
import type { RaftSettings } from './settings.ts';

/** A snapshot: what the log up to `last` made of the state machine, as text (paper §7). */
export interface Snapshot {
  readonly last: Place;
  readonly configuration: Configuration;
  readonly text: string;
}

/** What a leader knows of another member. */
export interface Progress {
  /** `probe`: one append at a time, to find where the logs agree; `replicate`: several under way; `snapshot`: too far behind. */
  mode: 'probe' | 'replicate' | 'snapshot';
  /** Index of the next entry to send. */
  next: number;
  /** Its log equals the leader's up to here, on its disk. */
  matched: number;
  /** While probing: an append is under way. */
  waiting: boolean;
  /** Last indexes of the appends under way, ascending. */
  inFlight: number[];
  /** The latest round of heartbeats that it has answered. */
  round: number;
  /** When the latest message that it has answered was sent, on the leader's monotonic clock; null: it never answered. */
  heardFrom: number | null;
  /** The snapshot being sent, and how far. */
  sending: { readonly snapshot: Snapshot; offset: number } | null;
}

export interface RaftState {
  role: 'follower' | 'precandidate' | 'candidate' | 'leader';
  /** Durable before anything of this term is answered. */
  term: number;
  /** The candidate that has this server's vote in `term`. Durable before the vote is told. */
  votedFor: string | null;
  log: RaftLog;
  /** That of the log's base, and those that entries in the log have brought; the last one is in use. */
  configurations: Configuration[];
  commitIndex: number;
  appliedIndex: number;
  machine: SessionMachine;
  snapshot: Snapshot | null;
  /** A snapshot is on its way to the disk: no other one may be begun. */
  writingSnapshot: boolean;
  /** Part of a snapshot that a leader is sending. */
  incoming: { readonly last: Place; text: string } | null;
  /** What a crash would leave of term, vote and log, at least. */
  durable: { term: number; votedFor: string | null; lastIndex: number };
  /** Number of the last record of term and vote. */
  serial: number;
  /** Which of its two copies is written first: the damaged or the older one, for a crash may tear it. */
  firstCopy: 0 | 1;
  /** What that record says of the log's end. */
  marked: Place;
  /** The end of the log that this server once had, and has lost to damage on its disk; null when it has lost nothing. */
  lost: Place | null;
  /** The leader, as far as known; '' for unknown. */
  leader: string;
  /** When it last heard from the leader, on its monotonic clock; null: never. */
  heardAt: number | null;
  /** As candidate: who votes for it. */
  votes: string[];
  /** As leader: by name of the member. */
  peers: Record<string, Progress>;
  /** As leader: since when, on its monotonic clock. */
  leaderSince: number;
  /** As leader: rounds of heartbeats sent. */
  round: number;
  /** As leader: a read waits for a round that has not begun. */
  roundWanted: boolean;
  /** As leader: index of the configuration by whose quorum it last committed. */
  countedBy: number;
  /** As leader: index of the first entry of its own term. */
  termStart: number;
  /** As leader: to whom it hands over; '' for nobody. */
  transferTo: string;
  /** As leader: it has told another to stand, so the quorum is loyal no more. */
  leaseVoid: boolean;
  /** As leader with lease reads: the end of its lease when it last had an answer, on its monotonic clock; null: it has none. */
  leaseUntil: number | null;
  /** It takes part in nothing until it is restarted; why. '' while it works. */
  broken: string;
}

export type RaftContext = Context<RaftState>;

/** A server that knows nothing but the group's first voters. */
export const freshState = ({ voters }: RaftSettings): RaftState => ({
  role: 'follower',
  term: 0,
  votedFor: null,
  log: { base: { index: 0, term: 0 }, entries: [] },
  configurations: [{ index: 0, voters, outgoing: [], learners: [] }],
  commitIndex: 0,
  appliedIndex: 0,
  machine: emptyMachine(),
  snapshot: null,
  writingSnapshot: false,
  incoming: null,
  durable: { term: 0, votedFor: null, lastIndex: 0 },
  serial: 0,
  firstCopy: 0,
  marked: { index: 0, term: 0 },
  lost: null,
  leader: '',
  heardAt: null,
  votes: [],
  peers: {},
  leaderSince: 0,
  round: 0,
  roundWanted: false,
  countedBy: 0,
  termStart: 0,
  transferTo: '',
  leaseVoid: false,
  leaseUntil: null,
  broken: '',
});

/** The configuration in use: the latest in the log, whether it is committed or not (paper §6). */
export const configurationOf = ({ configurations }: RaftState): Configuration => configurations.at(-1) as Configuration;
