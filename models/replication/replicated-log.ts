/** The replicated log: appending, matching, cutting, applying. The rules are Raft's (Ongaro and Ousterhout, 2014, §5.3). */
import { change } from './changed.ts';
import type { Command } from './command.ts';
import { LOG_FILE, type LogEntry, type ReplicaContext, type ReplicaState, type Store } from './replica-state.ts';

/** The term of the entry at `index`; 0 before the first. `index` is at most the log's length. */
export const termAt = (log: readonly LogEntry[], index: number): number =>
  index === 0 ? 0 : (log[index - 1] as LogEntry).term;

/** Whether a log that ends with (index, term) holds all that `log` does, as far as it can be committed (§5.4.1). */
export function atLeastAsRecent(
  last: { readonly index: number; readonly term: number },
  log: readonly LogEntry[],
): boolean {
  const own = termAt(log, log.length);
  return last.term > own || (last.term === own && last.index >= log.length);
}

/** Appends as primary. Throws CallError when the disk is full. */
export function appendCommand(state: ReplicaState, command: Command | undefined, ctx: ReplicaContext): number {
  const index = state.log.length + 1;
  appendEntry(state, { index, term: state.term, before: termAt(state.log, index - 1), command }, ctx);
  return index;
}

function appendEntry(state: ReplicaState, entry: LogEntry, ctx: ReplicaContext): void {
  ctx.disk.append(LOG_FILE, entry);
  state.log.push(entry);
}

/**
 * Takes over what a primary sent after `previous`, cutting off what contradicts it.
 * Returns up to where the log now equals the primary's; undefined when `previous` is not in it.
 */
export function takeOver(
  state: ReplicaState,
  previous: { readonly index: number; readonly term: number },
  entries: readonly LogEntry[],
  ctx: ReplicaContext,
): number | undefined {
  if (previous.index > state.log.length || termAt(state.log, previous.index) !== previous.term) return undefined;
  for (const entry of entries) {
    if (entry.index <= state.log.length) {
      // An append that comes late or twice must not cut off what came after it.
      if (termAt(state.log, entry.index) === entry.term) continue;
      cut(state, entry.index - 1, ctx);
    }
    appendEntry(state, entry, ctx);
  }
  return previous.index + entries.length;
}

/**
 * Where a primary should try next, when it asked for `index`: before this log's end, and before the term in conflict. At least 0:
 * nothing stands before the first entry, and who is refused there (a naive primary, by another of its term) starts from it.
 */
export function retreat(log: readonly LogEntry[], index: number): number {
  if (index > log.length) return log.length;
  if (index === 0) return 0;
  const conflicting = termAt(log, index);
  let start = index;
  while (start > 1 && termAt(log, start - 1) === conflicting) start--;
  return start - 1;
}

/** Keeps the first `length` entries. What was applied beyond them is undone: a design without majorities needs that. */
function cut(state: ReplicaState, length: number, ctx: ReplicaContext): void {
  ctx.disk.truncate(LOG_FILE, length);
  ctx.note(`cuts its log from ${state.log.length} to ${length}`);
  state.log.splice(length);
  state.synced.index = Math.min(state.synced.index, length);
  if (state.commit <= length) return;
  state.store = { values: {}, sessions: {} };
  state.commit = 0;
  commitTo(state, length);
}

/** Applies the log up to `index`. */
export function commitTo(state: ReplicaState, index: number): void {
  const end = Math.min(index, state.log.length);
  for (let i = state.commit; i < end; i++) {
    const { command } = state.log[i] as LogEntry;
    if (command !== undefined) apply(state.store, command);
  }
  if (end > state.commit) state.commit = end;
}

/** Applies one update, unless its session has been past it: a retry, or a copy that the network made. */
function apply(store: Store, command: Command): void {
  const session = store.sessions[command.session];
  if (session !== undefined && session.seq >= command.seq) return;
  store.sessions[command.session] = { seq: command.seq, applied: change(store, command) };
}
