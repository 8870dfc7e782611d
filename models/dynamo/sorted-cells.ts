/**
 * Where a node's own cells go in the end (Dynamo keeps them in an engine of the reader's choice; this is Bigtable's and
 * Cassandra's): a memory table that has taken its records is flushed to a sorted table, and sorted tables of about one size are
 * merged into one. Both go on in the background, one at a time.
 *
 * A step is never begun before what it relies on is on disk: a new segment of the commit log when the manifest names it, a
 * manifest with a new table when the table is there, the end of old segments and tables when no manifest names them. So a crash
 * at any instant leaves tables and segments that have all there was.
 */
import { CallError, ms, reject, type Flow } from '../../sim/index.ts';
import { mergedRows, runToMerge, sortedTable, type SortedTable } from '../sorted-tables/sorted-table.ts';
import { MEMORY_FULL, segmentFile, synced } from './commit-log.ts';
import type { DynamoSettings } from './dynamo-settings.ts';
import type { DynamoContext, DynamoState, SortedCell } from './dynamo-state.ts';
import { tableFile, writeManifest, writeTable } from './manifest.ts';

/** When the disk was full. */
const AGAIN = ms(500);

/** Flushes and merges, for as long as the node lives. */
export function* keepSorted(settings: DynamoSettings, ctx: DynamoContext): Flow {
  for (;;) {
    try {
      while (ctx.state.logged < settings.memoryRecords) yield* ctx.wait(MEMORY_FULL);
      yield* flushMemory(settings, ctx);
      while (yield* mergeSome(settings, ctx));
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      if (ctx.state.broken) return;
      yield* ctx.sleep(AGAIN);
    }
  }
}

/** What is written to the commit log from here on is in a segment of its own: what is in the memory table now can be flushed. */
function* flushMemory(settings: DynamoSettings, ctx: DynamoContext): Flow {
  const { sorted, segments } = ctx.state;
  const { first } = segments;
  const last = segments.last + 1;
  writeManifest(sorted, { first, last }, ctx);
  yield* onDisk(settings, ctx);
  const upTo = ctx.state.written;
  const rows = memoryRows(ctx.state);
  const logged = ctx.update((state) => {
    const { logged: before } = state;
    state.segments = { first, last };
    state.logged = 0;
    return before;
  });
  try {
    const table = yield* newTable(rows, settings, ctx);
    writeManifest([table, ...sorted], { first: last, last }, ctx);
    yield* onDisk(settings, ctx);
    ctx.update((state) => {
      state.sorted = [table, ...sorted];
      state.segments = { first: last, last };
      forget(state, upTo);
    });
  } catch (error) {
    // It is to be flushed all the same.
    ctx.update((state) => void (state.logged += logged));
    throw error;
  }
  for (let segment = first; segment < last; segment++) ctx.disk.remove(segmentFile(segment));
  ctx.count('memory tables flushed');
}

/** The memory table's rows. Where there is nothing older, nothing has to be hidden. */
function memoryRows({ cells, deleted, sorted }: DynamoState): ReadonlyMap<string, SortedCell | null> {
  const rows = new Map<string, SortedCell | null>();
  for (const [key, { cell, record, actor }] of Object.entries(cells)) rows.set(key, { cell, record, actor });
  if (sorted.length > 0) for (const key in deleted) rows.set(key, null);
  return rows;
}

/** Takes what has not changed since a record out of the memory table. */
function forget({ cells, deleted }: DynamoState, upTo: number): void {
  for (const [key, { record }] of Object.entries(cells)) if (record <= upTo) delete cells[key];
  for (const [key, record] of Object.entries(deleted)) if (record <= upTo) delete deleted[key];
}

/** Merges some neighbours of one tier. False when there are none. */
function* mergeSome(settings: DynamoSettings, ctx: DynamoContext): Flow<boolean> {
  const { sorted, segments } = ctx.state;
  const run = runToMerge(
    sorted.map(({ keys }) => keys.length),
    settings.compactionFanIn,
  );
  if (run === undefined) return false;
  const merged = sorted.slice(run.from, run.to);
  const table = yield* newTable(mergedRows(merged, run.to === sorted.length), settings, ctx);
  const kept = [...sorted.slice(0, run.from), table, ...sorted.slice(run.to)];
  writeManifest(kept, segments, ctx);
  yield* onDisk(settings, ctx);
  ctx.update((state) => void (state.sorted = kept));
  for (const { serial } of merged) ctx.disk.remove(tableFile(serial));
  ctx.count('sorted tables merged', merged.length);
  return true;
}

/** A sorted table, on disk. */
function* newTable(
  rows: ReadonlyMap<string, SortedCell | null>,
  settings: DynamoSettings,
  ctx: DynamoContext,
): Flow<SortedTable<SortedCell>> {
  const serial = ctx.update((state) => ++state.serials.table);
  const table = sortedTable(serial, rows, { bitsPerKey: settings.bloomBitsPerKey });
  writeTable(table, ctx);
  yield* onDisk(settings, ctx);
  return table;
}

/** Throws `disk-failed`. */
function* onDisk(settings: DynamoSettings, ctx: DynamoContext): Flow {
  yield* synced(settings, ctx);
  if (ctx.state.broken) throw reject('disk-failed');
}
