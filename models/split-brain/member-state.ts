/** What a member of the group is made of, and what members say to one another. */
import type { Context } from '../../sim/index.ts';
import type { ReplicatedKvProtocol } from '../replication/command.ts';

/** Who belongs to the group, the oldest member first; a later one has a higher epoch. */
export interface View {
  readonly epoch: number;
  readonly members: readonly string[];
}

/** Sets by key: the elements as fields. */
export type Sets = Record<string, Record<string, true>>;

export interface MemberState {
  /**
   * `member`: of the view. `left`: of the view, but its side may not go on. `joining`: of no view, wants to be of one again. `stopped`: its
   * disk has failed, it takes part in nothing until it is restarted.
   */
  role: 'member' | 'left' | 'joining' | 'stopped';
  /** Durable before anything is acknowledged in it. */
  view: View;
  /**
   * Successors of the view that it has agreed to and has not seen come, the oldest first: others may have them. As long as there are any it
   * acknowledges nothing. Durable before it is told.
   */
  attempts: readonly View[];
  sets: Sets;
  /** When the last element came into each set, on this node's wall clock. */
  touchedAt: Record<string, number>;
  /** By name: when it was last heard, on this node's monotonic clock, and what it said. */
  peers: Record<string, Heard>;
  /** Members of the view that reach one another, as far as this node knows. */
  side: readonly string[];
  /** Since when `side` is what it is, on its monotonic clock. */
  sideSince: number;
  /** Since when some of its side have agreed to a successor that has not come, on its monotonic clock; null: nobody has. */
  waitsSince: number | null;
  /** It is making a new view. */
  changing: boolean;
  /** Of the record of view and promise. */
  serial: number;
  firstCopy: 0 | 1;
}

export interface Heard {
  readonly at: number;
  /** Since when without a gap; 0: there was none since this node booted. */
  readonly since: number;
  readonly role: MemberState['role'];
  readonly view: View;
  readonly attempts: readonly View[];
  readonly hears: readonly string[];
}

export interface Beat {
  readonly from: string;
  readonly role: MemberState['role'];
  readonly view: View;
  readonly attempts: readonly View[];
  /** Whom it hears, itself included. */
  readonly hears: readonly string[];
}

/** A successor of the view of `base`. */
export interface Proposal {
  readonly base: number;
  /** Those of that view who go on; the others join. */
  readonly kept: readonly string[];
  /** Other successors that those who are kept have agreed to, and that this one may take the place of. */
  readonly instead: readonly View[];
  readonly view: View;
}

/** What a member has; one that agrees to a successor adds nothing to it any more until that comes. */
export interface Holdings {
  readonly sets: Sets;
  readonly touchedAt: Readonly<Record<string, number>>;
}

export interface Installation extends Holdings {
  readonly view: View;
}

export interface Copy {
  readonly epoch: number;
  readonly key: string;
  readonly value: string;
}

export interface MemberProtocol extends ReplicatedKvProtocol {
  beat(beat: Beat): void;
  /** Refused with `promised`, `other-view`, `not-enough`, `stopped`. */
  propose(proposal: Proposal): Holdings;
  /** Refused with `superseded`, `stopped`. */
  install(installation: Installation): { readonly epoch: number };
  /** Refused with `other-view`, `stopped`. */
  copy(copy: Copy): { readonly epoch: number };
  /** Its view and what it holds, for a member that has missed the installation. Refused with `other-view`, `stopped`. */
  current(asked: { readonly epoch: number }): Installation;
}

/** Epoch of the last view that it has agreed to: it agrees to none that is not higher. */
export const promised = ({ view, attempts }: Pick<MemberState, 'view' | 'attempts'>): number =>
  (attempts.at(-1) ?? view).epoch;

export type MemberContext = Context<MemberState>;
