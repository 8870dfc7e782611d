/**
 * A node of a Dynamo-style store (DeCandia et al., "Dynamo: Amazon's Highly Available Key-value Store", SOSP 2007). All nodes
 * are alike; each does every part.
 *
 * What it promises, with hints, read repair and anti-entropy on, cells that keep concurrent updates (dottedVersionVectors),
 * and copies that count when they are on disk: a put that was acknowledged is never lost while no more than W − 1 of the
 * nodes that acknowledged it are lost for ever before the others have caught up; it is contained in, or was replaced by, what
 * all replicas come to when they can talk to each other again; and it is accepted as long as W nodes can be reached,
 * whichever they are. It is not promised that a get sees the last put, even if R + W > N: a sloppy quorum of stand-ins need
 * not meet another one.
 *
 * By concern: versions (models/versioning), placement (preference-list.ts), writes and reads (coordinate-put.ts,
 * coordinate-get.ts), outages (reachability.ts, hand-off.ts), permanent differences (anti-entropy.ts, merkle-tree.ts), who is
 * in the ring (membership.ts), the disk (commit-log.ts, sorted-cells.ts). Simplified: values are small, one message each;
 * superseded memberships are never forgotten.
 */
import { CallError, copyOf, defineActor, ms, type Actor, type DiskView, type Flow } from '../../sim/index.ts';
import { syncOrStop } from '../durability/sync-or-stop.ts';
import { comparingSteps, compareWith } from './anti-entropy.ts';
import { othersIn, peerAt, rounds } from './background.ts';
import { consult, keepDurably, knownCell, OWN } from './cell-tables.ts';
import { durable, groupFlush, recoveredTables } from './commit-log.ts';
import { get } from './coordinate-get.ts';
import { coordinate, put } from './coordinate-put.ts';
import type { DynamoProtocol, StoreRequest } from './dynamo-protocol.ts';
import { dynamoSettings, type DynamoOptions, type DynamoSettings } from './dynamo-settings.ts';
import { booted, noTables, phaseOf, serving, type DynamoContext, type DynamoState } from './dynamo-state.ts';
import { handOff } from './hand-off.ts';
import { changed, initialMembers, reconciled, ringOf, type Members } from './membership.ts';
import { callPeer } from './reachability.ts';
import { keepSorted } from './sorted-cells.ts';

// Logs, of which the last record counts: a write that is torn leaves the one before it.
const BOOTS = 'boots';
const MEMBERSHIP = 'membership';
const BOOT_AGAIN = ms(100);

/** Throws ConfigError naming the option. */
export function dynamoNode(options: DynamoOptions): Actor<DynamoState, DynamoProtocol> {
  const settings = dynamoSettings(options);
  return defineActor<DynamoState, DynamoProtocol>({
    role: 'replica',
    init: () => booted(1, initialMembers(settings.members), noTables()),
    recover(disk, ctx) {
      const members = lastOf<Members>(MEMBERSHIP, disk, ctx) ?? initialMembers(settings.members);
      return booted((lastOf<number>(BOOTS, disk, ctx) ?? 0) + 1, members, recoveredTables(disk, settings, ctx));
    },
    start(_state, ctx) {
      ctx.spawn(boot(settings, ctx));
      if (settings.fsync === 'group') ctx.setTimer('flush', settings.groupEvery);
    },
    on: stepsOf(settings),
    flows: {
      get: ({ key }, ctx) => get(key, settings, ctx),
      put: (request, ctx) => put(request, settings, ctx),
      coordinate: (request, ctx) => coordinate(request, settings, ctx),
      *fetch({ key }, ctx) {
        serving(ctx.state);
        yield* consult(key, settings, ctx);
        return copyOf(knownCell(ctx.state, key, settings));
      },
      store: (request, ctx) => store(request, settings, ctx),
      *change({ node, status }, ctx) {
        ctx.update((state) => learn(state, changed(copyOf(state.members), node, status), ctx));
        yield* durable({ ...settings, fsync: 'always' }, ctx);
      },
    },
    timers: groupFlush(settings),
    phase: phaseOf,
  });
}

function lastOf<T>(file: string, disk: DiskView, ctx: DynamoContext): T | undefined {
  const records = disk.log<T>(file);
  ctx.disk.truncate(file, records.length);
  return records.at(-1);
}

const stepsOf = (settings: DynamoSettings): NonNullable<Actor<DynamoState, DynamoProtocol>['on']> => ({
  gossip(state, { members }, ctx) {
    serving(state);
    learn(state, reconciled(state.members, members), ctx);
    return copyOf(state.members);
  },
  ...comparingSteps(settings),
});

/** Takes a membership history for its own. */
function learn(state: DynamoState, members: Members, ctx: DynamoContext): void {
  if (members === state.members) return;
  serving(state);
  ctx.disk.append(MEMBERSHIP, members);
  state.members = copyOf(members);
  state.ring = ringOf(members);
}

function* store({ key, cell, hintFor = OWN }: StoreRequest, settings: DynamoSettings, ctx: DynamoContext): Flow {
  serving(ctx.state);
  yield* keepDurably(hintFor === ctx.self.id ? OWN : hintFor, { key, cell }, settings, ctx);
}

/** Puts this boot's number on disk, and then goes to work. */
function* boot(settings: DynamoSettings, ctx: DynamoContext): Flow {
  if (ctx.state.broken) return;
  while (!ctx.state.ready) {
    try {
      ctx.disk.append(BOOTS, ctx.state.boot);
      yield* syncOrStop(ctx, (state) => void (state.broken = true));
      ctx.update((state) => void (state.ready = true));
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      if (ctx.state.broken) return;
      // The disk is full.
      yield* ctx.sleep(BOOT_AGAIN);
    }
  }
  const { antiEntropyEvery, handOffEvery, gossipEvery } = settings;
  ctx.spawn(keepSorted(settings, ctx));
  ctx.spawn(rounds(gossipEvery, ctx, () => gossip(settings, ctx)));
  if (handOffEvery !== undefined) ctx.spawn(rounds(handOffEvery, ctx, () => handOff(settings, ctx)));
  if (antiEntropyEvery !== undefined)
    ctx.spawn(rounds(antiEntropyEvery, ctx, (n) => compareWith(peerAt(n, ctx), settings, ctx)));
}

/** Exchanges membership histories with a member picked at random. */
function* gossip(settings: DynamoSettings, ctx: DynamoContext): Flow {
  try {
    const members = copyOf(ctx.state.members);
    const theirs = yield* callPeer(ctx.random.pick(othersIn(ctx)), 'gossip', { members }, settings, ctx);
    ctx.update((state) => learn(state, reconciled(state.members, theirs), ctx));
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
  }
}
