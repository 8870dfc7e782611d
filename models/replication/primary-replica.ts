/**
 * Primary-replica: one node, the primary, orders all updates in a log and ships it to its replicas; it answers all reads.
 *
 * When the primary falls silent another node takes over. Four policies:
 *
 * - `naive`: a replica that has heard nothing for the election timeout makes itself primary. Silence may be the network's, and
 *   then there are two primaries that both acknowledge. When they meet again the later term wins and the other one cuts off
 *   whatever it has acknowledged on its own. This is the split brain of asynchronous replication with automatic failover.
 * - `quorum`: a new primary needs the votes of a majority, and voters stay loyal to a primary that they have heard recently; a
 *   primary that has not heard from a majority for a lease steps down, and answers reads on the strength of its lease alone.
 *   Right as long as clocks drift little and no message is older than the margin between lease and election timeout: replicas
 *   do not look at the term of what they are sent.
 * - `fenced`: in addition every append carries its term as a fencing token and replicas refuse older ones; an update is
 *   acknowledged when it is on a majority of disks in the term of its primary; a read waits until a majority has confirmed the
 *   primary after it was asked (read-index). Right whatever clocks and messages do; time matters only for progress.
 * - `operator`: no node promotes itself; somebody outside does, on a schedule or when nobody serves (failover-operator.ts). Terms fence
 *   as above, but a primary does not step down by itself, and answers reads unasked: those may be stale while it is cut off.
 *
 * `fenced` is Raft without snapshots and membership change (Ongaro and Ousterhout, "In Search of an Understandable Consensus
 * Algorithm", USENIX ATC 2014): terms, one durable vote a term, votes for logs at least as recent only, matching by index and
 * term, commitment of own-term entries by majority. Under crashes that lose unsynced writes, partitions of any shape, loss,
 * duplication, reordering, pauses and drift it stays linearizable, with f of 2f + 1 nodes down it goes on. It does not survive
 * disks that lose what they have confirmed on a majority. Updates carry (session, number) and are applied once (§8).
 */
import { copyOf, defineActor, reject, type Actor, type Flow } from '../../sim/index.ts';
import type { Command, ReadReply, ReadRequest, UpdateReply } from './command.ts';
import { onAskVote, onHeartbeat, onSilence, onVoted, ownEntriesDurable } from './election.ts';
import { appendToAll, onAppend, onAppended } from './log-shipping.ts';
import { servedByLeader } from './passing-on.ts';
import {
  replicaSettings,
  type PrimaryReplicaOptions,
  type ReplicaProtocol,
  type ReplicaSettings,
} from './replica-protocol.ts';
import { fence, promote, statusOf } from './promotion.ts';
import { awaitPrimary, holdsLease, PROGRESS } from './replica-role.ts';
import { freshState, recoveredState, type ReplicaContext, type ReplicaState } from './replica-state.ts';
import { appendCommand } from './replicated-log.ts';
import { untilSignalled } from './until-signal.ts';

/** One node of the group. All nodes are given the same actor. Throws ConfigError naming the option. */
export function primaryReplica(options: PrimaryReplicaOptions): Actor<ReplicaState, ReplicaProtocol> {
  const settings = replicaSettings(options);
  const byPrimary = servedByLeader(settings.nodes, settings.patience, otherPrimary);
  return defineActor<ReplicaState, ReplicaProtocol>({
    role: 'replica',
    init: freshState,
    recover: recoveredState,
    start(state, ctx) {
      // It may have promised its vote before it crashed: it waits that out.
      state.heardAt = ctx.clock.monotonic;
      awaitPrimary(state, settings, ctx);
    },
    on: {
      append: (state, message, ctx) => onAppend(state, message, settings, ctx),
      appended: (state, message, ctx) => onAppended(state, message, settings, ctx),
      askVote: (state, message, ctx) => onAskVote(state, message, settings, ctx),
      voted: (state, message, ctx) => onVoted(state, message, settings, ctx),
      status: (state, _request, ctx) => statusOf(state, settings, ctx),
    },
    flows: {
      read: (request, ctx) => byPrimary('read', request, ctx, (own) => read(own, settings, ctx)),
      update: (request, ctx) => byPrimary('update', request, ctx, (own) => update(own, settings, ctx)),
      fence: ({ term }, ctx) => fence(term, settings, ctx),
      promote: ({ term }, ctx) => promote(term, settings, ctx),
    },
    timers: {
      election: (state, ctx) => onSilence(state, settings, ctx),
      heartbeat: (state, ctx) => onHeartbeat(state, settings, ctx),
    },
    phase: (state) => (state.broken ? 'broken' : state.role),
  });
}

const otherPrimary = ({ role, primary }: ReplicaState): string => (role === 'primary' ? '' : primary);

/** Refuses unless this node is the primary, by its own lights. */
function mustBePrimary(state: ReplicaState, settings: ReplicaSettings, ctx: ReplicaContext): void {
  const inOffice = state.role === 'primary' && (settings.failover !== 'quorum' || holdsLease(state, settings, ctx));
  if (inOffice) return;
  const primary = state.role === 'primary' ? '' : state.primary;
  throw reject('not-primary', `${ctx.self.id} is not primary`, { primary });
}

function* read({ key }: ReadRequest, settings: ReplicaSettings, ctx: ReplicaContext): Flow<ReadReply> {
  if (settings.failover === 'fenced') yield* confirmed(settings, ctx);
  else trusted(ctx.state, settings, ctx);
  return { value: copyOf(ctx.state.store.values[key] ?? null) };
}

/** Answers from its own state, unasked: right only while nobody else is primary. */
function trusted(state: ReplicaState, settings: ReplicaSettings, ctx: ReplicaContext): void {
  mustBePrimary(state, settings, ctx);
  const catchingUp = settings.failover !== 'naive' && state.commit < state.termStart;
  if (catchingUp) throw reject('not-ready', `${ctx.self.id} is catching up`);
}

/** Read-index: waits until a majority has confirmed, after the read began, that this is still the primary (thesis, §6.4). */
function* confirmed(settings: ReplicaSettings, ctx: ReplicaContext): Flow {
  const { term, round, index } = ctx.update((state) => {
    mustBePrimary(state, settings, ctx);
    appendToAll(state, settings, ctx);
    return { term: state.term, round: state.round, index: Math.max(state.commit, state.termStart) };
  });
  yield* until(ctx, settings, term, false, (state) => {
    const confirming = 1 + Object.values(state.peers).filter((peer) => peer.round >= round).length;
    return confirming >= settings.majority && state.commit >= index;
  });
}

/** Appends, ships, and answers once the entry is committed. */
function* update(command: Command, settings: ReplicaSettings, ctx: ReplicaContext): Flow<UpdateReply> {
  const entry = ctx.update((state) => {
    mustBePrimary(state, settings, ctx);
    if ((state.store.sessions[command.session]?.seq ?? 0) >= command.seq) return undefined;
    const index = appendCommand(state, command, ctx);
    appendToAll(state, settings, ctx);
    return { term: state.term, index };
  });
  if (entry !== undefined) {
    yield* ownEntriesDurable(entry.term, entry.index, settings, ctx);
    yield* until(ctx, settings, entry.term, true, (state) => state.commit >= entry.index);
  }
  return ctx.update((state) => {
    state.acknowledged++;
    const last = state.store.sessions[command.session];
    return { applied: last === undefined || last.seq !== command.seq || last.applied };
  });
}

/** Waits until `reached`. Refuses when the office ends or patience runs out; with `begun` the effect is then unknown. */
function* until(
  ctx: ReplicaContext,
  settings: ReplicaSettings,
  term: number,
  begun: boolean,
  reached: (state: ReplicaState) => boolean,
): Flow {
  const refusal = { code: 'not-replicated', what: 'gave up waiting for its replicas' };
  yield* untilSignalled({ signal: PROGRESS, patience: settings.patience, effect: begun, refusal }, ctx, (state) => {
    if (state.role !== 'primary' || state.term !== term) {
      const what = `${ctx.self.id} is primary of term ${term} no more`;
      throw reject('not-primary', what, { primary: state.primary }, !begun);
    }
    return reached(state);
  });
}
