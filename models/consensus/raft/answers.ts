/** The leader hears how far a member has come (paper §5.3). */
import { isQuorum } from './configuration.ts';
import { advanceCommit } from './leading.ts';
import { lastNotAbove } from './raft-log.ts';
import type { Appended, ChunkInstalled, Conflict } from './raft-protocol.ts';
import { configurationOf, type Progress, type RaftContext, type RaftState } from './raft-state.ts';
import { followTerm, leaseEnd, PROGRESS } from './roles.ts';
import type { RaftSettings } from './settings.ts';
import { heartbeatAll, sendChunk, ship } from './shipping.ts';

export function onAppended(state: RaftState, message: Appended, settings: RaftSettings, ctx: RaftContext): void {
  const peer = heard(state, message, settings, ctx);
  if (peer === undefined) return;
  if (message.matched !== null) succeeded(peer, message.matched);
  else if (message.conflict !== null) refused(state, peer, message.conflict);
  advanceCommit(state, settings, ctx);
  // A commit can have ended its office.
  if (state.role !== 'leader') return;
  ship(state, message.from, settings, ctx);
  roundAnswered(state, settings, ctx);
}

/** The sender's books, when its answer concerns this leader now. */
function heard(
  state: RaftState,
  { from, asked, term, round, sentAt }: Appended | ChunkInstalled,
  settings: RaftSettings,
  ctx: RaftContext,
): Progress | undefined {
  if (state.broken !== '') return undefined;
  if (term > state.term) {
    followTerm(state, term, settings, ctx);
    return undefined;
  }
  const peer = state.peers[from];
  if (state.role !== 'leader' || asked !== state.term || peer === undefined) return undefined;
  peer.round = Math.max(peer.round, round);
  peer.heardFrom = Math.max(peer.heardFrom ?? sentAt, sentAt);
  state.leaseUntil = leaseEnd(state, settings, ctx);
  return peer;
}

function succeeded(peer: Progress, matched: number): void {
  peer.matched = Math.max(peer.matched, matched);
  if (peer.mode === 'probe') {
    peer.mode = 'replicate';
    peer.waiting = false;
    peer.next = peer.matched + 1;
  } else if (peer.mode === 'replicate') {
    peer.next = Math.max(peer.next, peer.matched + 1);
    while ((peer.inFlight[0] ?? Infinity) <= matched) peer.inFlight.shift();
  }
}

/** The logs do not agree at `refused`, or something was lost on the way; or the answer is out of date. */
function refused(state: RaftState, peer: Progress, { refused: index, hint, lost }: Conflict): void {
  if (lost && hint.index < peer.matched) {
    // It had confirmed more, and its disk has lost it; it still votes as if it had it (storage.ts), so what is committed stays so.
    peer.matched = hint.index;
  } else if (peer.mode === 'snapshot' || index <= peer.matched || (peer.mode === 'probe' && index !== peer.next - 1)) {
    return;
  }
  const known = peer.mode === 'replicate' ? peer.matched : lastNotAbove(state.log, hint.index, hint.term).index;
  peer.mode = 'probe';
  peer.inFlight = [];
  peer.sending = null;
  peer.waiting = false;
  peer.next = Math.max(Math.min(known + 1, index), peer.matched + 1, 1);
}

/** Reads wait for rounds: is this one done, the next may begin (dissertation §6.4). */
function roundAnswered(state: RaftState, settings: RaftSettings, ctx: RaftContext): void {
  const { round } = state;
  if (!roundDone(state, round, ctx)) return;
  ctx.signal(PROGRESS);
  if (state.roundWanted) heartbeatAll(state, settings, ctx);
}

/** Whether a quorum has answered messages of `round` or later: it was leader when that round began. */
export const roundDone = (state: RaftState, round: number, ctx: RaftContext): boolean =>
  isQuorum(configurationOf(state), (id) => id === ctx.self.id || (state.peers[id]?.round ?? 0) >= round);

/** A member has taken part of a snapshot, or all of it. */
export function onInstalled(state: RaftState, message: ChunkInstalled, settings: RaftSettings, ctx: RaftContext): void {
  const peer = heard(state, message, settings, ctx);
  if (peer === undefined) return;
  const { from, index, offset, done } = message;
  if (done) peer.matched = Math.max(peer.matched, index);
  const { sending } = peer;
  if (sending !== null && done && index >= sending.snapshot.last.index) {
    peer.mode = 'probe';
    peer.sending = null;
    peer.waiting = false;
    peer.next = peer.matched + 1;
  } else if (sending !== null && !done && index === sending.snapshot.last.index && offset !== sending.offset) {
    // A copy of an answer must not send the same part twice.
    sending.offset = offset;
    sendChunk(state, from, settings, ctx);
  }
  advanceCommit(state, settings, ctx);
  if (state.role !== 'leader') return;
  ship(state, from, settings, ctx);
  roundAnswered(state, settings, ctx);
}
