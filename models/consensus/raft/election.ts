/** Leader election (paper §5.2, §5.4.1), with pre-vote (dissertation §9.6) and loyalty to a living leader (§4.2.3, §6.2). */
import type { Flow } from '../../../sim/index.ts';
import { unlessDiskFull } from '../../durability/unless-disk-full.ts';
import { awaitLeader } from '../election-timing.ts';
import { isQuorum, isVoter, membersOf } from './configuration.ts';
import { appendAsLeader, advanceCommit } from './leading.ts';
import { upToDate } from './raft-log.ts';
import type { TimeoutNow, Vote, VoteRequest } from './raft-protocol.ts';
import { configurationOf, type RaftContext, type RaftState } from './raft-state.ts';
import { becomeFollower, followTerm, PROGRESS, reachesQuorum } from './roles.ts';
import { nodeNamed, type RaftSettings } from './settings.ts';
import { heartbeatAll, keepBooks } from './shipping.ts';
import { enterTerm, onDisk, votingPlace } from './storage.ts';

/** No leader has been heard for an election timeout. */
export function onElectionTimeout(state: RaftState, settings: RaftSettings, ctx: RaftContext): void {
  awaitLeader(settings, ctx);
  if (state.role === 'leader' || !mayStand(state, ctx)) return;
  state.leader = '';
  unlessDiskFull(() => {
    if (settings.preVote) askWhetherToStand(state, settings, ctx);
    else stand(state, false, settings, ctx);
  });
}

/** Only voters stand; and nobody does whose log is not what it once was. */
const mayStand = (state: RaftState, ctx: RaftContext): boolean =>
  state.broken === '' && state.lost === null && isVoter(configurationOf(state), ctx.self.id);

/** Pre-vote: who cannot win does not make the others leave their term (dissertation §9.6). */
function askWhetherToStand(state: RaftState, settings: RaftSettings, ctx: RaftContext): void {
  state.role = 'precandidate';
  state.votes = [ctx.self.id];
  ctx.note(`hears no leader: asks whether it could win term ${state.term + 1}`);
  if (hasWon(state)) stand(state, false, settings, ctx);
  else askAll(state, state.term + 1, true, false, settings, ctx);
}

/** Enters a new term and votes for itself (paper §5.2). */
function stand(state: RaftState, transfer: boolean, settings: RaftSettings, ctx: RaftContext): void {
  enterTerm(state, state.term + 1, ctx.self.id, settings, ctx);
  state.role = 'candidate';
  state.leader = '';
  state.votes = [];
  ctx.note(`stands for term ${state.term}`);
  awaitLeader(settings, ctx);
  ctx.spawn(campaign(state.term, transfer, settings, ctx));
}

/** Its own vote counts, and is told, once it is durable. */
function* campaign(term: number, transfer: boolean, settings: RaftSettings, ctx: RaftContext): Flow {
  yield* onDisk(settings, ctx);
  ctx.update((state) => {
    if (state.role !== 'candidate' || state.term !== term) return;
    state.votes.push(ctx.self.id);
    if (hasWon(state)) becomeLeader(state, settings, ctx);
    else askAll(state, term, false, transfer, settings, ctx);
  });
}

const hasWon = (state: RaftState): boolean => isQuorum(configurationOf(state), (id) => state.votes.includes(id));

function askAll(
  state: RaftState,
  term: number,
  trial: boolean,
  transfer: boolean,
  settings: RaftSettings,
  ctx: RaftContext,
): void {
  const { index, term: lastTerm } = votingPlace(state);
  const configuration = configurationOf(state);
  for (const id of membersOf(configuration)) {
    if (id === ctx.self.id || !isVoter(configuration, id)) continue;
    const request = { candidate: ctx.self.id, term, last: { index, term: lastTerm }, trial, transfer };
    ctx.send(nodeNamed(settings, id), 'requestVote', request);
  }
}

/** A leader that a quorum follows, or a follower that has heard from its leader lately, does not help to depose it. */
function isLoyal(
  state: RaftState,
  { trial, transfer }: VoteRequest,
  settings: RaftSettings,
  ctx: RaftContext,
): boolean {
  if (transfer || !(settings.checkQuorum || trial)) return false;
  if (state.role === 'leader') return !settings.checkQuorum || reachesQuorum(state, settings, ctx);
  return state.heardAt !== null && ctx.clock.monotonic - state.heardAt < settings.electionTimeout;
}

/** A candidate asks for this server's vote. Members or not, who is asked votes: the asker counts only voters. */
export function onRequestVote(state: RaftState, request: VoteRequest, settings: RaftSettings, ctx: RaftContext): void {
  if (state.broken !== '') return;
  const { candidate, term, last, trial } = request;
  const loyal = isLoyal(state, request, settings, ctx);
  if (!loyal && !trial && term > state.term) followTerm(state, term, settings, ctx);
  // The voter denies its vote if its own log is more up to date (paper §5.4.1).
  const eligible = !loyal && upToDate(last, votingPlace(state));
  if (trial) {
    tellVote(state, request, eligible && term > state.term, settings, ctx);
    return;
  }
  const free = state.votedFor === null || state.votedFor === candidate;
  const granted = eligible && term === state.term && free && state.role === 'follower';
  if (granted) {
    if (state.votedFor === null) enterTerm(state, term, candidate, settings, ctx);
    awaitLeader(settings, ctx);
  }
  if (ctx.disk.unsynced === 0) tellVote(state, request, granted, settings, ctx);
  else ctx.spawn(tellDurably(request, granted, settings, ctx));
}

/** A vote that is not durable is no vote. */
function* tellDurably(request: VoteRequest, granted: boolean, settings: RaftSettings, ctx: RaftContext): Flow {
  yield* onDisk(settings, ctx);
  const { state } = ctx;
  if (state.broken === '') tellVote(state, request, granted && state.term === request.term, settings, ctx);
}

function tellVote(
  state: RaftState,
  { candidate, term: asked, trial }: VoteRequest,
  granted: boolean,
  settings: RaftSettings,
  ctx: RaftContext,
): void {
  const vote: Vote = { from: ctx.self.id, asked, term: state.term, granted, trial };
  ctx.send(nodeNamed(settings, candidate), 'vote', vote);
}

/** A vote, or a refusal, comes in. */
export function onVote(state: RaftState, vote: Vote, settings: RaftSettings, ctx: RaftContext): void {
  if (state.broken !== '') return;
  if (vote.term > state.term && !vote.granted) {
    followTerm(state, vote.term, settings, ctx);
    return;
  }
  const [role, term] = vote.trial ? (['precandidate', state.term + 1] as const) : (['candidate', state.term] as const);
  if (state.role !== role || vote.asked !== term || !vote.granted) return;
  if (!state.votes.includes(vote.from)) state.votes.push(vote.from);
  if (!hasWon(state)) return;
  if (vote.trial) stand(state, false, settings, ctx);
  else becomeLeader(state, settings, ctx);
}

/** The leader has handed over: stands at once, and its voters need not be loyal (dissertation §3.10). */
export function onTimeoutNow(state: RaftState, { term }: TimeoutNow, settings: RaftSettings, ctx: RaftContext): void {
  if (term !== state.term || state.role === 'leader' || !mayStand(state, ctx)) return;
  stand(state, true, settings, ctx);
}

function becomeLeader(state: RaftState, settings: RaftSettings, ctx: RaftContext): void {
  // An entry of its own term: once that is committed, so is all that came before it (paper §8). First: a full disk may refuse it.
  const termStart = appendAsLeader(state, { kind: 'none' }, settings, ctx);
  state.role = 'leader';
  state.leader = ctx.self.id;
  state.termStart = termStart;
  state.leaderSince = ctx.clock.monotonic;
  state.round = 0;
  state.roundWanted = false;
  state.transferTo = '';
  state.leaseVoid = false;
  state.peers = {};
  state.incoming = null;
  keepBooks(state, ctx);
  // What the followers have is asked for from before the new entry on.
  for (const id of Object.keys(state.peers)) (state.peers[id] as RaftState['peers'][string]).next = termStart;
  ctx.cancelTimer('election');
  ctx.setTimer('heartbeat', settings.heartbeat);
  ctx.note(`is leader of term ${state.term}`);
  ctx.count('elections');
  heartbeatAll(state, settings, ctx);
}

/** The leader's pulse. One that has lost its quorum steps down, so that its clients look elsewhere (dissertation §6.2). */
export function onHeartbeat(state: RaftState, settings: RaftSettings, ctx: RaftContext): void {
  if (state.role !== 'leader') return;
  if (settings.checkQuorum && !reachesQuorum(state, settings, ctx)) {
    ctx.note(`no quorum has answered for an election timeout: steps down in term ${state.term}`);
    becomeFollower(state, '', settings, ctx);
    return;
  }
  ctx.setTimer('heartbeat', settings.heartbeat);
  heartbeatAll(state, settings, ctx);
  // A change of members may have waited for room on the disk.
  advanceCommit(state, settings, ctx);
  ctx.signal(PROGRESS);
}
