/** The state that a crash left on the disk. */
import type { DiskView } from '../../../sim/index.ts';
import { restored } from '../../replication/session-machine.ts';
import { freshState, type MultiPaxosState, type PaxosContext } from './multi-paxos-state.ts';
import { readPromise, readSnapshot, readVotes } from './storage.ts';

export function recoveredState(disk: DiskView, ctx: PaxosContext): MultiPaxosState {
  const state = freshState();
  const record = readPromise(state, disk);
  if (record === 'damaged') {
    // Whatever it promised now could contradict what it had promised.
    state.broken = 'the record of its promise is damaged';
    state.amnesia = true;
    return state;
  }
  if (record !== 'none') {
    state.serial = record.serial;
    state.promised = record.promised;
  }
  const snapshot = readSnapshot(disk);
  if (snapshot !== null) {
    state.snapshot = snapshot;
    state.machine = restored(snapshot);
    state.appliedTo = snapshot.slot;
    state.log.base = snapshot.slot;
  }
  readVotes(state, disk, record);
  if (state.lostTo > 0)
    ctx.note(`votes in slots up to ${state.lostTo} may be lost: promises nothing until it has learned them`);
  state.toldPromise = state.promised;
  state.seen = state.promised;
  state.changedAt = ctx.clock.monotonic;
  return state;
}
