/** What a node's disk has besides the logs: the sorted tables, and the manifest that names those that count. */
import type { DiskView } from '../../sim/index.ts';
import { copyToWriteFirst, readTwin, writeTwin, type Copies } from '../durability/twin-record.ts';
import { sortedTable, type SortedTable } from '../sorted-tables/sorted-table.ts';
import type { DynamoSettings } from './dynamo-settings.ts';
import { noTables, type DynamoContext, type Recovered, type SortedCell, type Tables } from './dynamo-state.ts';

/** What counts, of what is on the disk; replaced as a whole. */
interface Manifest {
  readonly serial: number;
  /** Serials of the sorted tables, newest first. */
  readonly sorted: readonly number[];
  readonly segments: Tables['segments'];
  /** The latest serial that a sorted table has had. */
  readonly table: number;
}

/** A row of a sorted table's file; without a cell, the key is gone. */
interface Row {
  readonly key: string;
  readonly value: { readonly cell: unknown } | null;
}

const MANIFEST: Copies = ['manifest-a', 'manifest-b'];

export const tableFile = (serial: number): string => `sorted-${serial}`;

/** Durable after the next fsync. Throws CallError when the disk is full. */
export function writeManifest(
  sorted: readonly { readonly serial: number }[],
  segments: Tables['segments'],
  ctx: DynamoContext,
): void {
  const { serials, copyFirst } = ctx.state;
  const manifest: Manifest = {
    serial: ctx.update((state) => ++state.serials.manifest),
    sorted: sorted.map(({ serial }) => serial),
    segments,
    table: serials.table,
  };
  writeTwin(ctx, MANIFEST, manifest, copyFirst);
}

/** Durable after the next fsync. Throws CallError when the disk is full. */
export function writeTable({ serial, keys, values }: SortedTable<SortedCell>, ctx: DynamoContext): void {
  const rows = keys.map((key, i): Row => ({ key, value: values[i] ? { cell: values[i].cell } : null }));
  ctx.disk.write(tableFile(serial), rows);
}

/**
 * The sorted tables that the manifest names. One that cannot be read is left out, and counted: what it had is with the other
 * owners, and comes back with anti-entropy. Without a manifest nothing can be told, and the node is broken.
 */
export function recoveredSorted(
  disk: DiskView,
  { bloomBitsPerKey }: Pick<DynamoSettings, 'bloomBitsPerKey'>,
  ctx: DynamoContext,
): Recovered {
  const tables = noTables();
  const manifest = readTwin<Manifest>(disk, MANIFEST);
  if (manifest === 'none') return tables;
  if (manifest === 'damaged') return { ...tables, broken: true };
  const sorted = manifest.sorted.flatMap((serial) => {
    const rows = disk.read<readonly Row[]>(tableFile(serial));
    if (rows === undefined) ctx.count('damaged sorted tables');
    if (rows === undefined) return [];
    const cells = rows.map(({ key, value }) => [key, value && { ...value, record: 0, actor: '' }] as const);
    return [sortedTable<SortedCell>(serial, cells, { bitsPerKey: bloomBitsPerKey })];
  });
  return {
    ...tables,
    sorted,
    segments: manifest.segments,
    serials: { manifest: manifest.serial, table: manifest.table },
    copyFirst: copyToWriteFirst(disk, MANIFEST),
  };
}
