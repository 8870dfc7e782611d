/** Voting and ending, as participants of two and of three phases do it: what is told is on disk before it is told. */
import { copyOf, type Flow } from '../../sim/index.ts';
import { syncOrStop } from '../durability/sync-or-stop.ts';
import type { CommitOutcome, Proposal } from './commit-protocol.ts';
import {
  admit,
  finish,
  mustWork,
  noteOutcome,
  PARTICIPANT_LOG,
  reached,
  type CommitParticipantState,
  type ParticipantContext,
  type ParticipantRecord,
} from './participant-state.ts';

export const stopParticipant = (state: CommitParticipantState): void => {
  state.broken = true;
};

/** The vote. Asked again, it is the same, unless the transaction has been aborted meanwhile. */
export function* vote(proposal: Proposal, ctx: ParticipantContext): Flow<'yes' | 'no'> {
  const { id } = proposal;
  if (!ctx.update((state) => admit(state, proposal, ctx))) return 'no';
  yield* syncOrStop(ctx, stopParticipant);
  return ctx.update((state) => {
    if (reached(state, id, 'prepared', 'preparing', ctx)) return 'yes';
    return state.pending.get(id)?.stage === 'aborting' || state.outcomes.get(id) === 'aborted' ? 'no' : 'yes';
  });
}

/**
 * Ends a transaction: the record is on disk before the changes are made and the locks let go. `forAll`: it is a decision that this
 * participant takes for all of them.
 */
export function* conclude(id: string, outcome: CommitOutcome, ctx: ParticipantContext, forAll = false): Flow {
  const ends = ctx.update((state) => {
    mustWork(state);
    const own = state.pending.get(id);
    if (own === undefined) return false;
    const stage = outcome === 'committed' ? 'committing' : 'aborting';
    if (own.stage !== stage) {
      ctx.disk.append(PARTICIPANT_LOG, { event: outcome, id } satisfies ParticipantRecord);
      own.stage = stage;
    }
    return true;
  });
  yield* syncOrStop(ctx, stopParticipant);
  if (!ends) return;
  ctx.update((state) => {
    const own = state.pending.get(id);
    if (forAll && own !== undefined) state.decided.set(id, { outcome, participants: copyOf(own.participants) });
    finish(state, id, outcome, ctx.clock.monotonic);
  });
}

/** The outcome here. One that it has never voted on is aborted for good, so that no vote of yes can follow. */
export function* refuseForEver(id: string, ctx: ParticipantContext): Flow<CommitOutcome> {
  ctx.update((state) => {
    mustWork(state);
    if (state.outcomes.has(id)) return;
    ctx.disk.append(PARTICIPANT_LOG, { event: 'aborted', id } satisfies ParticipantRecord);
    noteOutcome(state, id, 'aborted', ctx.clock.monotonic);
  });
  yield* syncOrStop(ctx, stopParticipant);
  return ctx.state.outcomes.get(id) as CommitOutcome;
}
