/**
 * The leader's side of log replication (paper §5.3): what to send to whom.
 *
 * To a follower whose log is known the leader sends entries without waiting for answers, up to a window of appends (pipelining,
 * dissertation §10.2.1). To one that it does not know it sends one append at a time, and to one that needs entries
 * which are compacted, the snapshot. Heartbeats are appends too: they find out when something was lost on the way.
 */
import { copyOf } from '../../../sim/index.ts';
import { lastIndex, termAt } from './raft-log.ts';
import { membersOf } from './configuration.ts';
import { configurationOf, type Progress, type RaftContext, type RaftState } from './raft-state.ts';
import { nodeNamed, type RaftSettings } from './settings.ts';

/** On the wire: what surrounds the entries, and an entry. */
const HEAD_BYTES = 128;
const ENTRY_BYTES = 96;

/** What a new leader knows of another member: nothing. */
const unknownProgress = (state: RaftState): Progress => ({
  mode: 'probe',
  next: lastIndex(state.log) + 1,
  matched: 0,
  waiting: false,
  inFlight: [],
  round: 0,
  heardFrom: null,
  sending: null,
});

/** The leader's books, after the members have changed: new ones are unknown, those who have left are forgotten. */
export function keepBooks(state: RaftState, ctx: RaftContext): void {
  const members = membersOf(configurationOf(state));
  for (const id of members) if (id !== ctx.self.id) state.peers[id] ??= unknownProgress(state);
  for (const id of Object.keys(state.peers)) if (!members.includes(id)) delete state.peers[id];
}

/** A new round of heartbeats, with entries where there are any. */
export function heartbeatAll(state: RaftState, settings: RaftSettings, ctx: RaftContext): void {
  state.round++;
  state.roundWanted = false;
  for (const id of Object.keys(state.peers)) {
    const peer = state.peers[id] as Progress;
    peer.waiting = false;
    if (peer.mode === 'snapshot') sendChunk(state, id, settings, ctx);
    else sendEntries(state, id, true, settings, ctx);
  }
}

/** Sends each member what it lacks, as far as its window allows. */
export function shipAll(state: RaftState, settings: RaftSettings, ctx: RaftContext): void {
  for (const id of Object.keys(state.peers)) ship(state, id, settings, ctx);
}

/** Sends one member what it lacks, as far as its window allows. */
export function ship(state: RaftState, id: string, settings: RaftSettings, ctx: RaftContext): void {
  while (sendEntries(state, id, false, settings, ctx));
}

/** One append. `always`: also when there is nothing to send. Returns whether more could be sent at once. */
function sendEntries(state: RaftState, id: string, always: boolean, settings: RaftSettings, ctx: RaftContext): boolean {
  const peer = state.peers[id];
  if (peer === undefined || peer.mode === 'snapshot') return false;
  const { log } = state;
  const index = peer.next - 1;
  const term = termAt(log, index);
  if (term === undefined) {
    beginSnapshot(state, id, settings, ctx);
    return false;
  }
  const held = peer.mode === 'probe' ? peer.waiting : peer.inFlight.length >= settings.window;
  const from = index - log.base.index;
  const entries = held ? [] : copyOf(log.entries.slice(from, from + settings.batch));
  if (entries.length === 0 && !always) return false;
  const { round, commitIndex: commit } = state;
  ctx.send(
    nodeNamed(settings, id),
    'append',
    {
      term: state.term,
      leader: ctx.self.id,
      previous: { index, term },
      entries,
      commit,
      round,
      sentAt: ctx.clock.monotonic,
    },
    { sizeBytes: HEAD_BYTES + ENTRY_BYTES * entries.length },
  );
  if (peer.mode === 'probe') peer.waiting = true;
  else if (entries.length > 0) {
    // Taken for granted until an answer says otherwise.
    peer.next += entries.length;
    peer.inFlight.push(peer.next - 1);
    return peer.next <= lastIndex(log);
  }
  return false;
}

/** What it needs is compacted: it gets the snapshot (paper §7). */
function beginSnapshot(state: RaftState, id: string, settings: RaftSettings, ctx: RaftContext): void {
  const peer = state.peers[id] as Progress;
  // A log is compacted after its snapshot only.
  if (state.snapshot === null) return;
  ctx.note(`sends ${id} its snapshot up to ${state.snapshot.last.index}`);
  ctx.count('snapshots sent');
  peer.mode = 'snapshot';
  peer.inFlight = [];
  peer.sending = { snapshot: state.snapshot, offset: 0 };
  sendChunk(state, id, settings, ctx);
}

/** The part of the snapshot that the member is waiting for. */
export function sendChunk(state: RaftState, id: string, settings: RaftSettings, ctx: RaftContext): void {
  const sending = state.peers[id]?.sending ?? null;
  if (sending === null) return;
  const { offset } = sending;
  const { last, configuration, text } = sending.snapshot;
  const end = Math.min(text.length, offset + settings.chunk);
  ctx.send(
    nodeNamed(settings, id),
    'install',
    {
      term: state.term,
      leader: ctx.self.id,
      last: copyOf(last),
      configuration: copyOf(configuration),
      offset,
      text: text.slice(offset, end),
      done: end === text.length,
      round: state.round,
      sentAt: ctx.clock.monotonic,
    },
    { sizeBytes: HEAD_BYTES + end - offset },
  );
}
