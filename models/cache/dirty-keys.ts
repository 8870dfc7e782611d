/**
 * Keys that a write-behind cache has not flushed, and their journal, if there is one.
 *
 * The journal is a log: each write a record, each flush a mark that the write with that number is in the store. Recovery takes of
 * each key the last write without a mark; a mark that a crash lost costs one flush too many. When the log has grown it is written
 * anew into the other one of two files: what is dirty, and a mark with the size, which makes the copy count; the old file goes when
 * the new one is durable.
 */
import type { Context, DiskView, Flow } from '../../sim/index.ts';
import type { KvValue } from '../store/kv-protocol.ts';

export interface Dirty {
  readonly value: KvValue;
  /** Of the write; numbers grow. */
  readonly number: number;
  /** What the store holds, in a list; absent when that is not known. */
  readonly stored?: readonly [KvValue];
}

export interface DirtyState {
  /** Those dirty for the longest first. */
  dirty: Map<string, Dirty>;
  /** Number of the next write. */
  next: number;
  /** How often the journal has been written anew; its parity names the file. */
  generation: number;
  records: number;
  compacting: boolean;
}

type JournalRecord =
  | { readonly key: string; readonly value: KvValue; readonly number: number }
  | { readonly key: string; readonly flushed: number }
  /** Ends the copy at the head of a generation. */
  | { readonly generation: number; readonly copied: number };

/** Records beyond the number of dirty keys after which the journal is written anew. */
const COMPACT_AFTER = 1_000;

const journalName = (generation: number): string => `journal-${generation % 2}`;

/** Holds options only. */
export class DirtyKeys {
  private readonly journal: boolean;

  constructor(journal: boolean) {
    this.journal = journal;
  }

  /** A write. `stored`: what the store holds, when the key was clean. Logs first: when the disk is full, nothing has changed. */
  mark<S extends DirtyState>(
    state: S,
    key: string,
    value: KvValue,
    stored: readonly [KvValue] | undefined,
    ctx: Context<S>,
  ): void {
    const number = state.next;
    this.log(state, { key, value, number }, ctx);
    state.next++;
    const known = state.dirty.get(key)?.stored ?? stored;
    state.dirty.set(key, { value, number, ...(known === undefined ? {} : { stored: known }) });
  }

  /** The write with that number is in the store. True: there is no later one, and the key is clean. */
  flushed<S extends DirtyState>(state: S, key: string, number: number, value: KvValue, ctx: Context<S>): boolean {
    const dirty = state.dirty.get(key) as Dirty;
    if (dirty.number !== number) {
      state.dirty.set(key, { value: dirty.value, number: dirty.number, stored: [value] });
      return false;
    }
    try {
      this.log(state, { key, flushed: number }, ctx);
    } catch {
      // The disk is full. Without the mark the write is flushed once more after a crash, when it may be old: it stays dirty.
      state.dirty.set(key, { value: dirty.value, number, stored: [value] });
      return false;
    }
    state.dirty.delete(key);
    return true;
  }

  forgetStored(state: DirtyState, key: string): void {
    const { value, number } = state.dirty.get(key) as Dirty;
    state.dirty.set(key, { value, number });
  }

  private log<S extends DirtyState>(state: S, record: JournalRecord, ctx: Context<S>): void {
    if (!this.journal) return;
    ctx.disk.append(journalName(state.generation), record);
    state.records++;
  }

  compact<S extends DirtyState>(state: S, ctx: Context<S>): void {
    if (state.compacting || state.records <= state.dirty.size + COMPACT_AFTER) return;
    const name = journalName(state.generation + 1);
    try {
      for (const [key, { value, number }] of state.dirty) ctx.disk.append(name, { key, value, number });
      ctx.disk.append(name, { generation: state.generation + 1, copied: state.dirty.size });
    } catch {
      ctx.disk.remove(name); // the disk is full: another time
      return;
    }
    state.generation++;
    state.records = state.dirty.size + 1;
    state.compacting = true;
    ctx.spawn(dropOther(state.generation, ctx));
  }

  /** A compaction that a crash has cut short goes on. A torn record would hide what comes after it. */
  booted<S extends DirtyState>(state: S, ctx: Context<S>): void {
    if (ctx.disk.damage().length > 0)
      for (const name of [journalName(0), journalName(1)]) ctx.disk.truncate(name, ctx.disk.log(name).length);
    if (state.compacting) ctx.spawn(dropOther(state.generation, ctx));
  }

  recovered(disk: DiskView): DirtyState {
    const logs = [disk.log<JournalRecord>(journalName(0)), disk.log<JournalRecord>(journalName(1))] as const;
    // Generation 0 has no mark; it is there as long as no other is complete.
    let best: readonly JournalRecord[] = logs[0];
    let generation = 0;
    for (const log of logs) {
      const at = log.findIndex((record) => 'copied' in record);
      const mark = log[at];
      if (mark === undefined || !('copied' in mark) || mark.copied !== at || mark.generation <= generation) continue;
      best = log;
      generation = mark.generation;
    }
    const dirty = new Map<string, Dirty>();
    let next = 1;
    for (const record of best) {
      if ('copied' in record) continue;
      if ('flushed' in record) {
        if (dirty.get(record.key)?.number === record.flushed) dirty.delete(record.key);
      } else {
        dirty.set(record.key, { value: record.value, number: record.number });
        next = record.number + 1;
      }
    }
    const other = best === logs[0] ? logs[1] : logs[0];
    return { dirty, next, generation, records: best.length, compacting: other.length > 0 };
  }
}

function* dropOther<S extends DirtyState>(generation: number, ctx: Context<S>): Flow {
  try {
    yield* ctx.disk.fsync();
    ctx.disk.remove(journalName(generation + 1));
    yield* ctx.disk.fsync();
  } catch {
    return; // both files stay, and the next recovery chooses
  }
  ctx.update((state) => (state.compacting = false));
}
