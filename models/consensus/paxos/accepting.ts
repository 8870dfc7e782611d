/** The acceptor: what it promises in phase 1 and accepts in phase 2 ("Paxos made simple", §2.2), never before it is on disk (§2.5). */
import { copyOf, type Flow } from '../../../sim/index.ts';
import { awaitLeader } from '../election-timing.ts';
import { noteChosen } from './learning.ts';
import type { Accept, Prepare, Report } from './multi-paxos-protocol.ts';
import type { MultiPaxosState, PaxosContext } from './multi-paxos-state.ts';
import { becomeFollower, follow } from './roles.ts';
import { nodeNamed, type MultiPaxosSettings } from './settings.ts';
import { lastSlot, slotAt, type Slot } from './slots.ts';
import { isAllOnDisk, onDisk, writePromise, writeVote } from './storage.ts';
import { tells, tellsVote } from './telling.ts';

/** Whether this acceptor's memory is whole, so that what it reports hides nothing. */
export const mayPromise = ({ broken, lostTo }: MultiPaxosState): boolean => broken === '' && lostTo === 0;

/** Phase 1a comes in. */
export function onPrepare(
  state: MultiPaxosState,
  message: Prepare,
  settings: MultiPaxosSettings,
  ctx: PaxosContext,
): void {
  const { from, ballot } = message;
  if (!mayPromise(state)) return;
  state.seen = Math.max(state.seen, ballot);
  if (ballot < state.promised) {
    refuse(state, from, ballot, settings, ctx);
    return;
  }
  if (ballot > state.promised) {
    writePromise(state, ballot, ctx);
    becomeFollower(state, '', settings, ctx);
    awaitLeader(settings, ctx);
  }
  if (isAllOnDisk(ctx)) tellPromise(state, message, settings, ctx);
  else ctx.spawn(promiseDurably(message, settings, ctx));
}

/** A promise that is not durable is no promise (§2.5). */
function* promiseDurably(message: Prepare, settings: MultiPaxosSettings, ctx: PaxosContext): Flow {
  yield* onDisk(settings, ctx);
  ctx.update((state) => tellPromise(state, message, settings, ctx));
}

/** Phase 1b: with the promise go the votes that it has cast (§2.2, P2c), of all slots that the proposer asks about (§3). */
function tellPromise(
  state: MultiPaxosState,
  { from, ballot, slot }: Prepare,
  settings: MultiPaxosSettings,
  ctx: PaxosContext,
): void {
  // A higher ballot has come while the disk was at work.
  if (state.promised !== ballot || !mayPromise(state)) return;
  tells(state, ballot);
  const reports = reportsFrom(state, slot);
  const { base: compactedTo } = state.log;
  const sizeBytes = 128 + 96 * reports.length;
  ctx.send(nodeNamed(settings, from), 'promise', { from: ctx.self.id, ballot, reports, compactedTo }, { sizeBytes });
}

/** What this acceptor has voted for, or knows to be chosen, from `slot` on. */
export function reportsFrom({ log }: MultiPaxosState, slot: number): Report[] {
  const reports: Report[] = [];
  for (let at = Math.max(slot, log.base + 1); at <= lastSlot(log); at++) {
    const { vote, chosen } = slotAt(log, at) as Slot;
    if (chosen !== null) reports.push({ slot: at, ballot: vote?.ballot ?? 0, content: copyOf(chosen), chosen: true });
    else if (vote !== null)
      reports.push({ slot: at, ballot: vote.ballot, content: copyOf(vote.content), chosen: false });
  }
  return reports;
}

/** Phase 2a comes in: accepted unless a higher ballot has the promise (§2.2, P1a). */
export function onAccept(
  state: MultiPaxosState,
  message: Accept,
  settings: MultiPaxosSettings,
  ctx: PaxosContext,
): void {
  const { from, ballot, proposals, chosenTo } = message;
  if (state.broken !== '') return;
  state.seen = Math.max(state.seen, ballot);
  if (ballot < state.promised) {
    refuse(state, from, ballot, settings, ctx);
    return;
  }
  // To vote in a ballot is to promise it as well.
  if (ballot > state.promised) writePromise(state, ballot, ctx);
  follow(state, from, settings, ctx);
  for (const { slot, content } of proposals) {
    // What is compacted is chosen, and thus what every higher ballot proposes. A repeated proposal is the same one.
    if (slot <= state.log.base || slotAt(state.log, slot)?.vote?.ballot === ballot) continue;
    writeVote(state, slot, { ballot, content }, ctx);
  }
  noteChosen(state, ballot, chosenTo, settings, ctx);
  if (isAllOnDisk(ctx)) tellAccepted(state, message, settings, ctx);
  else ctx.spawn(acceptDurably(message, settings, ctx));
}

function* acceptDurably(message: Accept, settings: MultiPaxosSettings, ctx: PaxosContext): Flow {
  yield* onDisk(settings, ctx);
  ctx.update((state) => tellAccepted(state, message, settings, ctx));
}

/** Phase 2b. A vote stays cast, whatever has been promised since. */
function tellAccepted(
  state: MultiPaxosState,
  { from, ballot, proposals }: Accept,
  settings: MultiPaxosSettings,
  ctx: PaxosContext,
): void {
  if (state.broken !== '') return;
  for (const { slot, content } of proposals) tellsVote(state, slot, { ballot, content }, ctx);
  const slots = proposals.map(({ slot }) => slot);
  ctx.send(nodeNamed(settings, from), 'accepted', { from: ctx.self.id, ballot, slots }, { sizeBytes: 128 });
}

/** "If an acceptor ignores a request because it has promised more, it should inform the proposer" (§2.4). */
export function refuse(
  { promised }: MultiPaxosState,
  proposer: string,
  ballot: number,
  settings: MultiPaxosSettings,
  ctx: PaxosContext,
): void {
  ctx.send(nodeNamed(settings, proposer), 'refused', { ballot, promised }, { sizeBytes: 128 });
}
