/**
 * A node's logs: every change of its tables is appended before it is made in memory, and is as durable as the policy says before
 * anybody is told of it. Its own cells go to the commit log, in *segments*: a new one begins whenever the memory table is
 * flushed, and those before it go when the sorted table is on disk (sorted-cells.ts). Hints have a log of their own, which is cut
 * when all have been handed over. Recovery reads the manifest, the sorted tables, the segments that are left, and the hints.
 *
 * Cells are merged, so any subset of the unsynced records that a crash keeps gives tables that this node may have had.
 */
import { CallError, copyOf, reject, type DiskView, type Flow } from '../../sim/index.ts';
import { syncOrStop } from '../durability/sync-or-stop.ts';
import { lookUp } from '../sorted-tables/sorted-table.ts';
import type { Versioning } from '../versioning/versioning.ts';
import type { DynamoSettings } from './dynamo-settings.ts';
import type { DynamoContext, DynamoState, Entries, Entry, Recovered, Unsynced } from './dynamo-state.ts';
import { recoveredSorted } from './manifest.ts';

export type LogRecord =
  | { readonly event: 'cell' | 'hint'; readonly owner: string; readonly key: string; readonly cell: unknown }
  | { readonly event: 'handed-over'; readonly owner: string; readonly key: string };

const HINTS = 'hints';
const FLUSHED = 'flushed';
/** The memory table has as many records as it is to have. */
export const MEMORY_FULL = 'memory table full';

export const segmentFile = (segment: number): string => `commit-log-${segment}`;

/** Appends a record. Throws CallError when the disk is full; then nothing has changed. */
export function log(
  state: DynamoState,
  record: LogRecord,
  { memoryRecords }: DynamoSettings,
  ctx: DynamoContext,
): number {
  const isOwn = record.owner === '';
  ctx.disk.append(isOwn ? segmentFile(state.segments.last) : HINTS, record);
  if (isOwn && ++state.logged === memoryRecords) ctx.signal(MEMORY_FULL);
  return ++state.written;
}

/** Cuts the log of hints when there are none. */
export function cutHints({ hints }: DynamoState, ctx: DynamoContext): void {
  if (Object.keys(hints).length === 0) ctx.disk.truncate(HINTS, 0);
}

/** Waits, as the policy says, until what has been written so far is on disk. Throws `disk-failed`. */
export function* durable(settings: DynamoSettings, ctx: DynamoContext): Flow {
  const { fsync } = settings;
  if (fsync === 'always') yield* synced(settings, ctx);
  if (fsync === 'group') {
    const mine = ctx.state.written;
    while (ctx.state.synced < mine && !ctx.state.broken) yield* ctx.wait(FLUSHED);
  }
  if (ctx.state.broken) throw reject('disk-failed', 'the disk has failed to sync', undefined, false);
}

/** Flushes what has been written when it begins; a record that comes later waits for the next one. */
export function* synced({ versioning }: DynamoSettings, ctx: DynamoContext): Flow {
  const { written } = ctx.state;
  try {
    yield* syncOrStop(ctx, (state) => void (state.broken = true));
    // After a failed sync nothing is pending any more, although nothing of it is on disk.
    if (ctx.state.broken) return;
    ctx.update((state) => {
      state.synced = Math.max(state.synced, written);
      while (state.unsynced[0] !== undefined && state.unsynced[0].record <= written)
        nowDurable(state, state.unsynced.shift() as Unsynced, versioning);
    });
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
  } finally {
    ctx.signal(FLUSHED);
  }
}

/** The timer of a node that flushes every now and then. */
export const groupFlush = (settings: DynamoSettings) => ({
  flush(_state: unknown, ctx: DynamoContext): void {
    ctx.setTimer('flush', settings.groupEvery);
    if (ctx.disk.unsynced > 0) ctx.spawn(synced(settings, ctx));
  },
});

function nowDurable(state: DynamoState, { owner, key, cell }: Unsynced, versioning: Versioning): void {
  const entry = owner === '' ? state.cells[key] : state.hints[owner]?.[key];
  if (entry !== undefined) entry.durable = entry.durable === null ? cell : versioning.merge(entry.durable, cell);
}

/** The tables that the disk holds. */
export function recoveredTables(
  disk: DiskView,
  { versioning, ...settings }: DynamoSettings,
  ctx: DynamoContext,
): Recovered {
  const tables = recoveredSorted(disk, settings, ctx);
  const { cells, deleted, sorted, segments, hints } = tables;
  for (let segment = segments.first; segment <= segments.last; segment++) {
    const records = recordsOf(segmentFile(segment), disk, ctx);
    for (const record of records) {
      const { key } = record;
      if (record.event === 'handed-over') {
        delete cells[key];
        deleted[key] = 0;
      } else {
        const older = deleted[key] === undefined ? lookUp(sorted, key).value : null;
        cells[key] ??= older ? { ...older, durable: older.cell } : fresh(record.cell);
        mergeInto(cells[key], record.cell, versioning);
        delete deleted[key];
      }
    }
    tables.logged += records.length;
  }
  for (const record of recordsOf(HINTS, disk, ctx)) {
    const table: Entries = (hints[record.owner] ??= {});
    if (record.event === 'handed-over') delete table[record.key];
    else mergeInto((table[record.key] ??= fresh(record.cell)), record.cell, versioning);
  }
  for (const owner of Object.keys(hints)) if (Object.keys(hints[owner] ?? {}).length === 0) delete hints[owner];
  return tables;
}

function recordsOf(file: string, disk: DiskView, ctx: DynamoContext): readonly LogRecord[] {
  const records = disk.log<LogRecord>(file);
  // What is appended behind a torn record could not be read again.
  ctx.disk.truncate(file, records.length);
  return records;
}

const fresh = (cell: unknown): Entry => ({ cell: copyOf(cell), record: 0, durable: cell, actor: '' });

function mergeInto(entry: Entry, cell: unknown, versioning: Versioning): void {
  entry.cell = entry.durable = versioning.merge(entry.cell, cell);
}
