/**
 * A node's tables: its own cells, and what it keeps for others (hints). The owner '' stands for the node itself.
 *
 * Every change goes to a log first. A node's own cells are then in the memory table, which hides the sorted tables that it is
 * flushed to from time to time (sorted-cells.ts); a new version of a cell is made from the present one, so the newest table that
 * has a key says all there is. A cell is handed over, and then gone from here, only as it was when somebody else acknowledged
 * it: what has come since stays.
 */
import { copyOf, type Flow } from '../../sim/index.ts';
import { lookUp, mergedRows } from '../sorted-tables/sorted-table.ts';
import { cutHints, durable, log } from './commit-log.ts';
import type { KeyedCell } from './dynamo-protocol.ts';
import type { DynamoSettings } from './dynamo-settings.ts';
import type { DynamoContext, DynamoState, Entry, Tables } from './dynamo-state.ts';

/** Its own cells. */
export const OWN = '';

export function entryOf(tables: Tables, owner: string, key: string): Entry | undefined {
  if (owner !== OWN) return tables.hints[owner]?.[key];
  const known = tables.cells[key];
  if (known !== undefined || tables.sorted.length === 0 || tables.deleted[key] !== undefined) return known;
  const { value } = lookUp(tables.sorted, key);
  return value === null || value === undefined ? undefined : { ...value, durable: value.cell };
}

/** What sorted tables say together, by their list: tables never change, and a list of them is replaced as a whole. */
const sortedEntries = new WeakMap<Tables['sorted'], ReadonlyMap<string, Entry>>();

function entriesIn(sorted: Tables['sorted']): ReadonlyMap<string, Entry> {
  const known = sortedEntries.get(sorted);
  if (known !== undefined) return known;
  const entries = new Map<string, Entry>();
  for (const [key, value] of mergedRows(sorted, true))
    if (value !== null) entries.set(key, { ...value, durable: value.cell });
  sortedEntries.set(sorted, entries);
  return entries;
}

/** All of its own cells. */
export function ownEntries({ cells, deleted, sorted }: Tables): ReadonlyMap<string, Entry> {
  const entries = new Map(entriesIn(sorted));
  for (const key in deleted) entries.delete(key);
  for (const key in cells) entries.set(key, cells[key] as Entry);
  return entries;
}

/** Takes the time that it takes to read what sorted tables may have of a key: those whose Bloom filters do not say "no". */
export function* consult(key: string, { tableRead }: DynamoSettings, ctx: DynamoContext): Flow {
  const { cells, deleted, sorted } = ctx.state;
  if (sorted.length === 0 || cells[key] !== undefined || deleted[key] !== undefined) return;
  const { read } = lookUp(sorted, key);
  if (read === 0) return;
  ctx.count('sorted tables read', read);
  // Work, not a wait on its clock: a node whose clock stands still reads all the same.
  yield* ctx.work(read * tableRead);
}

/** All that this node knows of a key, hints included. */
export function knownCell(state: DynamoState, key: string, { versioning }: DynamoSettings): unknown {
  let known = entryOf(state, OWN, key)?.cell ?? versioning.empty;
  for (const owner in state.hints) {
    const hint = state.hints[owner]?.[key];
    if (hint !== undefined) known = versioning.merge(known, hint.cell);
  }
  return known;
}

/** Merges a cell in. Throws CallError when the disk is full. */
export function keep(
  state: DynamoState,
  owner: string,
  key: string,
  cell: unknown,
  settings: DynamoSettings,
  ctx: DynamoContext,
): void {
  const { versioning } = settings;
  const known = entryOf(state, owner, key)?.cell ?? versioning.empty;
  const order = versioning.compare(cell, known);
  if (order === 'before' || order === 'equal') return;
  replace(state, owner, key, versioning.merge(known, copyOf(cell)), settings, ctx);
}

/** Merges a cell in, durably. Fails with CallError. */
export function* keepDurably(
  owner: string,
  { key, cell }: KeyedCell,
  settings: DynamoSettings,
  ctx: DynamoContext,
): Flow<void> {
  if (owner === OWN) yield* consult(key, settings, ctx);
  ctx.update((state) => keep(state, owner, key, cell, settings, ctx));
  // Also for what it has already: it may not be on disk yet.
  yield* durable(settings, ctx);
}

/** Puts a cell that comes after the present one. Throws CallError when the disk is full. */
export function replace(
  state: DynamoState,
  owner: string,
  key: string,
  cell: unknown,
  settings: DynamoSettings,
  ctx: DynamoContext,
): Entry {
  const known = entryOf(state, owner, key) ?? { cell, record: 0, durable: null, actor: '' };
  const record = log(state, { event: owner === OWN ? 'cell' : 'hint', owner, key, cell }, settings, ctx);
  if (settings.fsync !== 'never') state.unsynced.push({ record, owner, key, cell });
  const table = owner === OWN ? state.cells : (state.hints[owner] ??= {});
  const entry = (table[key] = known);
  entry.cell = cell;
  entry.record = record;
  if (owner === OWN) delete state.deleted[key];
  return entry;
}

/** Forgets a cell that others have, if it is still as it was in `record`. Throws CallError when the disk is full. */
export function handedOver(
  state: DynamoState,
  owner: string,
  key: string,
  record: number,
  settings: DynamoSettings,
  ctx: DynamoContext,
): void {
  if (entryOf(state, owner, key)?.record !== record) return;
  const last = log(state, { event: 'handed-over', owner, key }, settings, ctx);
  if (owner === OWN) {
    delete state.cells[key];
    // Sorted tables have it, or the one that is being written.
    state.deleted[key] = last;
    return;
  }
  const table = state.hints[owner] ?? {};
  delete table[key];
  if (Object.keys(table).length === 0) delete state.hints[owner];
  cutHints(state, ctx);
}
