/**
 * Tombstones and time. Compaction purges a tombstone that is older than gc_grace: it has had the time to come to all copies.
 * Whether it has is not known, unless a repair says so. Hints of that age are dropped: one that is older than a tombstone
 * which is gone would bring its row back.
 *
 * Ages are by the wall clocks of two nodes, the one that took the write and the one that purges: gc_grace has to be well above
 * what clocks differ by, and above the time that a message may be on its way.
 */
import { unlessDiskFull } from '../durability/unless-disk-full.ts';
import { entryOf, handedOver, OWN, ownEntries } from '../dynamo/cell-tables.ts';
import type { CassandraSettings } from './cassandra-settings.ts';
import type { CassandraContext, CassandraState } from './cassandra-state.ts';
import { textOf, type RowCell, type RowVersion } from './row-versions.ts';

/** Purges tombstones and drops hints that are old enough. */
export function compact(state: CassandraState, settings: CassandraSettings, ctx: CassandraContext): void {
  unlessDiskFull(() => {
    purge(state, settings, ctx);
    dropOldHints(state, settings, ctx);
  });
}

/** The row's tombstone here, if that is what is here. */
export function tombstoneOf(state: CassandraState, key: string): RowVersion | undefined {
  const cell = entryOf(state, OWN, key)?.cell as RowCell | undefined;
  return cell?.value === null ? cell : undefined;
}

const isOld = ({ takenAt }: RowVersion, { gcGrace }: CassandraSettings, ctx: CassandraContext): boolean =>
  ctx.clock.wall - takenAt > gcGrace;

function purge(state: CassandraState, settings: CassandraSettings, ctx: CassandraContext): void {
  for (const [key, { cell, record }] of ownEntries(state)) {
    const tombstone = cell as RowVersion;
    if (tombstone.value !== null || !isOld(tombstone, settings, ctx)) continue;
    if (settings.purgeRepairedOnly && state.repaired[key] !== textOf(tombstone)) continue;
    handedOver(state, OWN, key, record, settings, ctx);
    delete state.repaired[key];
    ctx.count('tombstones purged');
  }
}

function dropOldHints(state: CassandraState, settings: CassandraSettings, ctx: CassandraContext): void {
  for (const owner of Object.keys(state.hints)) {
    for (const [key, { cell, record }] of Object.entries(state.hints[owner] ?? {})) {
      if (isOld(cell as RowVersion, settings, ctx)) handedOver(state, owner, key, record, settings, ctx);
    }
  }
}
