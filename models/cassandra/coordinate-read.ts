/**
 * Reads. The node that is asked asks as many copies as the level needs, the nearest first (its own, then its data centre's),
 * and for one that does not answer the next one. The latest version among the answers wins. Where answers differ, those that
 * were behind are brought up to date *before* the client is answered, as many as the level needs: a blocking read repair,
 * after which no later read at that level can return less. At ONE there is nothing to compare with.
 *
 * What has been read is not written back when too long has passed since (the node may have been stopped meanwhile): the row
 * may have been deleted since, and its tombstone purged.
 */
import { copyOf, reject, type Flow } from '../../sim/index.ts';
import { consult, entryOf, OWN } from '../dynamo/cell-tables.ts';
import { ownersOf, serving } from '../dynamo/dynamo-state.ts';
import { gather } from '../dynamo/gather.ts';
import { atFirstOrSpare, callPeer } from '../dynamo/reachability.ts';
import type { RowRead } from './cassandra-protocol.ts';
import type { CassandraSettings } from './cassandra-settings.ts';
import type { CassandraContext } from './cassandra-state.ts';
import { isMet, required, type Share } from './consistency-level.ts';
import { isLive, putCopy } from './coordinate-write.ts';
import type { RowCell } from './row-versions.ts';

/** What a node has of the row. */
interface Copy {
  readonly node: string;
  readonly cell: RowCell;
}

export function* read(
  { key, level }: RowRead,
  settings: CassandraSettings,
  ctx: CassandraContext,
): Flow<{ readonly value: unknown }> {
  serving(ctx.state);
  if (level === 'EACH_QUORUM') throw reject('invalid-level', 'EACH_QUORUM is for writes');
  const began = ctx.clock.monotonic;
  const { datacentreOf, patience } = settings;
  const replicas = ownersOf(key, ctx.state, settings);
  const shares = required(level, replicas, datacentreOf, datacentreOf(ctx.self.id));
  const [{ nodes, needed }] = shares as readonly [Share];
  const near = nearestFirst(nodes, settings, ctx).filter((node) => isLive(node, ctx));
  if (near.length < needed) throw reject('unavailable', `${level}: ${near.length} of ${nodes.length} copies are up`);
  const spare = near.slice(needed);
  const asks = near.slice(0, needed).map((node) => ({ node, flow: fetchFrom(node, spare, key, settings, ctx) }));
  const copies = (yield* gather(asks, needed, patience, ctx)).map(({ reply }) => reply);
  const latest = copies.reduce<RowCell>((cell, copy) => settings.versioning.merge(cell, copy.cell) as RowCell, null);
  if (ctx.clock.monotonic - began > patience) throw reject('no-quorum', 'too late');
  yield* repairRead(key, latest, copies, shares, settings, ctx);
  return { value: latest === null ? null : copyOf(latest.value) };
}

/** This node, then those of its data centre, then the others; nodes that are as near in an order drawn for this read. */
function nearestFirst(
  nodes: readonly string[],
  { datacentreOf }: CassandraSettings,
  ctx: CassandraContext,
): readonly string[] {
  const local = datacentreOf(ctx.self.id);
  const distance = (node: string): number => (node === ctx.self.id ? 0 : datacentreOf(node) === local ? 1 : 2);
  return ctx.random.shuffle(nodes).toSorted((a, b) => distance(a) - distance(b));
}

function fetchFrom(
  first: string,
  spare: string[],
  key: string,
  settings: CassandraSettings,
  ctx: CassandraContext,
): Flow<Copy> {
  return atFirstOrSpare(first, spare, function* copyAt(node) {
    const cell = node === ctx.self.id ? own(key, settings, ctx) : callPeer(node, 'fetch', { key }, settings, ctx);
    return { node, cell: (yield* cell) as RowCell };
  });
}

/** What this node has of the row. */
export function* own(key: string, settings: CassandraSettings, ctx: CassandraContext): Flow<unknown> {
  yield* consult(key, settings, ctx);
  return copyOf(entryOf(ctx.state, OWN, key)?.cell ?? null);
}

function* repairRead(
  key: string,
  cell: RowCell,
  copies: readonly Copy[],
  shares: readonly Share[],
  settings: CassandraSettings,
  ctx: CassandraContext,
): Flow {
  if (cell === null) return;
  const behind = copies.filter((copy) => settings.versioning.compare(copy.cell, cell) !== 'equal');
  if (behind.length === 0) return;
  ctx.count('read repairs', behind.length);
  const current = copies.filter((copy) => !behind.includes(copy)).map(({ node }) => node);
  const asks = behind.map(({ node }) => ({ node, flow: putCopy(node, { key, cell }, settings, ctx) }));
  yield* gather(asks, (nodes) => isMet(shares, [...current, ...nodes]), settings.patience, ctx);
}
