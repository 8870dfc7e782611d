/** What a server of a Multi-Paxos group is made of: a proposer, an acceptor and a learner ("Paxos made simple", §2.5). */
import type { Context } from '../../../sim/index.ts';
import { emptyMachine, type SessionMachine } from '../../replication/session-machine.ts';
import { NO_BALLOT } from './ballots.ts';
import type { Report } from './multi-paxos-protocol.ts';
import type { SlotLog } from './slots.ts';

/** A snapshot: what the slots up to `slot` made of the state machine. */
export interface Snapshot {
  readonly slot: number;
  readonly text: string;
}

/** What is known to be in a journal file: if less is found there, the disk has lost votes. */
export interface FileMark {
  records: number;
  /** The highest slot among them. */
  top: number;
}

/** What a candidate has heard. */
export interface Candidacy {
  /** The first slot that it did not know to be chosen. */
  readonly from: number;
  /** Who has promised. */
  promises: string[];
  /** By slot: the highest vote that was reported, or what is chosen. */
  found: Record<number, Report>;
}

/** A proposal that is not chosen yet. */
export interface Pending {
  /** Who has accepted it. */
  acceptors: string[];
  /** When it was last sent, on the leader's monotonic clock. */
  sentAt: number;
}

export interface MultiPaxosState {
  role: 'follower' | 'canvassing' | 'candidate' | 'leader';
  /** The ballot that it leads or wants to lead; −1: none. */
  ballot: number;
  /** As acceptor: the highest ballot that it takes part in. Durable before anything of it is answered. */
  promised: number;
  /** The highest that it has told others, for checks. */
  toldPromise: number;
  log: SlotLog;
  /** Votes written that are not known to be on disk, oldest first; and how many there were before the first of them. */
  unsettled: { readonly slot: number; readonly file: number }[];
  settled: number;
  /** Slots that changed at `changedAt`, the last instant at which any did, on its monotonic clock: what a check has to look at. */
  changed: number[];
  changedAt: number;
  /** The journal's files by number, as far as known to be durable; votes are appended to the last one. */
  marks: Record<string, FileMark>;
  journal: { file: number; records: number };
  /** Number of the last record of promise and marks, and which of its two copies is written first. */
  serial: number;
  firstCopy: 0 | 1;
  /** Votes in slots up to here may be lost to damage on its disk; 0: none. It promises nothing before it knows what is chosen there. */
  lostTo: number;
  /** As learner: all slots up to here are chosen, known and applied. */
  appliedTo: number;
  machine: SessionMachine;
  snapshot: Snapshot | null;
  /** A snapshot is on its way to the disk: no other one may be begun. */
  writingSnapshot: boolean;
  /** The leader, as far as known; '' for unknown. */
  leader: string;
  /** When it last heard from the leader, on its monotonic clock; null: never. */
  heardAt: number | null;
  /** The highest ballot that it has heard of. */
  seen: number;
  /** While canvassing: who would promise. */
  willing: string[];
  candidacy: Candidacy | null;
  /** As leader: the next free slot, and the last one that earlier leaders may have used. */
  nextSlot: number;
  barrier: number;
  /** As leader: by slot, what is not chosen yet. */
  pending: Record<number, Pending>;
  /** As leader: rounds of heartbeats sent, whether a read waits for one that has not begun, and since when it leads. */
  round: number;
  roundWanted: boolean;
  leaderSince: number;
  /** As leader, by name: the latest round answered, and when the latest answered heartbeat was sent. */
  peers: Record<string, { round: number; heardFrom: number | null }>;
  /** It takes part in nothing until it is restarted; why. '' while it works. */
  broken: string;
  /** The disk does not tell any more what it has promised: a restart does not help. */
  amnesia: boolean;
}

export type PaxosContext = Context<MultiPaxosState>;

/** Wakes the requests that wait for slots to be applied, or for an office to end. */
export const PROGRESS = 'progress';

/** A server that knows nothing. */
export const freshState = (): MultiPaxosState => ({
  role: 'follower',
  ballot: NO_BALLOT,
  promised: NO_BALLOT,
  toldPromise: NO_BALLOT,
  log: { base: 0, slots: [] },
  unsettled: [],
  settled: 0,
  changed: [],
  changedAt: 0,
  marks: {},
  journal: { file: 0, records: 0 },
  serial: 0,
  firstCopy: 0,
  lostTo: 0,
  appliedTo: 0,
  machine: emptyMachine(),
  snapshot: null,
  writingSnapshot: false,
  leader: '',
  heardAt: null,
  seen: NO_BALLOT,
  willing: [],
  candidacy: null,
  nextSlot: 1,
  barrier: 0,
  pending: {},
  round: 0,
  roundWanted: false,
  leaderSince: 0,
  peers: {},
  broken: '',
  amnesia: false,
});
