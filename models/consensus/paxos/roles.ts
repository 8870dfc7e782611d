/** How a server changes its role, and how long it waits before it wants to. None of it matters to safety. */
import { awaitLeader } from '../election-timing.ts';
import { NO_BALLOT } from './ballots.ts';
import { PROGRESS, type MultiPaxosState, type PaxosContext } from './multi-paxos-state.ts';
import type { MultiPaxosSettings } from './settings.ts';

/** Leads no more, and wants to no more. `leader` is '' when it is not known. */
export function becomeFollower(
  state: MultiPaxosState,
  leader: string,
  settings: MultiPaxosSettings,
  ctx: PaxosContext,
): void {
  if (state.role !== 'follower') {
    ctx.note(
      `${state.role} no more in ballot ${state.ballot}: ${leader === '' ? 'no leader known' : `follows ${leader}`}`,
    );
    if (state.role === 'leader') awaitLeader(settings, ctx);
    ctx.cancelTimer('heartbeat');
    ctx.signal(PROGRESS);
    state.role = 'follower';
    state.ballot = NO_BALLOT;
    state.candidacy = null;
    state.willing = [];
    state.pending = {};
    state.peers = {};
    state.roundWanted = false;
  }
  state.leader = leader;
}

/** The leader has been heard. */
export function follow(state: MultiPaxosState, leader: string, settings: MultiPaxosSettings, ctx: PaxosContext): void {
  becomeFollower(state, leader, settings, ctx);
  awaitLeader(settings, ctx);
  state.heardAt = ctx.clock.monotonic;
}

/** Whether a leader still reaches those who can accept, or is too new to tell. */
export function reachesQuorum(
  state: MultiPaxosState,
  { electionTimeout, acceptQuorum }: MultiPaxosSettings,
  ctx: PaxosContext,
): boolean {
  const since = ctx.clock.monotonic - electionTimeout;
  if (state.leaderSince >= since) return true;
  let reached = 1;
  for (const id of Object.keys(state.peers)) if ((state.peers[id]?.heardFrom ?? -1) >= since) reached++;
  return reached >= acceptQuorum;
}

/** A leader that is obeyed, or a server that has heard from one lately, does not help to depose it. */
export function isLoyal(state: MultiPaxosState, settings: MultiPaxosSettings, ctx: PaxosContext): boolean {
  if (state.role === 'leader') return reachesQuorum(state, settings, ctx);
  return state.heardAt !== null && ctx.clock.monotonic - state.heardAt < settings.electionTimeout;
}
