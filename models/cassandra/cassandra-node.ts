/**
 * A node of a Cassandra-style store (Lakshman and Malik, "Cassandra: a decentralized structured storage system", 2010; Apache
 * Cassandra 4): Dynamo's ring, hints, tables and Merkle trees (models/dynamo), with replicas per data centre, a consistency
 * level for each request, and values of which the last write wins.
 *
 * What it promises: a read sees the last write that was acknowledged before it, and no later read less, when the levels of the
 * two make them meet, the writers' timestamps rise in the order of the writes (one writer for each row, or clocks that agree
 * better than writes are apart), and copies count when they are on disk. Nothing of two writes at a time: one of them is gone. A
 * deleted row stays deleted while no copy misses the deletion for longer than gc_grace, or tombstones are purged only when
 * repaired; and while no message is on its way for longer than gc_grace.
 *
 * By concern: placement (replication-strategy.ts), levels (consistency-level.ts), versions and their ties (row-versions.ts),
 * requests (coordinate-write.ts, coordinate-read.ts), deletions (tombstones.ts), repair (repair.ts). Simplified: nodes neither
 * join nor leave; a node's own opinion instead of gossip says who is up; a read asks for whole rows, not digests; no
 * lightweight transactions.
 */
import { defineActor, type Actor, type Flow } from '../../sim/index.ts';
import { comparingSteps } from '../dynamo/anti-entropy.ts';
import { rounds } from '../dynamo/background.ts';
import { keepDurably, OWN } from '../dynamo/cell-tables.ts';
import { groupFlush, recoveredTables } from '../dynamo/commit-log.ts';
import { booted, noTables, phaseOf, serving, type Recovered } from '../dynamo/dynamo-state.ts';
import { handOff } from '../dynamo/hand-off.ts';
import { initialMembers } from '../dynamo/membership.ts';
import { keepSorted } from '../dynamo/sorted-cells.ts';
import type { CassandraProtocol } from './cassandra-protocol.ts';
import { cassandraSettings, type CassandraOptions, type CassandraSettings } from './cassandra-settings.ts';
import type { CassandraContext, CassandraState } from './cassandra-state.ts';
import { own, read } from './coordinate-read.ts';
import { write } from './coordinate-write.ts';
import { holds, mark, repair } from './repair.ts';
import { compact } from './tombstones.ts';

/** Throws ConfigError naming the option. */
export function cassandraNode(options: CassandraOptions): Actor<CassandraState, CassandraProtocol> {
  const settings = cassandraSettings(options);
  return defineActor<CassandraState, CassandraProtocol>({
    role: 'replica',
    init: () => begun(noTables(), settings),
    recover: (disk, ctx) => begun(recoveredTables(disk, settings, ctx), settings),
    start({ broken }, ctx) {
      if (!broken) begin(settings, ctx);
    },
    on: {
      ...comparingSteps(settings),
      repaired: (state, request) => mark(state, request),
    },
    flows: {
      write: (request, ctx) => write(request, settings, ctx),
      read: (request, ctx) => read(request, settings, ctx),
      holds: (request, ctx) => holds(request, settings, ctx),
      *fetch({ key }, ctx) {
        serving(ctx.state);
        return yield* own(key, settings, ctx);
      },
      *store(copy, ctx) {
        serving(ctx.state);
        yield* keepDurably(OWN, copy, settings, ctx);
      },
    },
    timers: {
      compaction(state, ctx) {
        ctx.setTimer('compaction', settings.compactEvery);
        if (!state.broken) compact(state, settings, ctx);
      },
      ...groupFlush(settings),
    },
    phase: phaseOf,
  });
}

/** Nodes neither join nor leave, and no version is named after a boot. */
const begun = (tables: Recovered, { members }: CassandraSettings): CassandraState => ({
  ...booted(1, initialMembers(members), tables),
  ready: true,
  lastTimestamp: 0,
  downSince: {},
  repaired: {},
});

function begin(settings: CassandraSettings, ctx: CassandraContext): void {
  const { fsync, groupEvery, compactEvery, handOffEvery, repairEvery } = settings;
  ctx.spawn(keepSorted(settings, ctx));
  if (fsync === 'group') ctx.setTimer('flush', groupEvery);
  ctx.setTimer('compaction', compactEvery);
  if (handOffEvery !== undefined) ctx.spawn(rounds(handOffEvery, ctx, () => handHintsOver(settings, ctx)));
  if (repairEvery !== undefined) ctx.spawn(rounds(repairEvery, ctx, () => repair(settings, ctx)));
}

function* handHintsOver(settings: CassandraSettings, ctx: CassandraContext): Flow {
  // The node may have been stopped since the last compaction: hints that have become too old go first.
  ctx.update((state) => compact(state, settings, ctx));
  yield* handOff(settings, ctx);
}
