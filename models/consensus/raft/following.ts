/** The follower's side of log replication (paper §5.3, figure 2: AppendEntries). */
import type { Flow } from '../../../sim/index.ts';
import { awaitLeader } from '../election-timing.ts';
import { commitTo } from './applying.ts';
import { entryAt, lastNotAbove, termAt, type LogEntry } from './raft-log.ts';
import type { AppendEntries, Appended, Conflict } from './raft-protocol.ts';
import type { RaftContext, RaftState } from './raft-state.ts';
import { becomeFollower, followTerm } from './roles.ts';
import { nodeNamed, type RaftSettings } from './settings.ts';
import { onDisk, stop, writeEntry } from './storage.ts';

/** Entries, or a sign of life. */
export function onAppend(state: RaftState, message: AppendEntries, settings: RaftSettings, ctx: RaftContext): void {
  if (state.broken !== '') return;
  if (!followsSender(state, message, settings, ctx)) {
    answer(state, message, null, null, settings, ctx);
    return;
  }
  const { previous, entries } = message;
  const { base } = state.log;
  // What is compacted is committed, and so the same in every leader's log.
  if (previous.index >= base.index && termAt(state.log, previous.index) !== previous.term) {
    answer(state, message, null, conflictAt(state, message), settings, ctx);
    return;
  }
  for (const entry of entries) if (entry.index > base.index && !takeOver(state, entry, ctx)) return;
  const matched = previous.index + entries.length;
  commitTo(state, Math.min(message.commit, matched), settings, ctx);
  if (ctx.disk.unsynced === 0) answer(state, message, matched, null, settings, ctx);
  else ctx.spawn(confirm(message, matched, settings, ctx));
}

/** Takes the sender of this term for its leader; false for one of an earlier term (paper §5.1). */
export function followsSender(
  state: RaftState,
  { term, leader }: { readonly term: number; readonly leader: string },
  settings: RaftSettings,
  ctx: RaftContext,
): boolean {
  // Two leaders of one term there are only where votes are forgotten: then neither gives way.
  if (term < state.term || (term === state.term && state.role === 'leader')) return false;
  if (term > state.term) followTerm(state, term, settings, ctx);
  becomeFollower(state, leader, settings, ctx);
  awaitLeader(settings, ctx);
  state.heardAt = ctx.clock.monotonic;
  return true;
}

/** Takes one entry over, cutting off what contradicts it. False when that cannot be: the server has stopped. */
function takeOver(state: RaftState, entry: LogEntry, ctx: RaftContext): boolean {
  // An append that comes late or twice must not cut off what came after it (paper figure 2, "if an existing entry conflicts").
  if (entryAt(state.log, entry.index)?.term === entry.term) return true;
  if (entry.index <= state.commitIndex) {
    stop(state, `the leader has another entry at ${entry.index}, which was committed`, ctx);
    return false;
  }
  writeEntry(state, entry, ctx);
  return true;
}

/** Where the leader should look next (paper §5.3, end: a whole term at a time). */
function conflictAt({ log, lost }: RaftState, { previous }: AppendEntries): Conflict {
  const { index, term } = lastNotAbove(log, previous.index, previous.term);
  return { refused: previous.index, hint: { index, term }, lost: lost !== null };
}

/** Answers once the entries are on disk, unless a later term has begun meanwhile. */
function* confirm(message: AppendEntries, matched: number, settings: RaftSettings, ctx: RaftContext): Flow {
  yield* onDisk(settings, ctx);
  const { state } = ctx;
  if (state.term === message.term && state.broken === '') answer(state, message, matched, null, settings, ctx);
}

function answer(
  state: RaftState,
  message: AppendEntries,
  matched: number | null,
  conflict: Conflict | null,
  settings: RaftSettings,
  ctx: RaftContext,
): void {
  const { leader, term, round, sentAt } = message;
  const reply: Appended = { from: ctx.self.id, asked: term, term: state.term, round, sentAt, matched, conflict };
  ctx.send(nodeNamed(settings, leader), 'appended', reply, { sizeBytes: 128 });
}
