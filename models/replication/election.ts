/** Who becomes primary: by silence (naive), or by the votes of a majority. */
import { reject, type Flow } from '../../sim/index.ts';
import { unlessDiskFull } from '../durability/unless-disk-full.ts';
import { advanceCommit, appendToAll, unknownProgress } from './log-shipping.ts';
import { peerNamed, type ReplicaSettings, type Vote, type VoteRequest } from './replica-protocol.ts';
import { awaitPrimary, becomeReplica, followTerm, holdsLease, onDisk, PROGRESS } from './replica-role.ts';
import { enterTerm, type ReplicaContext, type ReplicaState } from './replica-state.ts';
import { appendCommand, atLeastAsRecent, termAt } from './replicated-log.ts';

/** No primary has been heard for too long. */
export function onSilence(state: ReplicaState, settings: ReplicaSettings, ctx: ReplicaContext): void {
  awaitPrimary(state, settings, ctx);
  if (state.broken || state.role === 'primary') return;
  state.primary = '';
  // A full disk holds neither a term nor a vote.
  unlessDiskFull(() => {
    if (settings.failover === 'operator') {
      if (state.term === 0 && settings.nodes[0]?.id === ctx.self.id) ctx.spawn(beginAsPrimary(1, settings, ctx));
    } else if (settings.failover === 'naive') {
      enterTerm(state, state.term + 1, ctx.self.id, ctx);
      becomePrimary(state, settings, ctx);
    } else {
      askWhetherToStand(state, settings, ctx);
    }
  });
}

/** Pre-vote: a node that cannot win must not make the others leave their term (Ongaro's thesis, 2014, §9.6). */
function askWhetherToStand(state: ReplicaState, settings: ReplicaSettings, ctx: ReplicaContext): void {
  state.role = 'candidate';
  state.trial = true;
  state.votes = [ctx.self.id];
  ctx.note(`hears no primary: asks whether it could win term ${state.term + 1}`);
  if (settings.majority === 1) stand(state, settings, ctx);
  else askAll(state, state.term + 1, true, settings, ctx);
}

function stand(state: ReplicaState, settings: ReplicaSettings, ctx: ReplicaContext): void {
  enterTerm(state, state.term + 1, ctx.self.id, ctx);
  state.trial = false;
  state.votes = [ctx.self.id];
  state.stoodAt = ctx.clock.monotonic;
  ctx.note(`stands for term ${state.term}`);
  awaitPrimary(state, settings, ctx);
  ctx.spawn(campaign(state.term, settings, ctx));
}

/** Asks for votes once its own is on disk. */
function* campaign(term: number, settings: ReplicaSettings, ctx: ReplicaContext): Flow {
  yield* onDisk(settings, ctx);
  ctx.update((state) => {
    if (state.role !== 'candidate' || state.trial || state.term !== term) return;
    if (settings.majority === 1) becomePrimary(state, settings, ctx);
    else askAll(state, term, false, settings, ctx);
  });
}

function askAll(
  state: ReplicaState,
  term: number,
  trial: boolean,
  settings: ReplicaSettings,
  ctx: ReplicaContext,
): void {
  const last = { index: state.log.length, term: termAt(state.log, state.log.length) };
  for (const node of settings.nodes) {
    if (node.id !== ctx.self.id) ctx.send(node, 'askVote', { candidate: ctx.self.id, term, last, trial });
  }
}

/** A candidate asks for this node's vote. */
export function onAskVote(
  state: ReplicaState,
  request: VoteRequest,
  settings: ReplicaSettings,
  ctx: ReplicaContext,
): void {
  if (state.broken) return;
  const { candidate, term, last, trial } = request;
  // Whoever has a primary does not help to depose it: the primary's lease rests on this.
  const loyal =
    state.role === 'primary'
      ? holdsLease(state, settings, ctx)
      : ctx.clock.monotonic - state.heardAt < settings.electionTimeout;
  if (!loyal && !trial && term > state.term) followTerm(state, term, settings, ctx);
  const eligible = !loyal && atLeastAsRecent(last, state.log);
  if (trial) {
    castVote(state, request, eligible && term > state.term, settings, ctx);
    return;
  }
  const free = state.votedFor === '' || state.votedFor === candidate;
  const granted = eligible && term === state.term && free && state.role !== 'primary';
  if (granted) {
    if (state.votedFor === '') enterTerm(state, term, candidate, ctx);
    state.heardAt = ctx.clock.monotonic;
    becomeReplica(state, '', settings, ctx);
  }
  ctx.spawn(castDurably(request, granted, settings, ctx));
}

/** A vote that is not durable is no vote. */
function* castDurably(request: VoteRequest, granted: boolean, settings: ReplicaSettings, ctx: ReplicaContext): Flow {
  yield* onDisk(settings, ctx);
  const state = ctx.state;
  castVote(state, request, granted && state.term === request.term, settings, ctx);
}

function castVote(
  state: ReplicaState,
  request: VoteRequest,
  granted: boolean,
  settings: ReplicaSettings,
  ctx: ReplicaContext,
): void {
  const { candidate, term, trial } = request;
  const vote: Vote = { from: ctx.self.id, asked: term, term: state.term, granted, trial };
  ctx.send(peerNamed(settings, candidate), 'voted', vote);
}

/** A vote, or a refusal, comes in. */
export function onVoted(state: ReplicaState, vote: Vote, settings: ReplicaSettings, ctx: ReplicaContext): void {
  if (state.broken) return;
  if (vote.term > state.term) {
    followTerm(state, vote.term, settings, ctx);
    return;
  }
  const wanted = state.trial ? state.term + 1 : state.term;
  if (state.role !== 'candidate' || vote.trial !== state.trial || vote.asked !== wanted || !vote.granted) return;
  if (!state.votes.includes(vote.from)) state.votes.push(vote.from);
  if (state.votes.length < settings.majority) return;
  if (state.trial) stand(state, settings, ctx);
  else becomePrimary(state, settings, ctx);
}

/** Primary of a term that is this node's alone to have. Only once, and known to its disk first: two lives of one term would mix their logs. */
export function* beginAsPrimary(term: number, settings: ReplicaSettings, ctx: ReplicaContext): Flow {
  const { id } = ctx.self;
  ctx.update((state) => {
    if (state.term > term || (state.term === term && state.votedFor === id))
      throw reject('superseded', `${id} is in term ${state.term}`, { term: state.term });
    if (state.term < term) followTerm(state, term, settings, ctx);
    enterTerm(state, term, id, ctx);
  });
  yield* onDisk(settings, ctx);
  ctx.update((state) => {
    if (state.term === term && state.role !== 'primary' && !state.broken) becomePrimary(state, settings, ctx);
  });
}

function becomePrimary(state: ReplicaState, settings: ReplicaSettings, ctx: ReplicaContext): void {
  state.role = 'primary';
  state.primary = ctx.self.id;
  state.trial = false;
  state.durable = 0;
  state.peers = {};
  for (const { id } of settings.nodes) {
    if (id === ctx.self.id) continue;
    const progress = unknownProgress(state);
    // Its voters have promised, when asked, to follow nobody else for an election timeout.
    if (state.votes.includes(id)) progress.heardFrom = state.stoodAt;
    state.peers[id] = progress;
  }
  ctx.cancelTimer('election');
  ctx.setTimer('heartbeat', settings.heartbeat);
  ctx.note(`is primary of term ${state.term}`);
  ctx.count('elections');
  // An entry of its own term: once that is committed, so is all that came before it.
  state.termStart = appendCommand(state, undefined, ctx);
  appendToAll(state, settings, ctx);
  ctx.spawn(ownEntriesDurable(state.term, state.termStart, settings, ctx));
}

/** Counts the primary's own disk once its log is on it. A term's primary never cuts its log, so `index` stays right. */
export function* ownEntriesDurable(term: number, index: number, settings: ReplicaSettings, ctx: ReplicaContext): Flow {
  yield* onDisk(settings, ctx);
  ctx.update((state) => {
    if (state.role !== 'primary' || state.term !== term) return;
    state.durable = Math.max(state.durable, index);
    advanceCommit(state, settings, ctx);
  });
}

/** A primary's pulse. One that has lost its majority steps down, so that its clients look elsewhere. */
export function onHeartbeat(state: ReplicaState, settings: ReplicaSettings, ctx: ReplicaContext): void {
  if (state.role !== 'primary') return;
  if (settings.failover !== 'naive' && settings.failover !== 'operator' && !holdsLease(state, settings, ctx)) {
    ctx.note(`no majority has answered for a lease: steps down in term ${state.term}`);
    becomeReplica(state, '', settings, ctx);
    return;
  }
  ctx.setTimer('heartbeat', settings.heartbeat);
  appendToAll(state, settings, ctx);
  // Replicas may have fallen silent: what waits for those that live may go on.
  advanceCommit(state, settings, ctx);
  ctx.signal(PROGRESS);
}
