/** What the servers of a Multi-Paxos group say to each other, and what clients may ask of them. */
import type { MachineInput } from '../../replication/session-machine.ts';
import type { SessionKvProtocol } from '../../replication/session-store.ts';
import type { Vote } from './slots.ts';

export interface MultiPaxosProtocol extends SessionKvProtocol {
  /** Does the receiver miss a leader as well? */
  canvass(message: Canvass): void;
  canvassed(message: Canvassed): void;
  /** Phase 1a, for all slots from one on at once ("Paxos made simple", §3). */
  prepare(message: Prepare): void;
  /** Phase 1b. */
  promise(message: Promised): void;
  /** Phase 2a. */
  accept(message: Accept): void;
  /** Phase 2b. */
  accepted(message: Accepted): void;
  /** The acceptor has promised a higher ballot. */
  refused(message: Refused): void;
  heartbeat(message: Heartbeat): void;
  alive(message: Alive): void;
  /** A learner that lacks chosen slots asks for them. */
  catchUp(message: CatchUp): void;
  chosen(message: Chosen): void;
  snapshot(message: SnapshotCopy): void;
}

export interface Canvass {
  readonly from: string;
  /** The ballot that it would enter. */
  readonly ballot: number;
}

export interface Canvassed extends Canvass {
  readonly willing: boolean;
  /** The highest ballot that the asked one has promised. */
  readonly promised: number;
}

export interface Prepare {
  readonly from: string;
  readonly ballot: number;
  /** The first slot of which the proposer does not know what is chosen. */
  readonly slot: number;
}

/** What an acceptor says about a slot: its vote, or that the content is known to be chosen. */
export interface Report extends Vote {
  readonly slot: number;
  readonly chosen: boolean;
}

export interface Promised {
  readonly from: string;
  readonly ballot: number;
  readonly reports: readonly Report[];
  /** Slots up to here are chosen, and the acceptor has them no more. */
  readonly compactedTo: number;
}

export interface Proposal {
  readonly slot: number;
  readonly content: MachineInput;
}

export interface Accept {
  readonly from: string;
  readonly ballot: number;
  readonly proposals: readonly Proposal[];
  /** All slots up to here are chosen. */
  readonly chosenTo: number;
}

export interface Accepted {
  readonly from: string;
  readonly ballot: number;
  readonly slots: readonly number[];
}

export interface Refused {
  readonly ballot: number;
  readonly promised: number;
}

export interface Heartbeat {
  readonly from: string;
  readonly ballot: number;
  readonly chosenTo: number;
  /** Number of the leader's round of heartbeats: an answer confirms its office then. */
  readonly round: number;
  /** The leader's monotonic clock, returned in the answer. */
  readonly sentAt: number;
}

export interface Alive {
  readonly from: string;
  readonly ballot: number;
  readonly round: number;
  readonly sentAt: number;
}

export interface CatchUp {
  readonly from: string;
  /** The first slot that it lacks. */
  readonly slot: number;
}

export interface Chosen {
  readonly from: string;
  readonly values: readonly Proposal[];
  /** The sender knows all slots up to here. */
  readonly chosenTo: number;
}

export interface SnapshotCopy {
  readonly from: string;
  /** The last slot that it holds. */
  readonly slot: number;
  readonly text: string;
}
