/** Applying what is committed, and compacting the log that it came from (paper §5.3, §7). */
import { entryAt, lastIndex, termAt, type LogEntry } from './raft-log.ts';
import type { Flow } from '../../../sim/index.ts';
import { unlessDiskFull } from '../../durability/unless-disk-full.ts';
import { apply, textOf } from '../../replication/session-machine.ts';
import type { Configuration } from './configuration.ts';
import type { RaftContext, RaftState, Snapshot } from './raft-state.ts';
import { PROGRESS } from './roles.ts';
import type { RaftSettings } from './settings.ts';
import { compactTo, onDisk, writeSnapshot } from './storage.ts';

/** Takes the log up to `index` for committed, and applies it. */
export function commitTo(state: RaftState, index: number, settings: RaftSettings, ctx: RaftContext): void {
  const end = Math.min(index, lastIndex(state.log));
  if (end <= state.commitIndex) return;
  state.commitIndex = end;
  for (let i = state.appliedIndex + 1; i <= end; i++) {
    const { content } = entryAt(state.log, i) as LogEntry;
    if (content.kind !== 'configuration') apply(state.machine, i, content, settings.mostSessions);
  }
  state.appliedIndex = end;
  ctx.signal(PROGRESS);
  if (end - (state.snapshot?.last.index ?? 0) >= settings.snapshotEvery && !state.writingSnapshot)
    unlessDiskFull(() => takeSnapshot(state, settings, ctx));
}

function takeSnapshot(state: RaftState, settings: RaftSettings, ctx: RaftContext): void {
  const index = state.appliedIndex;
  const snapshot: Snapshot = {
    last: { index, term: termAt(state.log, index) as number },
    configuration: configurationAt(state, index),
    text: textOf(state.machine),
  };
  writeSnapshot(state, snapshot, ctx);
  ctx.spawn(keepSnapshot(snapshot, settings, ctx));
}

function configurationAt({ configurations }: RaftState, at: number): Configuration {
  const found = configurations.findLast((configuration) => configuration.index <= at) as Configuration;
  const { index, voters, outgoing, learners } = found;
  return { index, voters: [...voters], outgoing: [...outgoing], learners: [...learners] };
}

/** Once the snapshot is durable, the log that it covers may go. */
function* keepSnapshot(snapshot: Snapshot, settings: RaftSettings, ctx: RaftContext): Flow {
  yield* onDisk(settings, ctx);
  ctx.update((state) => {
    state.writingSnapshot = false;
    state.snapshot = snapshot;
    compactTo(state, snapshot.last.index - settings.keepEntries, ctx);
  });
}
