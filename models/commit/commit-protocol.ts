/** What clients, coordinators and participants of atomic commitment say to each other. */
import type { NodeRef } from '../../sim/index.ts';

export type CommitOutcome = 'committed' | 'aborted';

/** A change of a balance; accounts never go below zero. */
export interface AccountChange {
  /** The participant that keeps the account. */
  readonly at: string;
  readonly account: string;
  readonly by: number;
}

/** What a participant is asked to vote on. */
export interface Proposal {
  readonly id: string;
  readonly coordinator: NodeRef;
  /** Names of all participants, in order. */
  readonly participants: readonly string[];
  /** Those of the asked participant. */
  readonly changes: readonly AccountChange[];
}

export interface Committed {
  readonly id: string;
}

/** What clients say to a coordinator. */
export interface TransactionProtocol {
  /** All the changes or none. Refused definitely with `aborted`, and with `recovering` or `disk-failed`. */
  transact(request: { readonly changes: readonly AccountChange[] }): Committed;
}

/** What participants ask a coordinator. */
export interface InquiryProtocol {
  /** `undecided`: votes are still out. */
  inquire(request: { readonly id: string; readonly participants: readonly string[] }): CommitOutcome | 'undecided';
}

export type CoordinatorProtocol = TransactionProtocol & InquiryProtocol;

/** What a participant answers, in two phases and in three. */
export interface VoterProtocol {
  /** A vote of `yes` is on disk: it can then commit whatever happens, and in two phases does not abort by itself. */
  prepare(proposal: Proposal): 'yes' | 'no';
  /** Answered when it is on disk. */
  commit(request: { readonly id: string }): void;
  /** One way. */
  abort(request: { readonly id: string }): void;
}

/** What a participant of two-phase commit answers. */
export interface ParticipantProtocol extends VoterProtocol {
  /** Asked by another participant in doubt; who has not voted will never vote yes after that. */
  outcomeOf(request: { readonly id: string }): CommitOutcome | 'uncertain';
}

/** Where a process stands in a transaction of three phases. */
export interface Standing {
  /** `uncertain`: it has voted yes, or not yet, and does not know how others voted. `precommitted`: it knows that all voted yes. */
  readonly knows: CommitOutcome | 'uncertain' | 'precommitted';
  /** It has been down since: others may have decided without it. */
  readonly recovered: boolean;
}

export interface StandingProtocol {
  stateOf(request: { readonly id: string }): Standing;
}

/** What a participant of three-phase commit answers. */
export interface ThreePhaseProtocol extends VoterProtocol, StandingProtocol {
  /** Answered when it is on disk. Refused with `recovering` and `aborted`. */
  precommit(request: { readonly id: string }): void;
}

export type ThreePhaseCoordinatorProtocol = TransactionProtocol & StandingProtocol;
