/**
 * What a server has told of its promises and votes, or has counted itself: from then on others rely on it. For checks only; the protocol
 * does not look at it.
 */
import type { MultiPaxosState, PaxosContext } from './multi-paxos-state.ts';
import { slotAt, type Vote } from './slots.ts';

/** A promise is being told. */
export function tells(state: MultiPaxosState, ballot: number): void {
  state.toldPromise = Math.max(state.toldPromise, ballot);
}

/** A vote is being told. */
export function tellsVote(state: MultiPaxosState, slot: number, { ballot, content }: Vote, ctx: PaxosContext): void {
  tells(state, ballot);
  const there = slotAt(state.log, slot);
  if (there === undefined || (there.told !== null && there.told.ballot >= ballot)) return;
  there.told = { ballot, content };
  touch(state, slot, ctx);
}

/** Notes that a slot has changed. */
export function touch(state: MultiPaxosState, slot: number, ctx: PaxosContext): void {
  const now = ctx.clock.monotonic;
  if (now !== state.changedAt) {
    state.changed = [];
    state.changedAt = now;
  }
  state.changed.push(slot);
}
