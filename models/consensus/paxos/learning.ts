/** The learner: what is chosen, applied in order, and fetched from others where it is missing ("Paxos made simple", §2.3, §3). */
import { copyOf, type Flow } from '../../../sim/index.ts';
import { unlessDiskFull } from '../../durability/unless-disk-full.ts';
import { apply, restored, textOf, type MachineInput } from '../../replication/session-machine.ts';
import type { CatchUp, Chosen, Proposal, SnapshotCopy } from './multi-paxos-protocol.ts';
import { PROGRESS, type MultiPaxosState, type PaxosContext, type Snapshot } from './multi-paxos-state.ts';
import { nodeNamed, type MultiPaxosSettings } from './settings.ts';
import { roomAt, slotAt } from './slots.ts';
import { compactTo, onDisk, writeSnapshot } from './storage.ts';
import { touch } from './telling.ts';

/** Knows from now on what is chosen in a slot. */
export function learn(state: MultiPaxosState, slot: number, content: MachineInput, ctx: PaxosContext): void {
  if (slot <= state.appliedTo) return;
  const there = roomAt(state.log, slot);
  if (there.chosen !== null) return;
  there.chosen = content;
  delete state.pending[slot];
  touch(state, slot, ctx);
}

/**
 * A leader of `ballot` says that all slots up to `chosenTo` are chosen. What this server has accepted in that very ballot is then what was
 * chosen; of a vote in another ballot nothing is known.
 */
export function noteChosen(
  state: MultiPaxosState,
  ballot: number,
  chosenTo: number,
  settings: MultiPaxosSettings,
  ctx: PaxosContext,
): void {
  for (let slot = state.appliedTo + 1; slot <= chosenTo; slot++) {
    const vote = slotAt(state.log, slot)?.vote ?? null;
    if (vote?.ballot === ballot) learn(state, slot, vote.content, ctx);
  }
  applyChosen(state, settings, ctx);
}

/** Applies what is chosen, slot by slot, up to the first that is not known. */
export function applyChosen(state: MultiPaxosState, settings: MultiPaxosSettings, ctx: PaxosContext): void {
  const before = state.appliedTo;
  for (;;) {
    const chosen = slotAt(state.log, state.appliedTo + 1)?.chosen ?? null;
    if (chosen === null) break;
    state.appliedTo++;
    apply(state.machine, state.appliedTo, chosen, settings.mostSessions);
  }
  if (state.appliedTo > before) hasApplied(state, settings, ctx);
}

function hasApplied(state: MultiPaxosState, settings: MultiPaxosSettings, ctx: PaxosContext): void {
  ctx.signal(PROGRESS);
  if (state.lostTo > 0 && state.appliedTo >= state.lostTo) {
    ctx.note('knows again what is chosen where its disk had lost votes');
    state.lostTo = 0;
  }
  if (state.appliedTo - (state.snapshot?.slot ?? 0) < settings.snapshotEvery || state.writingSnapshot) return;
  unlessDiskFull(() => {
    const snapshot = { slot: state.appliedTo, text: textOf(state.machine) };
    writeSnapshot(state, snapshot, ctx);
    ctx.spawn(keepSnapshot(snapshot, settings, ctx));
  });
}

/** Once the snapshot is durable, the slots that it covers may go ("Paxos made live", §5.5). */
function* keepSnapshot(snapshot: Snapshot, settings: MultiPaxosSettings, ctx: PaxosContext): Flow {
  yield* onDisk(settings, ctx);
  ctx.update((state) => {
    state.writingSnapshot = false;
    if (snapshot.slot <= (state.snapshot?.slot ?? 0)) return;
    state.snapshot = snapshot;
    compactTo(state, snapshot.slot - settings.keepSlots, ctx);
  });
}

/** Asks `of` for the slots that are missing here. */
export function askForChosen(
  state: MultiPaxosState,
  of: string,
  settings: MultiPaxosSettings,
  ctx: PaxosContext,
): void {
  ctx.send(nodeNamed(settings, of), 'catchUp', { from: ctx.self.id, slot: state.appliedTo + 1 }, { sizeBytes: 128 });
}

/** Another learner lacks slots: it gets what it asks for, or the snapshot when that is compacted ("Paxos made live", §5.5). */
export function onCatchUp(
  state: MultiPaxosState,
  message: CatchUp,
  settings: MultiPaxosSettings,
  ctx: PaxosContext,
): void {
  if (state.broken !== '') return;
  const { from, slot } = message;
  const to = nodeNamed(settings, from);
  const own = ctx.self.id;
  if (slot <= state.log.base) {
    if (state.snapshot === null) return;
    const { slot: last, text } = state.snapshot;
    ctx.note(`sends ${from} its snapshot up to slot ${last}`);
    ctx.send(to, 'snapshot', { from: own, slot: last, text }, { sizeBytes: 128 + text.length });
    return;
  }
  const values: Proposal[] = [];
  for (let at = slot; at <= state.appliedTo && values.length < settings.batch; at++)
    values.push({ slot: at, content: copyOf(slotAt(state.log, at)?.chosen as MachineInput) });
  const sizeBytes = 128 + 96 * values.length;
  ctx.send(to, 'chosen', { from: own, values, chosenTo: state.appliedTo }, { sizeBytes });
}

/** What was asked for. */
export function onChosen(
  state: MultiPaxosState,
  message: Chosen,
  settings: MultiPaxosSettings,
  ctx: PaxosContext,
): void {
  // A leader learns from the votes for its own proposals alone: another's command in a slot of its own would pass for the one it waits for.
  if (state.broken !== '' || state.role === 'leader') return;
  const before = state.appliedTo;
  for (const { slot, content } of message.values) learn(state, slot, content, ctx);
  applyChosen(state, settings, ctx);
  if (state.appliedTo > before && state.appliedTo < message.chosenTo) askForChosen(state, message.from, settings, ctx);
}

/** A snapshot comes in: taken over once it is durable, for until then the votes may be needed. */
export function onSnapshot(
  state: MultiPaxosState,
  { from, slot, text }: SnapshotCopy,
  settings: MultiPaxosSettings,
  ctx: PaxosContext,
): void {
  // A leader has what it needs; and one whose own snapshot is being written will ask again.
  if (state.broken !== '' || state.role === 'leader' || slot <= state.appliedTo || state.writingSnapshot) return;
  writeSnapshot(state, { slot, text }, ctx);
  ctx.spawn(install({ slot, text }, from, settings, ctx));
}

function* install(snapshot: Snapshot, from: string, settings: MultiPaxosSettings, ctx: PaxosContext): Flow {
  yield* onDisk(settings, ctx);
  ctx.update((state) => {
    state.writingSnapshot = false;
    state.snapshot = snapshot;
    if (snapshot.slot <= state.appliedTo || state.role === 'leader') return;
    ctx.note(`installs a snapshot up to slot ${snapshot.slot}`);
    state.machine = restored(snapshot);
    state.appliedTo = snapshot.slot;
    compactTo(state, snapshot.slot, ctx);
    hasApplied(state, settings, ctx);
    applyChosen(state, settings, ctx);
    askForChosen(state, from, settings, ctx);
  });
}
