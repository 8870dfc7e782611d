/** The leader: phase 2 alone, slot by slot, while its ballot is the highest ("Paxos made simple", §3), and its pulse. */
import { copyOf, type Flow } from '../../../sim/index.ts';
import { applyChosen, askForChosen, learn, noteChosen } from './learning.ts';
import { refuse } from './accepting.ts';
import type { Accepted, Alive, Heartbeat, Proposal } from './multi-paxos-protocol.ts';
import { PROGRESS, type MultiPaxosState, type PaxosContext } from './multi-paxos-state.ts';
import { becomeFollower, follow, reachesQuorum } from './roles.ts';
import { nodeNamed, type MultiPaxosSettings } from './settings.ts';
import { slotAt, type Slot } from './slots.ts';
import { onDisk, writeVote } from './storage.ts';
import { tellsVote } from './telling.ts';

/** Proposes a command in the next free slot, which is returned. Throws CallError when the disk is full. */
export function propose(
  state: MultiPaxosState,
  content: Proposal['content'],
  settings: MultiPaxosSettings,
  ctx: PaxosContext,
): number {
  const slot = state.nextSlot;
  proposeAt(state, [{ slot, content }], settings, ctx);
  return slot;
}

/** Phase 2a. Its own disk and the others' work at the same time. Throws CallError when the disk is full. */
export function proposeAt(
  state: MultiPaxosState,
  proposals: readonly Proposal[],
  settings: MultiPaxosSettings,
  ctx: PaxosContext,
): void {
  const { ballot } = state;
  for (const { slot, content } of proposals) {
    writeVote(state, slot, { ballot, content }, ctx);
    state.nextSlot = Math.max(state.nextSlot, slot + 1);
    state.pending[slot] = { acceptors: [], sentAt: ctx.clock.monotonic };
  }
  if (proposals.length === 0) return;
  const slots = proposals.map(({ slot }) => slot);
  ctx.spawn(ownVotes(ballot, slots, settings, ctx));
  for (const { id } of settings.nodes) if (id !== ctx.self.id) sendProposals(state, id, proposals, settings, ctx);
}

function sendProposals(
  { ballot, appliedTo: chosenTo }: MultiPaxosState,
  to: string,
  proposals: readonly Proposal[],
  settings: MultiPaxosSettings,
  ctx: PaxosContext,
): void {
  for (let i = 0; i < proposals.length; i += settings.batch) {
    const some = copyOf(proposals.slice(i, i + settings.batch));
    const message = { from: ctx.self.id, ballot, proposals: some, chosenTo };
    ctx.send(nodeNamed(settings, to), 'accept', message, { sizeBytes: 128 + 96 * some.length });
  }
}

/** The leader's own votes count once they are on its disk. */
function* ownVotes(ballot: number, slots: readonly number[], settings: MultiPaxosSettings, ctx: PaxosContext): Flow {
  yield* onDisk(settings, ctx);
  ctx.update((state) => {
    if (state.role !== 'leader' || ballot !== state.ballot) return;
    for (const slot of slots) {
      const vote = slotAt(state.log, slot)?.vote ?? null;
      if (vote !== null) tellsVote(state, slot, vote, ctx);
    }
    onAccepted(state, { from: ctx.self.id, ballot, slots }, settings, ctx);
  });
}

/** Phase 2b comes in: what a quorum has accepted in one ballot is chosen (§2.2). */
export function onAccepted(
  state: MultiPaxosState,
  { from, ballot, slots }: Accepted,
  settings: MultiPaxosSettings,
  ctx: PaxosContext,
): void {
  if (state.role !== 'leader' || ballot !== state.ballot) return;
  for (const slot of slots) {
    const acceptors = state.pending[slot]?.acceptors;
    if (acceptors === undefined || acceptors.includes(from)) continue;
    acceptors.push(from);
    if (acceptors.length < settings.acceptQuorum) continue;
    const { vote } = slotAt(state.log, slot) as Slot;
    if (vote !== null) learn(state, slot, vote.content, ctx);
  }
  applyChosen(state, settings, ctx);
}

/** The leader's timer. One that those who can accept do not answer gives the office up, so that its clients look elsewhere. */
export function onPulse(state: MultiPaxosState, settings: MultiPaxosSettings, ctx: PaxosContext): void {
  if (state.role !== 'leader') return;
  if (settings.canvass && !reachesQuorum(state, settings, ctx)) {
    ctx.note('no quorum has answered for an election timeout');
    becomeFollower(state, '', settings, ctx);
    return;
  }
  ctx.setTimer('heartbeat', settings.heartbeat);
  sendAgain(state, settings, ctx);
  heartbeatAll(state, settings, ctx);
  ctx.signal(PROGRESS);
}

/** Proposals that have waited for half an election timeout go out again, to those who have not accepted them. */
function sendAgain(state: MultiPaxosState, settings: MultiPaxosSettings, ctx: PaxosContext): void {
  const now = ctx.clock.monotonic;
  const due: number[] = [];
  for (const slot of Object.keys(state.pending).map(Number)) {
    const pending = state.pending[slot];
    if (pending === undefined || now - pending.sentAt < settings.electionTimeout / 2) continue;
    pending.sentAt = now;
    due.push(slot);
  }
  if (due.length === 0) return;
  for (const { id } of settings.nodes) {
    if (id === ctx.self.id) continue;
    const proposals = due
      .filter((slot) => state.pending[slot]?.acceptors.includes(id) === false)
      .flatMap((slot) => {
        const vote = slotAt(state.log, slot)?.vote ?? null;
        return vote === null ? [] : [{ slot, content: vote.content }];
      });
    sendProposals(state, id, proposals, settings, ctx);
  }
}

/** A new round of heartbeats: who answers has promised no higher ballot. */
export function heartbeatAll(state: MultiPaxosState, settings: MultiPaxosSettings, ctx: PaxosContext): void {
  state.round++;
  state.roundWanted = false;
  const { ballot, round, appliedTo: chosenTo } = state;
  const message = { from: ctx.self.id, ballot, chosenTo, round, sentAt: ctx.clock.monotonic };
  for (const node of settings.nodes)
    if (node.id !== ctx.self.id) ctx.send(node, 'heartbeat', message, { sizeBytes: 128 });
}

/** A sign of life from a leader. */
export function onHeartbeat(
  state: MultiPaxosState,
  message: Heartbeat,
  settings: MultiPaxosSettings,
  ctx: PaxosContext,
): void {
  if (state.broken !== '') return;
  const { from, ballot, chosenTo, round, sentAt } = message;
  state.seen = Math.max(state.seen, ballot);
  if (ballot < state.promised) {
    refuse(state, from, ballot, settings, ctx);
    return;
  }
  follow(state, from, settings, ctx);
  noteChosen(state, ballot, chosenTo, settings, ctx);
  if (state.appliedTo < chosenTo) askForChosen(state, from, settings, ctx);
  ctx.send(nodeNamed(settings, from), 'alive', { from: ctx.self.id, ballot, round, sentAt }, { sizeBytes: 128 });
}

export function onAlive(state: MultiPaxosState, message: Alive, settings: MultiPaxosSettings, ctx: PaxosContext): void {
  const { from, ballot, round, sentAt } = message;
  const peer = state.peers[from];
  if (state.role !== 'leader' || ballot !== state.ballot || peer === undefined) return;
  peer.round = Math.max(peer.round, round);
  peer.heardFrom = Math.max(peer.heardFrom ?? sentAt, sentAt);
  if (!roundDone(state, state.round, settings)) return;
  ctx.signal(PROGRESS);
  if (state.roundWanted) heartbeatAll(state, settings, ctx);
}

/**
 * Whether as many as a quorum of phase 2 have answered heartbeats of `round` or later. Any other leader has the promises of a quorum of
 * phase 1, which has one of them in it (Flexible Paxos, §3): so none could have been elected before the round began.
 */
export function roundDone({ peers }: MultiPaxosState, round: number, { acceptQuorum }: MultiPaxosSettings): boolean {
  let answered = 1;
  for (const id of Object.keys(peers)) if ((peers[id]?.round ?? 0) >= round) answered++;
  return answered >= acceptQuorum;
}
