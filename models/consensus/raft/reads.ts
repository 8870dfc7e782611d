/**
 * Reads that bypass the log (dissertation §6.4).
 *
 * Read index: the leader notes its commit index, makes sure that it still leads by a round of heartbeats that begins after the
 * read, and answers when that index is applied. Reads that come while a round is under way share the next one.
 *
 * Lease (§6.4.1): while a quorum has answered a message sent less than a lease ago, that quorum is loyal and no other leader can have
 * been elected, *if clocks run alike*: the leader's must not be slower, nor a follower's faster, than the lease allows for.
 */
import { copyOf, reject, type Flow } from '../../../sim/index.ts';
import type { ReadReply, ReadRequest } from '../../replication/command.ts';
import { mustLead } from '../must-lead.ts';
import { roundDone } from './answers.ts';
import type { RaftContext, RaftState } from './raft-state.ts';
import { leaseEnd } from './roles.ts';
import { nodeNamed, type RaftSettings } from './settings.ts';
import { heartbeatAll } from './shipping.ts';
import { until } from './waiting.ts';

export function* read({ key }: ReadRequest, settings: RaftSettings, ctx: RaftContext): Flow<ReadReply> {
  if (ctx.state.role !== 'leader' && settings.followerReads) {
    const { index } = yield* askReadIndex(settings, ctx);
    yield* until({ term: null, effect: false }, settings, ctx, ({ appliedIndex }) => appliedIndex >= index);
  } else if (!mayTrust(ctx.state, settings, ctx)) {
    yield* readIndex(settings, ctx);
  }
  return { value: copyOf(ctx.state.machine.values[key] ?? null) };
}

/** A follower asks up to where it must have applied the log; it answers from its own state then. */
function* askReadIndex(settings: RaftSettings, ctx: RaftContext): Flow<{ readonly index: number }> {
  const { leader, broken } = ctx.state;
  if (leader === '' || broken !== '') throw reject('not-leader', `${ctx.self.id} knows no leader`, { primary: '' });
  return yield* ctx.call(nodeNamed(settings, leader), 'readIndex', {}, { deadline: settings.patience });
}

/** Whether the leader may answer at once. Refuses when this server does not lead. */
function mayTrust(state: RaftState, settings: RaftSettings, ctx: RaftContext): boolean {
  mustLead(state, ctx);
  if (settings.reads === 'local') return true;
  // Until an entry of its own term is committed, a leader does not know what is (§6.4, step 1).
  if (state.commitIndex < state.termStart) return false;
  // Counted anew: a change of members moves the end as well.
  const end = leaseEnd(state, settings, ctx);
  return end !== null && ctx.clock.monotonic <= end;
}

/** The index that a read must wait for, once it is sure that this server led when the read came in, and applied. */
export function* readIndex(settings: RaftSettings, ctx: RaftContext): Flow<{ readonly index: number }> {
  const { term, round, index } = ctx.update((state) => {
    mustLead(state, ctx);
    // Of what was committed in earlier terms, nothing lies beyond the first entry of this one (§6.4, step 1).
    const needed = Math.max(state.commitIndex, state.termStart);
    if (roundDone(state, state.round, ctx)) heartbeatAll(state, settings, ctx);
    else {
      state.roundWanted = true;
      return { term: state.term, round: state.round + 1, index: needed };
    }
    return { term: state.term, round: state.round, index: needed };
  });
  yield* until(
    { term, effect: false },
    settings,
    ctx,
    (state) => state.appliedIndex >= index && roundDone(state, round, ctx),
  );
  return { index };
}
