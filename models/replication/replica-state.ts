/** What a replica of the primary-replica store is made of: its state, and what of it is on the disk. */
import type { Context, DiskView } from '../../sim/index.ts';
import type { Command, StoredValue } from './command.ts';

/** One entry of the replicated log. An entry is known by (index, term): equal pairs mean equal logs up to there. */
export interface LogEntry {
  /** Place in the log, from 1. */
  readonly index: number;
  /** Term of the primary that made it. */
  readonly term: number;
  /** Term of the entry before it; 0 for the first. On disk it tells whether the records before it are the right ones. */
  readonly before: number;
  /** undefined: a new primary's first entry, which carries nothing. */
  readonly command: Command | undefined;
}

/** What a primary knows of one replica. */
export interface Progress {
  /** Index of the next entry to send. */
  next: number;
  /** Its log equals the primary's up to here, on its disk. */
  matched: number;
  /** The latest round of appends that it has answered. */
  round: number;
  /** When the latest append that it has answered was sent, on the primary's monotonic clock. */
  heardFrom: number;
}

/** The state machine: the log up to `commit`, applied. */
export interface Store {
  values: Record<string, StoredValue>;
  /** Per session: the last update applied and its answer, so that no update is applied twice. */
  sessions: Record<string, { seq: number; applied: boolean }>;
}

export interface ReplicaState {
  role: 'primary' | 'replica' | 'candidate';
  /** Durable before anything of this term is answered. */
  term: number;
  /** The candidate that has this node's vote in `term`; '' for none. Durable before the vote is told. */
  votedFor: string;
  log: LogEntry[];
  /** As primary: its own log is on its own disk up to here. */
  durable: number;
  /** What flushes have made durable: what a crash would leave at least. */
  synced: Synced;
  /** The log is applied up to here. */
  commit: number;
  store: Store;
  /** The primary, as far as known; '' for unknown. */
  primary: string;
  /** When it last heard from a primary or gave its vote, on its monotonic clock. */
  heardAt: number;
  /** As candidate: who votes for it. */
  votes: string[];
  /** As candidate: it still asks whether an election could be won (pre-vote). */
  trial: boolean;
  /** When its election began, on its monotonic clock. */
  stoodAt: number;
  /** As primary: by node id. */
  peers: Record<string, Progress>;
  /** As primary: rounds of appends sent. */
  round: number;
  /** As primary: index of the first entry of its own term. */
  termStart: number;
  /** Updates that it has acknowledged as primary since it booted. */
  acknowledged: number;
  /** Its disk has failed: it takes part in nothing until it is restarted. */
  broken: boolean;
}

/** Term, vote, and the index up to which the log was on disk. */
export interface Synced {
  term: number;
  votedFor: string;
  index: number;
}

export type ReplicaContext = Context<ReplicaState>;

/** Durable term and vote: appended, never overwritten, so that a torn write cannot take the last vote with it. */
const VOTES_FILE = 'votes';
export const LOG_FILE = 'log';

interface VoteRecord {
  readonly term: number;
  readonly votedFor: string;
}

/** A node that knows nothing. */
export const freshState = (): ReplicaState => ({
  role: 'replica',
  term: 0,
  votedFor: '',
  log: [],
  durable: 0,
  synced: { term: 0, votedFor: '', index: 0 },
  commit: 0,
  store: { values: {}, sessions: {} },
  primary: '',
  heardAt: 0,
  votes: [],
  trial: false,
  stoodAt: 0,
  peers: {},
  round: 0,
  termStart: 0,
  acknowledged: 0,
  broken: false,
});

/**
 * The state that a crash left on the disk. A crash may keep any subset of what was not synced, so the log is read up to the
 * first record that does not follow from the one before it, and what stands behind that is cut off.
 */
export function recoveredState(disk: DiskView, ctx: ReplicaContext): ReplicaState {
  const state = freshState();
  const votes = disk.log<VoteRecord>(VOTES_FILE);
  ctx.disk.truncate(VOTES_FILE, votes.length);
  const last = votes.at(-1);
  if (last !== undefined) {
    state.term = last.term;
    state.votedFor = last.votedFor;
  }
  for (const entry of disk.log<LogEntry>(LOG_FILE)) {
    const before = state.log.at(-1);
    if (entry.index !== state.log.length + 1 || entry.before !== (before?.term ?? 0)) break;
    state.log.push(entry);
  }
  ctx.disk.truncate(LOG_FILE, state.log.length);
  // Entries can have outlived the term record that came before them: a node never goes back behind its own log.
  const newest = state.log.at(-1)?.term ?? 0;
  if (newest > state.term) {
    state.term = newest;
    state.votedFor = '';
  }
  // What can be read after a crash is on the disk.
  state.synced = { term: state.term, votedFor: state.votedFor, index: state.log.length };
  return state;
}

/** Writes term and vote, then takes them over. Durable after the next fsync. Throws CallError when the disk is full. */
export function enterTerm(state: ReplicaState, term: number, votedFor: string, ctx: ReplicaContext): void {
  ctx.disk.append(VOTES_FILE, { term, votedFor } satisfies VoteRecord);
  state.term = term;
  state.votedFor = votedFor;
}
