/** Shipping the log: the primary's appends, the replicas' answers, and when an entry counts as committed. */
import { copyOf, type Flow } from '../../sim/index.ts';
import { commitTo, retreat, takeOver, termAt } from './replicated-log.ts';
import { peerNamed, type Append, type Appended, type ReplicaSettings } from './replica-protocol.ts';
import { reachedBy } from './reached-by.ts';
import { becomeReplica, followTerm, NEVER_HEARD, onDisk, PROGRESS } from './replica-role.ts';
import type { Progress, ReplicaContext, ReplicaState } from './replica-state.ts';

/** Sends each replica what it lacks, or an empty append: a heartbeat. */
export function appendToAll(state: ReplicaState, settings: ReplicaSettings, ctx: ReplicaContext): void {
  state.round++;
  for (const node of settings.nodes) if (node.id !== ctx.self.id) appendTo(state, node.id, settings, ctx);
}

/** `isProbe`: whether the replica will agree is not known. */
function appendTo(
  state: ReplicaState,
  id: string,
  settings: ReplicaSettings,
  ctx: ReplicaContext,
  isProbe = false,
): void {
  const peer = state.peers[id];
  if (peer === undefined) return;
  const node = peerNamed(settings, id);
  const first = peer.next;
  const entries = first > state.log.length ? [] : copyOf(state.log.slice(first - 1, first - 1 + settings.batch));
  ctx.send(node, 'append', {
    term: state.term,
    primary: ctx.self.id,
    previous: { index: first - 1, term: termAt(state.log, first - 1) },
    entries,
    commit: state.commit,
    round: state.round,
    sentAt: ctx.clock.monotonic,
  });
  // Taken for granted until an answer says otherwise: what is on its way is not sent twice.
  if (!isProbe) peer.next = first + entries.length;
}

/** A replica is told of entries, or that its primary lives. */
export function onAppend(state: ReplicaState, message: Append, settings: ReplicaSettings, ctx: ReplicaContext): void {
  if (state.broken) return;
  const stale = isStale(state, message, settings, ctx);
  // Without fencing a replica takes what it is sent by whoever was primary when it was sent.
  if (stale && (settings.failover !== 'quorum' || state.role === 'primary')) {
    answer(state, message, undefined, settings, ctx);
    return;
  }
  if (!stale) {
    if (message.term > state.term) followTerm(state, message.term, settings, ctx);
    becomeReplica(state, message.primary, settings, ctx);
    state.heardAt = ctx.clock.monotonic;
  }
  const matched = takeOver(state, message.previous, message.entries, ctx);
  if (matched === undefined) {
    answer(state, message, undefined, settings, ctx);
    return;
  }
  commitTo(state, Math.min(message.commit, matched));
  ctx.spawn(confirm(message, matched, settings, ctx));
}

/** From an earlier primary; among naive primaries of one term the first in rank wins. */
function isStale(state: ReplicaState, message: Append, settings: ReplicaSettings, ctx: ReplicaContext): boolean {
  if (message.term !== state.term || state.role !== 'primary') return message.term < state.term;
  const rank = (id: string): number => settings.nodes.findIndex((node) => node.id === id);
  return settings.failover !== 'naive' || rank(message.primary) > rank(ctx.self.id);
}

/** Answers once the entries are on disk, unless a later term has begun meanwhile. */
function* confirm(message: Append, matched: number, settings: ReplicaSettings, ctx: ReplicaContext): Flow {
  yield* onDisk(settings, ctx);
  const state = ctx.state;
  if (state.term === message.term || settings.failover === 'quorum') answer(state, message, matched, settings, ctx);
}

function answer(
  state: ReplicaState,
  message: Append,
  matched: number | undefined,
  settings: ReplicaSettings,
  ctx: ReplicaContext,
): void {
  const { primary, term, round, sentAt, previous } = message;
  const reply: Appended = {
    from: ctx.self.id,
    asked: term,
    term: matched === undefined ? state.term : term,
    round,
    sentAt,
    matched,
    retreat: matched === undefined ? retreat(state.log, previous.index) : 0,
  };
  ctx.send(peerNamed(settings, primary), 'appended', reply);
}

/** The primary hears how far a replica has come. */
export function onAppended(
  state: ReplicaState,
  message: Appended,
  settings: ReplicaSettings,
  ctx: ReplicaContext,
): void {
  if (state.broken) return;
  if (message.term > state.term) {
    followTerm(state, message.term, settings, ctx);
    return;
  }
  const peer = state.peers[message.from];
  if (state.role !== 'primary' || message.asked !== state.term || peer === undefined) return;
  peer.round = Math.max(peer.round, message.round);
  peer.heardFrom = Math.max(peer.heardFrom, message.sentAt);
  if (message.matched === undefined) {
    // Below `matched` when a replica has less than it once confirmed: a lying disk, or no fencing. Then it is sent that again.
    peer.matched = Math.min(peer.matched, message.retreat);
    // Copies of one refusal, and refusals of what was sent before it was known, say nothing new: each append that answered one of
    // them would be refused and copied in turn. The next heartbeat asks again.
    if (message.retreat + 1 < peer.next) {
      peer.next = message.retreat + 1;
      appendTo(state, message.from, settings, ctx, true);
    }
  } else {
    // Beyond its own log when a naive primary has forgotten a term in a crash and begun it again: it has no such entries.
    peer.matched = Math.max(peer.matched, Math.min(message.matched, state.log.length));
    peer.next = Math.max(peer.next, peer.matched + 1);
    if (peer.next <= state.log.length) appendTo(state, message.from, settings, ctx);
  }
  advanceCommit(state, settings, ctx);
  ctx.signal(PROGRESS);
}

/** Commits what may be acknowledged by now. */
export function advanceCommit(state: ReplicaState, settings: ReplicaSettings, ctx: ReplicaContext): void {
  if (state.commit >= state.log.length) return;
  const index = Math.min(committable(state, settings, ctx), state.log.length);
  if (index <= state.commit) return;
  // Only an entry of its own term is committed by counting; those before it follow (Raft §5.4.2).
  if (settings.failover !== 'naive' && termAt(state.log, index) !== state.term) return;
  commitTo(state, index);
  ctx.signal(PROGRESS);
}

function committable(state: ReplicaState, settings: ReplicaSettings, ctx: ReplicaContext): number {
  if (settings.replication === 'async') return state.durable;
  const peers = Object.values(state.peers);
  const reached = [state.durable];
  if (settings.failover === 'naive' && settings.replication === 'sync') {
    const since = ctx.clock.monotonic - settings.electionTimeout;
    for (const peer of peers) if (peer.heardFrom !== NEVER_HEARD && peer.heardFrom >= since) reached.push(peer.matched);
    return Math.min(...reached);
  }
  for (const peer of peers) reached.push(peer.matched);
  if (settings.replication === 'semi-sync') return reachedBy(Math.min(2, settings.nodes.length), reached);
  return reachedBy(settings.majority, reached);
}

/** What a new primary knows of a replica: nothing yet. */
export const unknownProgress = (state: ReplicaState): Progress => ({
  next: state.log.length + 1,
  matched: 0,
  round: 0,
  heardFrom: NEVER_HEARD,
});
