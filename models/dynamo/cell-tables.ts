/**
 * A node's tables: its own cells, and what it keeps for others (hints). The owner '' stands for the node itself.
 *
 * Every change goes to the commit log first. A cell is handed over, and then gone from here, only as it was when somebody
 * else acknowledged it: what has come since stays.
 */
import { copyOf, type Flow } from '../../sim/index.ts';
import { durable, log } from './commit-log.ts';
import type { KeyedCell } from './dynamo-protocol.ts';
import type { DynamoSettings } from './dynamo-settings.ts';
import type { DynamoContext, DynamoState, Entry } from './dynamo-state.ts';

/** Its own cells. */
export const OWN = '';

export const entryOf = (state: DynamoState, owner: string, key: string): Entry | undefined =>
  owner === OWN ? state.cells[key] : state.hints[owner]?.[key];

/** All that this node knows of a key, hints included. */
export function knownCell(state: DynamoState, key: string, { versioning }: DynamoSettings): unknown {
  let known = state.cells[key]?.cell ?? versioning.empty;
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
  { fsync }: DynamoSettings,
  ctx: DynamoContext,
): Entry {
  const record = log(state, { event: owner === OWN ? 'cell' : 'hint', owner, key, cell }, ctx);
  if (fsync !== 'never') state.unsynced.push({ record, owner, key, cell });
  const table = owner === OWN ? state.cells : (state.hints[owner] ??= {});
  const entry = (table[key] ??= { cell, record, durable: null, actor: '' });
  entry.cell = cell;
  entry.record = record;
  return entry;
}

/** Forgets a cell that others have, if it is still as it was in `record`. */
export function handedOver(state: DynamoState, owner: string, key: string, record: number, ctx: DynamoContext): void {
  const table = owner === OWN ? state.cells : state.hints[owner];
  if (table?.[key]?.record !== record) return;
  log(state, { event: 'handed-over', owner, key }, ctx);
  delete table[key];
  if (owner !== OWN && Object.keys(table).length === 0) delete state.hints[owner];
}
