/**
 * Repair: a node compares Merkle trees with each of the other copies of its ranges and exchanges what differs (Dynamo's
 * anti-entropy), all of them in one go. Tombstones that it had when it began, and that all of them then confirm to have on
 * disk, are *repaired*: no copy can have missed the deletion, and they may be purged. A repair that one copy takes no part in
 * marks nothing of what they share.
 */
import { CallError, type Flow } from '../../sim/index.ts';
import { compareWith } from '../dynamo/anti-entropy.ts';
import { othersIn } from '../dynamo/background.ts';
import { ownEntries } from '../dynamo/cell-tables.ts';
import { durable } from '../dynamo/commit-log.ts';
import { ownersOf } from '../dynamo/dynamo-state.ts';
import type { CassandraProtocol, KeyedVersion } from './cassandra-protocol.ts';
import type { CassandraSettings } from './cassandra-settings.ts';
import type { CassandraContext, CassandraState } from './cassandra-state.ts';
import { textOf, type RowVersion } from './row-versions.ts';
import { tombstoneOf } from './tombstones.ts';

type Request = Parameters<CassandraProtocol['holds']>[0];

/** One repair of all ranges that this node has a copy of. */
export function* repair(settings: CassandraSettings, ctx: CassandraContext): Flow {
  const tombstones = [...ownEntries(ctx.state)].flatMap(([key, { cell }]): KeyedVersion[] => {
    const version = cell as RowVersion;
    return version.value === null ? [{ key, version: textOf(version) }] : [];
  });
  const confirmed = new Map<string, readonly string[]>();
  try {
    yield* durable(settings, ctx);
    for (const peer of othersIn(ctx)) {
      if (!(yield* compareWith(peer, settings, ctx))) continue;
      const shared = tombstones.filter(({ key }) => ownersOf(key, ctx.state, settings).includes(peer));
      if (shared.length > 0) confirmed.set(peer, yield* ask(peer, shared, settings, ctx));
    }
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
  }
  const versions = tombstones.filter(({ key }) =>
    ownersOf(key, ctx.state, settings).every((node) => node === ctx.self.id || confirmed.get(node)?.includes(key)),
  );
  if (versions.length === 0) return;
  ctx.update((state) => mark(state, { versions }));
  for (const peer of confirmed.keys()) ctx.send(nodeOf(peer, settings), 'repaired', { versions });
}

const nodeOf = (peer: string, { peers }: CassandraSettings) => peers[peer] as NonNullable<(typeof peers)[string]>;

/** Which of them the peer has on disk; none when it does not say. */
function* ask(
  peer: string,
  versions: readonly KeyedVersion[],
  settings: CassandraSettings,
  ctx: CassandraContext,
): Flow<readonly string[]> {
  try {
    return yield* ctx.call(nodeOf(peer, settings), 'holds', { versions }, { deadline: settings.attempt });
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
    return [];
  }
}

/** The keys of those versions that this node has just so, when they are on its disk. */
export function* holds(
  { versions }: Request,
  settings: CassandraSettings,
  ctx: CassandraContext,
): Flow<readonly string[]> {
  const held = versions.filter(({ key, version }) => isHeld(ctx.state, key, version)).map(({ key }) => key);
  yield* durable(settings, ctx);
  return held;
}

/** Notes that all copies have them. */
export function mark(state: CassandraState, { versions }: Request): void {
  for (const { key, version } of versions) if (isHeld(state, key, version)) state.repaired[key] = version;
}

function isHeld(state: CassandraState, key: string, version: string): boolean {
  const tombstone = tombstoneOf(state, key);
  return tombstone !== undefined && textOf(tombstone) === version;
}
