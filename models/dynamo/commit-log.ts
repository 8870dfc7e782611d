/**
 * A node's commit log: every change of its tables is appended before it is made in memory, and is as durable as the policy
 * says before anybody is told of it. Recovery reads the log from its beginning.
 *
 * Cells are merged, so any subset of the unsynced records that a crash keeps gives tables that this node may have had.
 * Simplified: the memory table is never flushed to sorted files, so the log is all there is and is never cut.
 */
import { CallError, copyOf, reject, type DiskView, type Flow } from '../../sim/index.ts';
import { syncOrStop } from '../durability/sync-or-stop.ts';
import type { Versioning } from '../versioning/versioning.ts';
import type { DynamoSettings } from './dynamo-settings.ts';
import type { DynamoContext, DynamoState, Entries, Unsynced } from './dynamo-state.ts';

export type LogRecord =
  | { readonly event: 'cell' | 'hint'; readonly owner: string; readonly key: string; readonly cell: unknown }
  | { readonly event: 'handed-over'; readonly owner: string; readonly key: string };

const FILE = 'commit-log';
const FLUSHED = 'flushed';

/** Appends a record. Throws CallError when the disk is full; then nothing has changed. */
export function log(state: DynamoState, record: LogRecord, ctx: DynamoContext): number {
  ctx.disk.append(FILE, record);
  return ++state.written;
}

/** Waits, as the policy says, until what has been written so far is on disk. Throws `disk-failed`. */
export function* durable({ fsync, versioning }: DynamoSettings, ctx: DynamoContext): Flow {
  if (fsync === 'always') yield* flush(versioning, ctx);
  if (fsync === 'group') {
    const mine = ctx.state.written;
    while (ctx.state.synced < mine && !ctx.state.broken) yield* ctx.wait(FLUSHED);
  }
  if (ctx.state.broken) throw reject('disk-failed', 'the disk has failed to sync', undefined, false);
}

/** Flushes what has been written when it begins; a record that comes later waits for the next one. */
function* flush(versioning: Versioning, ctx: DynamoContext): Flow {
  const { written } = ctx.state;
  try {
    yield* syncOrStop(ctx, (state) => void (state.broken = true));
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
export const groupFlush = ({ groupEvery, versioning }: DynamoSettings) => ({
  flush(_state: unknown, ctx: DynamoContext): void {
    ctx.setTimer('flush', groupEvery);
    if (ctx.disk.unsynced > 0) ctx.spawn(flush(versioning, ctx));
  },
});

function nowDurable(state: DynamoState, { owner, key, cell }: Unsynced, versioning: Versioning): void {
  const entry = owner === '' ? state.cells[key] : state.hints[owner]?.[key];
  if (entry !== undefined) entry.durable = entry.durable === null ? cell : versioning.merge(entry.durable, cell);
}

/** The tables that the log on the disk holds. */
export function recoveredTables(
  disk: DiskView,
  { versioning }: DynamoSettings,
  ctx: DynamoContext,
): Pick<DynamoState, 'cells' | 'hints'> {
  const records = disk.log<LogRecord>(FILE);
  // What is appended behind a torn record could not be read again.
  ctx.disk.truncate(FILE, records.length);
  const cells: Entries = {};
  const hints: Record<string, Entries> = {};
  for (const record of records) {
    const table = record.owner === '' ? cells : (hints[record.owner] ??= {});
    if (record.event === 'handed-over') delete table[record.key];
    else mergeInto(table, record.key, record.cell, versioning);
  }
  for (const owner of Object.keys(hints)) if (Object.keys(hints[owner] ?? {}).length === 0) delete hints[owner];
  return { cells, hints };
}

function mergeInto(table: Entries, key: string, cell: unknown, versioning: Versioning): void {
  const known = table[key];
  if (known === undefined) table[key] = { cell: copyOf(cell), record: 0, durable: cell, actor: '' };
  else known.cell = known.durable = versioning.merge(known.cell, cell);
}
