/** The follower's side of a snapshot (paper §7, figure 13: InstallSnapshot). */
import type { Flow } from '../../../sim/index.ts';
import { restored } from '../../replication/session-machine.ts';
import { followsSender } from './following.ts';
import { termAt } from './raft-log.ts';
import type { ChunkInstalled, SnapshotChunk } from './raft-protocol.ts';
import type { RaftContext, RaftState, Snapshot } from './raft-state.ts';
import { PROGRESS } from './roles.ts';
import { nodeNamed, type RaftSettings } from './settings.ts';
import { compactTo, onDisk, restartLog, writeSnapshot } from './storage.ts';

/** A part of a snapshot. */
export function onInstall(state: RaftState, chunk: SnapshotChunk, settings: RaftSettings, ctx: RaftContext): void {
  if (state.broken !== '') return;
  if (!followsSender(state, chunk, settings, ctx) || chunk.last.index <= state.commitIndex) {
    // From an earlier leader, or nothing new: what is committed here is what the snapshot holds.
    answer(chunk, state.term, chunk.offset, chunk.last.index <= state.commitIndex, settings, ctx);
    return;
  }
  const { last, offset, text } = chunk;
  if (state.incoming === null || state.incoming.last.index !== last.index || state.incoming.last.term !== last.term)
    state.incoming = { last, text: '' };
  const { incoming } = state;
  if (offset === incoming.text.length) incoming.text += text;
  const whole = chunk.done && offset + text.length === incoming.text.length;
  if (!whole) {
    answer(chunk, state.term, incoming.text.length, false, settings, ctx);
    return;
  }
  // Its own snapshot is being written; the leader will send this part again.
  if (state.writingSnapshot) return;
  const snapshot: Snapshot = { last, configuration: chunk.configuration, text: incoming.text };
  writeSnapshot(state, snapshot, ctx);
  ctx.spawn(install(chunk, snapshot, settings, ctx));
}

/** Takes the snapshot over once it is durable: until then the log may be needed. */
function* install(chunk: SnapshotChunk, snapshot: Snapshot, settings: RaftSettings, ctx: RaftContext): Flow {
  yield* onDisk(settings, ctx);
  ctx.update((state) => {
    state.writingSnapshot = false;
    state.incoming = null;
    if (snapshot.last.index > state.commitIndex) replaceState(state, snapshot, ctx);
    answer(chunk, state.term, snapshot.text.length, true, settings, ctx);
  });
}

function replaceState(state: RaftState, snapshot: Snapshot, ctx: RaftContext): void {
  const { last } = snapshot;
  ctx.note(`installs a snapshot up to ${last.index}`);
  state.snapshot = snapshot;
  state.machine = restored(snapshot);
  state.commitIndex = last.index;
  state.appliedIndex = last.index;
  // Entries that follow the snapshot's last one are kept (paper figure 13, step 6).
  if (termAt(state.log, last.index) === last.term) compactTo(state, last.index, ctx);
  else restartLog(state, snapshot, ctx);
  ctx.signal(PROGRESS);
}

function answer(
  { leader, term, last, round, sentAt }: SnapshotChunk,
  ownTerm: number,
  offset: number,
  done: boolean,
  settings: RaftSettings,
  ctx: RaftContext,
): void {
  const reply: ChunkInstalled = {
    from: ctx.self.id,
    asked: term,
    term: ownTerm,
    round,
    sentAt,
    index: last.index,
    offset,
    done,
  };
  ctx.send(nodeNamed(settings, leader), 'installed', reply, { sizeBytes: 128 });
}
