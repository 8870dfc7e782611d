/** The state that a crash left on the disk (paper §5.1). */
import type { DiskView } from '../../../sim/index.ts';
import { unlessDiskFull } from '../../durability/unless-disk-full.ts';
import { restored } from '../../replication/session-machine.ts';
import { lastIndex, lastPlace, upToDate } from './raft-log.ts';
import { freshState, type RaftContext, type RaftState } from './raft-state.ts';
import type { RaftSettings } from './settings.ts';
import { configurationsIn, copyToWriteFirst, enterTerm, readBallot, readLog, readSnapshot } from './storage.ts';

export function recoveredState(disk: DiskView, settings: RaftSettings, ctx: RaftContext): RaftState {
  const state = freshState(settings);
  const ballot = readBallot(disk);
  state.firstCopy = copyToWriteFirst(disk);
  if (ballot === 'damaged') {
    // It may have voted in any term: whatever it promised now could be the second promise.
    state.broken = 'the record of its vote is damaged';
    return state;
  }
  if (ballot !== 'none') {
    state.serial = ballot.serial;
    state.term = ballot.term;
    state.votedFor = ballot.votedFor;
    state.marked = ballot.marked;
  }
  const snapshot = readSnapshot(disk);
  if (snapshot !== null) {
    state.snapshot = snapshot;
    state.machine = restored(snapshot);
    state.commitIndex = snapshot.last.index;
    state.appliedIndex = snapshot.last.index;
  }
  state.log = readLog(disk, snapshot, ctx);
  const first = snapshot?.configuration ?? (state.configurations[0] as RaftState['configurations'][number]);
  state.configurations = configurationsIn(state.log, first);
  const { term, votedFor } = state;
  // Entries can have outlived the record of their term: a server never goes back behind its own log, also when it loses that again.
  const newest = lastPlace(state.log).term;
  if (newest > term) {
    state.term = newest;
    state.votedFor = null;
    unlessDiskFull(() => enterTerm(state, newest, null, settings, ctx));
  }
  if (!upToDate(lastPlace(state.log), state.marked)) {
    state.lost = state.marked;
    ctx.note(
      `its log ends at ${lastIndex(state.log)}, but it had been durable up to ${state.marked.index}: entries are lost`,
    );
  }
  state.durable = { term, votedFor, lastIndex: lastIndex(state.log) };
  // It may have confirmed a leader just before it crashed: it keeps the loyalty that a lease rests on.
  state.heardAt = ctx.clock.monotonic;
  return state;
}
