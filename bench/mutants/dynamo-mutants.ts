/** Mistakes in the Dynamo-style store. */
import type { Mutant } from './mutant.ts';

const PUT = 'models/dynamo/coordinate-put.ts';
const HAND_OFF = 'models/dynamo/hand-off.ts';
const TABLES = 'models/dynamo/cell-tables.ts';
const SORTED = 'models/dynamo/sorted-cells.ts';
const LOGS = 'models/dynamo/commit-log.ts';
const SORTED_TABLE = 'models/sorted-tables/sorted-table.ts';
const DOTS = 'models/versioning/dotted-version-vectors.ts';
const LOST = { scenario: 'lost-cart-item-siblings', property: 'no acknowledged add is lost' } as const;
const DISKS = { scenario: 'lost-cart-item-siblings', property: 'acknowledged writes are on W replicas' } as const;

const RESTART = {
  scenario: 'lost-cart-item-siblings',
  property: 'a restart finds what was on the disk',
} as const;

export const DYNAMO_MUTANTS: readonly Mutant[] = [
  {
    ...LOST,
    name: 'hint-deleted-before-delivered',
    bug: 'A stand-in forgets a hint when it begins to hand it over, whether the owner takes it or not.',
    file: HAND_OFF,
    find: '  const request = { key, cell: copyOf(entry.cell) };\n',
    replace:
      '  const request = { key, cell: copyOf(entry.cell) };\n  ctx.update((state) => handedOver(state, owner, key, record, settings, ctx));\n',
    profile: 'partitions',
  },
  {
    ...LOST,
    name: 'clocks-merged-by-one-side',
    bug: "A new version's vector is the maximum of one side only: what its writer had read, without what the coordinator has.",
    file: DOTS,
    find: 'const known = joined(cell.seen, context);',
    replace: 'const known = context;',
    profile: 'partitions',
  },
  {
    ...DISKS,
    name: 'dynamo-write-quorum-off-by-one',
    bug: 'The coordinator waits for W − 1 copies, its own included.',
    file: PUT,
    find: 'Math.min(settings.writeQuorum, targets.length) - 1',
    replace: 'Math.min(settings.writeQuorum, targets.length) - 2',
    profile: 'network',
  },
  {
    ...DISKS,
    name: 'copy-acked-before-fsync',
    bug: 'A node acknowledges a copy before it is on its disk.',
    file: TABLES,
    find: '  // Also for what it has already: it may not be on disk yet.\n  yield* durable(settings, ctx);\n',
    replace: '',
    profile: 'crashes',
  },
  {
    ...LOST,
    name: 'repair-overwrites-newer',
    bug: 'A copy that is sent to a node replaces what it has instead of being merged with it.',
    file: TABLES,
    find: `  if (order === 'before' || order === 'equal') return;
  replace(state, owner, key, versioning.merge(known, copyOf(cell)), settings, ctx);`,
    replace: `  if (order === 'equal') return;
  replace(state, owner, key, copyOf(cell), settings, ctx);`,
    profile: 'partitions',
  },
  {
    ...LOST,
    name: 'actor-survives-a-crash',
    bug: 'A node counts under the same name after a restart, although it may have lost what it had counted.',
    file: PUT,
    find: '`${ctx.self.id}@${state.boot}.${++state.actors}`',
    replace: 'ctx.self.id',
    profile: 'partitions',
  },
  {
    ...RESTART,
    name: 'log-cut-before-the-flush',
    bug: 'Segments of the commit log go when the memory table begins to be flushed, not when the sorted table is on disk.',
    file: SORTED,
    find: '  const upTo = ctx.state.written;\n',
    replace:
      '  const upTo = ctx.state.written;\n  for (let segment = first; segment < last; segment++) ctx.disk.remove(segmentFile(segment));\n',
    profile: 'crashes',
  },
  {
    ...RESTART,
    name: 'one-segment-recovered',
    bug: 'After a crash in the middle of a flush only the latest segment of the commit log is read.',
    file: LOGS,
    find: 'let segment = segments.first; segment <=',
    replace: 'let segment = segments.last; segment <=',
    profile: 'crashes',
  },
  {
    ...RESTART,
    name: 'manifest-forgets-a-table',
    bug: 'A manifest names the new sorted table and not those before it.',
    file: SORTED,
    find: 'writeManifest([table, ...sorted], {',
    replace: 'writeManifest([table], {',
    profile: 'crashes',
  },
  {
    ...LOST,
    name: 'oldest-table-counts',
    bug: 'Sorted tables are read from the oldest on: what a flush has written hides nothing.',
    file: SORTED_TABLE,
    find: 'for (const table of tables) {',
    replace: 'for (const table of tables.toReversed()) {',
    profile: 'crashes',
  },
  {
    ...LOST,
    name: 'filter-lacks-a-key',
    bug: "A sorted table's Bloom filter is made without the first of its keys.",
    file: SORTED_TABLE,
    find: 'filter: bloomFilter(keys, options)',
    replace: 'filter: bloomFilter(keys.slice(1), options)',
    profile: 'crashes',
  },
];
