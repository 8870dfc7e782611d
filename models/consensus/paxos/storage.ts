/**
 * What an acceptor keeps on its disk ("The part-time parliament", §2.2: the ledger is written in indelible ink; "Paxos made simple",
 * §2.5: "an acceptor records its intended response in stable storage before actually sending the response").
 *
 * - The promise: one record in two copies (models/durability/twin-record.ts). When both are damaged, the acceptor does not know what
 *   it has promised, and takes part in nothing for good ("Paxos made live", §5.1 lets it come back after it has seen an instance
 *   begin and end, which needs that nobody is slower than that).
 * - The votes: records appended to journal files in turn, a new one after each restart; in a slot the highest ballot counts. Votes do
 *   not build on each other, so any subset of the unsynced ones is what this acceptor may have.
 * - The marks: with the promise stands how many votes were known to be durable in each file, and up to where. Fewer are rot: votes
 *   that others have counted are gone. Such an acceptor still accepts, which needs only the promise, but it promises nothing, and so
 *   hides nothing from a proposer, before it has learned all slots that it may have voted in. (A mark becomes durable with the
 *   flush after the one that it speaks of: of the votes of the last flush nothing is known to be missing. When they rot, or what stands
 *   before them in their file, before anybody else has them too, the acceptor is one that forgets. So is Raft's server in models/consensus/raft.)
 * - Snapshots: two places in turn; the journal files that one replaces go when it is durable.
 */
import type { DiskView, Flow } from '../../../sim/index.ts';
import { syncOrStop } from '../../durability/sync-or-stop.ts';
import { copyToWriteFirst, readTwin, writeTwin } from '../../durability/twin-record.ts';
import { unlessDiskFull } from '../../durability/unless-disk-full.ts';
import { latestSnapshot, writeInTurn } from '../snapshot-places.ts';
import {
  PROGRESS,
  type FileMark,
  type MultiPaxosState,
  type PaxosContext,
  type Snapshot,
} from './multi-paxos-state.ts';
import type { MultiPaxosSettings } from './settings.ts';
import { dropTo, roomAt, type Vote } from './slots.ts';

const PROMISES = ['promise-a', 'promise-b'] as const;
/** Votes in one journal file. */
const FILE_RECORDS = 128;
const JOURNAL = 'votes-';

interface PromiseRecord {
  readonly serial: number;
  readonly promised: number;
  readonly marks: Readonly<Record<string, Readonly<FileMark>>>;
  /** The first journal file that is still needed, and the last one that votes may have been told from. */
  readonly journalFrom: number;
  readonly journalTo: number;
  /** The last slot of the latest durable snapshot. */
  readonly snapshotTo: number;
}

const NOTHING_WRITTEN: Omit<PromiseRecord, 'serial' | 'promised'> = {
  marks: {},
  journalFrom: 0,
  journalTo: 0,
  snapshotTo: 0,
};

interface VoteRecord extends Vote {
  readonly slot: number;
}

/** Writes the promise, then makes it. Durable after the next fsync. Throws CallError when the disk is full. */
export function writePromise(state: MultiPaxosState, ballot: number, ctx: PaxosContext): void {
  const record: PromiseRecord = {
    serial: state.serial + 1,
    promised: ballot,
    marks: state.marks,
    journalFrom: Math.min(state.journal.file, ...Object.keys(state.marks).map(Number)),
    journalTo: state.journal.file,
    snapshotTo: state.snapshot?.slot ?? 0,
  };
  writeTwin(ctx, PROMISES, record, state.firstCopy);
  state.serial = record.serial;
  state.promised = ballot;
}

/** Writes a vote, then casts it. The slot is not compacted. Durable after the next fsync. Throws CallError when the disk is full. */
export function writeVote(state: MultiPaxosState, slot: number, vote: Vote, ctx: PaxosContext): void {
  if (state.journal.records % FILE_RECORDS === 0) openFile(state, ctx);
  const { file } = state.journal;
  const record: VoteRecord = { slot, ballot: vote.ballot, content: vote.content };
  ctx.disk.append(`${JOURNAL}${file}`, record);
  state.journal.records++;
  roomAt(state.log, slot).vote = vote;
  state.unsettled.push({ slot, file });
}

/** Begins a journal file. What is told from it is flushed after the record that names it. */
function openFile(state: MultiPaxosState, ctx: PaxosContext): void {
  const { journal } = state;
  if (journal.records > 0) state.journal = { file: journal.file + 1, records: 0 };
  writePromise(state, state.promised, ctx);
}

/** Waits until everything written so far is on disk; a server whose disk has failed takes part in nothing more. */
export function* onDisk({ syncs }: MultiPaxosSettings, ctx: PaxosContext): Flow {
  const { settled, unsettled } = ctx.state;
  const written = settled + unsettled.length;
  // The naive acceptor answers at once: what it says is in the page cache only.
  if (syncs) yield* syncOrStop(ctx, (state) => stop(state, 'its disk has failed to sync', ctx));
  ctx.update((state) => settle(state, written, syncs, ctx));
}

/** Takes no part any more. */
function stop(state: MultiPaxosState, why: string, ctx: PaxosContext): void {
  ctx.note(`stops: ${why}`);
  ctx.cancelTimer('election');
  ctx.cancelTimer('heartbeat');
  ctx.signal(PROGRESS);
  state.role = 'follower';
  state.leader = '';
  state.broken = why;
}

/** Notes what is durable now. */
function settle(state: MultiPaxosState, written: number, syncs: boolean, ctx: PaxosContext): void {
  if (state.settled >= written) return;
  for (; state.settled < written; state.settled++) {
    const { slot, file } = state.unsettled.shift() as MultiPaxosState['unsettled'][number];
    if (syncs) addMark(state.marks, file, slot);
  }
  // On a full disk the marks stay behind, which hides rot and harms nothing else.
  if (syncs) unlessDiskFull(() => writePromise(state, state.promised, ctx));
}

function addMark(marks: Record<string, FileMark>, file: number, slot: number): void {
  const mark = (marks[file] ??= { records: 0, top: 0 });
  mark.records++;
  mark.top = Math.max(mark.top, slot);
}

const reach = ({ slot }: Snapshot): number => slot;

/** Writes a snapshot into the place of the older one. Throws CallError when the disk is full. */
export function writeSnapshot(state: MultiPaxosState, snapshot: Snapshot, ctx: PaxosContext): void {
  writeInTurn(ctx, snapshot, reach);
  state.writingSnapshot = true;
}

/** Forgets the slots up to `slot`, which a durable snapshot covers. */
export function compactTo(state: MultiPaxosState, slot: number, ctx: PaxosContext): void {
  dropTo(state.log, slot);
  for (const [name, { top }] of Object.entries(state.marks)) {
    const file = Number(name);
    if (top > state.log.base || file === state.journal.file || state.unsettled.some((one) => one.file === file))
      continue;
    ctx.disk.remove(`${JOURNAL}${name}`);
    delete state.marks[name];
  }
}

// ── What recovery finds ─────────────────────────────────────────────────────────────────────────────────────────────

/** The promise; `none` when there never was one, `damaged` when both copies are unreadable. */
export function readPromise(state: MultiPaxosState, disk: DiskView): PromiseRecord | 'none' | 'damaged' {
  state.firstCopy = copyToWriteFirst(disk, PROMISES);
  return readTwin<PromiseRecord>(disk, PROMISES);
}

/** The later of the readable snapshots. */
export const readSnapshot = (disk: DiskView): Snapshot | null => latestSnapshot(disk, reach);

/** Reads the votes of slots beyond the log's base, and finds out whether any are missing. */
export function readVotes(state: MultiPaxosState, disk: DiskView, record: PromiseRecord | 'none'): void {
  const { marks, journalFrom, journalTo, snapshotTo } = record === 'none' ? NOTHING_WRITTEN : record;
  const damaged = damagedFiles(disk);
  let lost = snapshotTo;
  // Beyond the last that the record names stand at most votes that nobody has heard of.
  for (let file = journalFrom; ; file++) {
    const records = disk.log<VoteRecord>(`${JOURNAL}${file}`);
    if (file > journalTo && records.length === 0 && !damaged.includes(file)) {
      state.journal = { file, records: 0 };
      break;
    }
    const mark = marks[file];
    if (mark !== undefined && records.length < mark.records) {
      lost = Math.max(lost, mark.top);
      state.marks[file] = { records: mark.records, top: mark.top };
    } else for (const { slot } of records) addMark(state.marks, file, slot);
    for (const { slot, ballot, content } of records) takeVote(state, slot, { ballot, content });
  }
  state.lostTo = lost > state.log.base ? lost : 0;
}

function takeVote(state: MultiPaxosState, slot: number, vote: Vote): void {
  state.promised = Math.max(state.promised, vote.ballot);
  if (slot <= state.log.base) return;
  const there = roomAt(state.log, slot);
  if (there.vote !== null && there.vote.ballot > vote.ballot) return;
  there.vote = vote;
  there.told = vote;
  state.changed.push(slot);
}

function damagedFiles(disk: DiskView): number[] {
  return disk.damage().flatMap((name) => (name.startsWith(JOURNAL) ? [parseInt(name.slice(JOURNAL.length), 10)] : []));
}

/** Whether a step may answer at once. */
export const isAllOnDisk = (ctx: PaxosContext): boolean => ctx.disk.unsynced === 0;
