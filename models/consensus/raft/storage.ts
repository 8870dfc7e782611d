/**
 * What a server keeps on its disk, and in which order it gets there (paper §5.1, figure 2: term, vote and log are on stable storage
 * before an RPC is answered).
 *
 * - Term and vote: one record in two copies (models/durability/twin-record.ts). When both are damaged, which only rot can do, the server
 *   does not know how it has voted and abstains for good.
 * - The log: records appended to segments by index. An entry that replaces another is appended as well: read in their order,
 *   each record continues the log at its index if it follows from what stands before it, else it is passed over. So nothing
 *   has to be cut off, and any subset of the unsynced records is a log that this server may have.
 * - The mark: with the term stands up to where the log was known to be durable. A log that ends before its mark has rotted:
 *   entries that were confirmed are gone. Such a server votes as if it still had them, and does not stand itself, until a leader
 *   has sent them again. (The mark becomes durable with the flush after the one that it speaks of: rot that hits the very last entries
 *   in between cannot be told from a torn write.)
 * - Snapshots: two places in turn; the log that one replaces goes when it is durable.
 */
import type { DiskView, Flow } from '../../../sim/index.ts';
import { syncOrStop } from '../../durability/sync-or-stop.ts';
import { copyToWriteFirst as firstCopyOf, readTwin, writeTwin } from '../../durability/twin-record.ts';
import { unlessDiskFull } from '../../durability/unless-disk-full.ts';
import { latestSnapshot, writeInTurn } from '../snapshot-places.ts';
import { entryAt, lastIndex, lastPlace, termAt, upToDate, type LogEntry, type RaftLog } from './raft-log.ts';
import type { Place } from './raft-protocol.ts';
import type { RaftContext, RaftState, Snapshot } from './raft-state.ts';
import type { RaftSettings } from './settings.ts';

const BALLOTS = ['ballot-a', 'ballot-b'] as const;
/** Entries by index in one file. */
const SEGMENT = 128;

interface Ballot {
  readonly serial: number;
  readonly term: number;
  readonly votedFor: string | null;
  readonly marked: Place;
}

const segmentOf = (index: number): number => Math.floor((index - 1) / SEGMENT);
const segmentFile = (segment: number): string => `log-${segment}`;

function writeBallot(state: RaftState, ballot: Omit<Ballot, 'serial'>, keepsVote: boolean, ctx: RaftContext): void {
  const serial = state.serial + 1;
  const record: Ballot = { ...ballot, votedFor: keepsVote ? ballot.votedFor : null, serial };
  writeTwin(ctx, BALLOTS, record, state.firstCopy);
  state.serial = serial;
}

/** Writes term and vote, then takes them over. Durable after the next fsync. Throws CallError when the disk is full. */
export function enterTerm(
  state: RaftState,
  term: number,
  votedFor: string | null,
  { keepsVote }: RaftSettings,
  ctx: RaftContext,
): void {
  const marked = { index: state.marked.index, term: state.marked.term };
  writeBallot(state, { term, votedFor, marked }, keepsVote, ctx);
  state.term = term;
  state.votedFor = votedFor;
}

/**
 * Puts an entry at its place in the log; what stood there and after it is gone. Throws CallError when the disk is full.
 * The entry is at most one beyond the end.
 */
export function writeEntry(state: RaftState, entry: LogEntry, ctx: RaftContext): void {
  const { log, configurations, durable } = state;
  ctx.disk.append(segmentFile(segmentOf(entry.index)), entry);
  const kept = entry.index - log.base.index - 1;
  if (kept < log.entries.length) {
    ctx.note(`cuts its log from ${lastIndex(log)} to ${entry.index - 1}`);
    log.entries.length = kept;
    durable.lastIndex = Math.min(durable.lastIndex, entry.index - 1);
    while ((configurations.at(-1)?.index ?? 0) >= entry.index && configurations.length > 1) configurations.pop();
  }
  log.entries.push(entry);
  if (entry.content.kind !== 'configuration') return;
  const { voters, outgoing, learners } = entry.content;
  configurations.push({ index: entry.index, voters, outgoing, learners });
}

/** The end of the log by which this server votes: the one it has, or the one it has lost. */
export const votingPlace = ({ log, lost }: RaftState): Place =>
  lost !== null && !upToDate(lastPlace(log), lost) ? lost : lastPlace(log);

/** Waits until everything written so far is on disk; a server whose disk has failed takes part in nothing more. */
export function* onDisk(settings: RaftSettings, ctx: RaftContext): Flow {
  const { term, votedFor, log } = ctx.state;
  const last = lastPlace(log);
  yield* syncOrStop(ctx, (state) => {
    stop(state, 'its disk has failed to sync', ctx);
  });
  ctx.update((state) => settle(state, { term, votedFor, last }, settings, ctx));
}

/** Takes no part any more. */
export function stop(state: RaftState, why: string, ctx: RaftContext): void {
  ctx.note(`stops: ${why}`);
  ctx.cancelTimer('election');
  ctx.cancelTimer('heartbeat');
  state.role = 'follower';
  state.leader = '';
  state.broken = why;
}

interface Written {
  readonly term: number;
  readonly votedFor: string | null;
  readonly last: Place;
}

/** Notes what is durable now. */
function settle(state: RaftState, { term, votedFor, last }: Written, settings: RaftSettings, ctx: RaftContext): void {
  const { durable, log } = state;
  if (term >= durable.term) {
    durable.term = term;
    durable.votedFor = votedFor;
  }
  if (last.index > durable.lastIndex && termAt(log, last.index) === last.term) durable.lastIndex = last.index;
  const durableTerm = termAt(log, durable.lastIndex) ?? 0;
  if (state.lost !== null && upToDate({ index: durable.lastIndex, term: durableTerm }, state.lost)) {
    ctx.note('has all the entries again that its disk had lost');
    state.lost = null;
  }
  mark(state, settings, ctx);
}

/** Writes down up to where the log is durable, unless the disk knows. */
function mark(state: RaftState, { keepsVote }: RaftSettings, ctx: RaftContext): void {
  const { durable, log, marked, lost } = state;
  const term = termAt(log, durable.lastIndex);
  if (lost !== null || term === undefined || (marked.index === durable.lastIndex && marked.term === term)) return;
  const place = { index: durable.lastIndex, term };
  // On a full disk the mark stays behind, which hides rot and harms nothing else.
  unlessDiskFull(() => {
    writeBallot(state, { term: state.term, votedFor: state.votedFor, marked: place }, keepsVote, ctx);
    state.marked = place;
  });
}

const reach = ({ last }: Snapshot): number => last.index;

/** Writes a snapshot into the place of the older one. Throws CallError when the disk is full. */
export function writeSnapshot(state: RaftState, snapshot: Snapshot, ctx: RaftContext): void {
  writeInTurn(ctx, snapshot, reach);
  state.writingSnapshot = true;
}

/** Forgets the log up to `index`, which a durable snapshot covers. */
export function compactTo(state: RaftState, index: number, ctx: RaftContext): void {
  const { log, durable } = state;
  const term = termAt(log, index);
  if (term === undefined || index <= log.base.index) return;
  durable.lastIndex = Math.max(durable.lastIndex, index);
  for (let k = Math.max(0, segmentOf(log.base.index)); k < segmentOf(index + 1); k++) ctx.disk.remove(segmentFile(k));
  log.entries.splice(0, index - log.base.index);
  log.base = { index, term };
  forgetConfigurations(state, index);
}

/** Replaces the whole log by a durable snapshot. */
export function restartLog(state: RaftState, { last, configuration }: Snapshot, ctx: RaftContext): void {
  const { log } = state;
  for (let k = Math.max(0, segmentOf(log.base.index)); k <= segmentOf(lastIndex(log)); k++)
    ctx.disk.remove(segmentFile(k));
  log.entries = [];
  log.base = { index: last.index, term: last.term };
  state.configurations = [configuration];
  state.durable.lastIndex = last.index;
}

/** Of the configurations up to `index` the last one is enough. */
function forgetConfigurations(state: RaftState, index: number): void {
  while ((state.configurations[1]?.index ?? Infinity) <= index) state.configurations.shift();
}

// ── What recovery finds ─────────────────────────────────────────────────────────────────────────────────────────────

/** Which copy of term and vote to write first. */
export const copyToWriteFirst = (disk: DiskView): 0 | 1 => firstCopyOf(disk, BALLOTS);

/** The record of term and vote; `none` when there never was one, `damaged` when both copies are unreadable. */
export const readBallot = (disk: DiskView): Ballot | 'none' | 'damaged' => readTwin(disk, BALLOTS);

/** The later of the readable snapshots. */
export const readSnapshot = (disk: DiskView): Snapshot | null => latestSnapshot(disk, reach);

/** The log that continues the snapshot. */
export function readLog(disk: DiskView, snapshot: Snapshot | null, ctx: RaftContext): RaftLog {
  const { index: base, term } = snapshot?.last ?? { index: 0, term: 0 };
  const log: RaftLog = { base: { index: base, term }, entries: [] };
  const first = segmentOf(base + 1);
  for (let k = first; ; k++) {
    const records = disk.log<LogEntry>(segmentFile(k));
    if (records.length === 0) break;
    for (const record of records) {
      const { index, before } = record;
      if (index <= base || index > lastIndex(log) + 1 || termAt(log, index - 1) !== before) continue;
      log.entries.length = index - base - 1;
      log.entries.push(record);
    }
  }
  dropDamage(disk, ctx);
  // What a crash had kept of the part that the snapshot covers.
  for (let k = first - 1; k >= 0 && disk.log(segmentFile(k)).length > 0; k--) ctx.disk.remove(segmentFile(k));
  return log;
}

/** What is appended behind a damaged record could not be read again. */
function dropDamage(disk: DiskView, ctx: RaftContext): void {
  for (const name of disk.damage()) {
    const at = name.indexOf('[');
    if (at < 0) continue;
    const file = name.slice(0, at);
    ctx.disk.truncate(file, disk.log(file).length);
  }
}

/** The configurations that the log has brought, after the one that holds at its base. */
export function configurationsIn(
  log: RaftLog,
  first: RaftState['configurations'][number],
): RaftState['configurations'] {
  const found = [first];
  for (let i = Math.max(log.base.index, first.index) + 1; i <= lastIndex(log); i++) {
    const content = entryAt(log, i)?.content;
    if (content?.kind !== 'configuration') continue;
    const { voters, outgoing, learners } = content;
    found.push({ index: i, voters, outgoing, learners });
  }
  return found;
}
