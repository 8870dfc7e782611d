/** How a server changes its role (paper figure 4), and how long it waits before it wants to. */
import { awaitLeader } from '../election-timing.ts';
import { isQuorum } from './configuration.ts';
import { configurationOf, type RaftContext, type RaftState } from './raft-state.ts';
import type { RaftSettings } from './settings.ts';
import { enterTerm } from './storage.ts';

/** Wakes the requests that wait for the log to be applied, or for an office to end. */
export const PROGRESS = 'progress';

/**
 * Follows `leader` ('' when it is not known) in the present term. Its patience with the group does not begin anew: only a leader and a vote
 * given do that (paper §5.2, figure 2), or candidates that cannot win would keep those waiting who can. A leader had none.
 */
export function becomeFollower(state: RaftState, leader: string, settings: RaftSettings, ctx: RaftContext): void {
  if (state.role === 'leader') awaitLeader(settings, ctx);
  if (state.role !== 'follower') {
    ctx.note(`${state.role} no more in term ${state.term}: ${leader === '' ? 'no leader known' : `follows ${leader}`}`);
    ctx.cancelTimer('heartbeat');
    ctx.signal(PROGRESS);
    state.role = 'follower';
    state.votes = [];
    state.peers = {};
    state.transferTo = '';
    state.roundWanted = false;
    state.leaseUntil = null;
  }
  state.leader = leader;
}

/** A later term has been seen: whatever this server was, it is a follower now (paper §5.1). Throws CallError when the disk is full. */
export function followTerm(state: RaftState, term: number, settings: RaftSettings, ctx: RaftContext): void {
  enterTerm(state, term, null, settings, ctx);
  becomeFollower(state, '', settings, ctx);
}

/** Whether a quorum has answered messages sent at or after `since`, on the leader's monotonic clock. */
const quorumAnsweredSince = (state: RaftState, since: number, ctx: RaftContext): boolean =>
  isQuorum(configurationOf(state), (id) => {
    if (id === ctx.self.id) return true;
    const heardFrom = state.peers[id]?.heardFrom ?? null;
    return heardFrom !== null && heardFrom >= since;
  });

/**
 * When the lease ends that a quorum's answers give, on the leader's monotonic clock (dissertation §6.4.1); null: it has none, for no quorum
 * has answered, or it has given the lease up.
 */
export function leaseEnd(state: RaftState, { reads, lease }: RaftSettings, ctx: RaftContext): number | null {
  if (reads !== 'lease' || state.leaseVoid) return null;
  // A server that is a quorum by itself answers itself at any time.
  const sent = [ctx.clock.monotonic, ...Object.values(state.peers).map(({ heardFrom }) => heardFrom ?? -Infinity)];
  const since = Math.max(...sent.filter((sentAt) => quorumAnsweredSince(state, sentAt, ctx)));
  return since === -Infinity ? null : since + lease;
}

/** Whether a leader still reaches a quorum, or is too new to tell (check quorum, dissertation §6.2). */
export function reachesQuorum(state: RaftState, { electionTimeout }: RaftSettings, ctx: RaftContext): boolean {
  const since = ctx.clock.monotonic - electionTimeout;
  return state.leaderSince >= since || quorumAnsweredSince(state, since, ctx);
}
