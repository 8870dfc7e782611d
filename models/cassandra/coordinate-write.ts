/**
 * Writes. The node that is asked gives the write its timestamp, unless the client has, and sends it to all copies at once; it
 * answers when as many have it on disk as the level asks for. When it believes that too few can be reached, it refuses before
 * anything is done. For a copy that is away, or does not answer, it keeps a *hint*, on its own disk, and hands it over later;
 * not for one that has been away longer than the hint window, which is left to repair. Hints do not count.
 */
import { CallError, copyOf, reject, type Flow, type Micros } from '../../sim/index.ts';
import { unlessDiskFull } from '../durability/unless-disk-full.ts';
import { keep, keepDurably, OWN } from '../dynamo/cell-tables.ts';
import { ownersOf, serving } from '../dynamo/dynamo-state.ts';
import { gather } from '../dynamo/gather.ts';
import { callPeer, isReachable } from '../dynamo/reachability.ts';
import type { RowWrite } from './cassandra-protocol.ts';
import type { CassandraSettings } from './cassandra-settings.ts';
import type { CassandraContext } from './cassandra-state.ts';
import { isMet, required } from './consistency-level.ts';
import type { RowVersion } from './row-versions.ts';

/** A version on its way to the copies of its row. */
export interface RowCopy {
  readonly key: string;
  readonly cell: RowVersion;
}

export function* write(
  request: RowWrite,
  settings: CassandraSettings,
  ctx: CassandraContext,
): Flow<{ readonly timestamp: Micros }> {
  serving(ctx.state);
  const { key, value, level } = request;
  const replicas = ownersOf(key, ctx.state, settings);
  const { datacentreOf, patience } = settings;
  const shares = required(level, replicas, datacentreOf, datacentreOf(ctx.self.id));
  const live = replicas.filter((node) => isLive(node, ctx));
  if (!isMet(shares, live)) throw reject('unavailable', `${level}: ${live.length} of ${replicas.length} copies are up`);
  const takenAt = ctx.clock.wall;
  const at =
    request.timestamp ?? ctx.update((state) => (state.lastTimestamp = Math.max(takenAt, state.lastTimestamp + 1)));
  const copy: RowCopy = { key, cell: { at, value: copyOf(value), takenAt } };
  for (const node of replicas) if (!live.includes(node)) hint(node, copy, settings, ctx);
  const asks = live.map((node) => ({ node, flow: storeAt(node, copy, settings, ctx) }));
  yield* gather(asks, (nodes) => isMet(shares, nodes), patience, ctx);
  return { timestamp: at };
}

/** Whether it answered when it was last asked, or has not been asked for a while. */
export const isLive = (node: string, ctx: CassandraContext): boolean =>
  node === ctx.self.id || isReachable(node, ctx.state, ctx.clock.monotonic);

function* storeAt(node: string, copy: RowCopy, settings: CassandraSettings, ctx: CassandraContext): Flow<void> {
  try {
    yield* putCopy(node, copy, settings, ctx);
    ctx.update((state) => void delete state.downSince[node]);
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
    if (node !== ctx.self.id) hint(node, copy, settings, ctx);
    throw error;
  }
}

/** Stores a copy at a node, which may be this one, durably. Fails with CallError. */
export function* putCopy(node: string, copy: RowCopy, settings: CassandraSettings, ctx: CassandraContext): Flow<void> {
  if (node === ctx.self.id) yield* keepDurably(OWN, copy, settings, ctx);
  else yield* callPeer(node, 'store', copy, settings, ctx);
}

function hint(node: string, { key, cell }: RowCopy, settings: CassandraSettings, ctx: CassandraContext): void {
  const now = ctx.clock.monotonic;
  // Else repair will have to do without the hint.
  unlessDiskFull(() =>
    ctx.update((state) => {
      const since = (state.downSince[node] ??= now);
      if (now - since < settings.hintWindow) keep(state, node, key, cell, settings, ctx);
    }),
  );
}
