/**
 * Which replicas are in sync, and what follows from it: the high watermark.
 *
 * A follower is in sync while it has had all that the leader had within `replica.lag.time.max`. The controller writes the set down; a
 * leader that asks for a change goes on with the old set, except that a follower to be added already counts for the high watermark
 * (KIP-497's maximal ISR): a leader that the controller may choose has then everything that was acknowledged, whatever became
 * of the request. The high watermark stands still while fewer than `min.insync.replicas` are in sync (KIP-966).
 */
import { CallError, copyOf, type Flow } from '../../sim/index.ts';
import type { LiveBrokers, PartitionMetadata } from './cluster-metadata.ts';
import {
  confirmedEnd,
  playsIn,
  watermarkOf,
  type BrokerContext,
  type BrokerSettings,
  type LogBrokerState,
  type Replica,
} from './replica-state.ts';
import type { ReplicaFetch } from './log-protocol.ts';

/** Raises the high watermark to what every in-sync replica has. */
export function advance(replica: Replica, settings: BrokerSettings, ctx: BrokerContext): void {
  const { metadata, proposed, followers } = replica;
  if (replica.role !== 'leader' || metadata === null || metadata.isr.length < metadata.minInSync) return;
  let end = confirmedEnd(replica, settings);
  for (const id of metadata.replicas) {
    if (id === ctx.self.id || !(metadata.isr.includes(id) || proposed?.includes(id))) continue;
    end = Math.min(end, followers[id]?.offset ?? 0);
  }
  if (end <= replica.highWatermark) return;
  replica.highWatermark = end;
  ctx.signal(watermarkOf(replica.partition));
}

/** Takes note of what a follower has. */
export function noteFetch(replica: Replica, { broker, brokerEpoch, offset }: ReplicaFetch, now: number): void {
  const known = replica.followers[broker];
  const end = replica.log.length;
  const same = known?.brokerEpoch === brokerEpoch ? known : undefined;
  const caughtUpAt =
    offset >= end ? now : same !== undefined && offset >= same.endWhenAsked ? same.askedAt : (same?.caughtUpAt ?? 0);
  replica.followers[broker] = {
    // Requests can come out of order: within an epoch a follower only grows.
    offset: Math.max(offset, same?.offset ?? 0),
    brokerEpoch,
    caughtUpAt: Math.max(caughtUpAt, same?.caughtUpAt ?? 0),
    askedAt: now,
    endWhenAsked: end,
  };
}

/** The in-sync replicas with a follower that has caught up; undefined when it is one already, or may not be one yet. */
export function grown(replica: Replica, broker: string, live: LiveBrokers): readonly string[] | undefined {
  const { metadata, proposed, followers, highWatermark, epochStart } = replica;
  const follower = followers[broker];
  if (metadata === null || proposed !== null || follower === undefined || metadata.isr.includes(broker))
    return undefined;
  if (live[broker] !== follower.brokerEpoch || follower.offset < highWatermark || follower.offset < epochStart)
    return undefined;
  return metadata.replicas.filter((id) => id === broker || metadata.isr.includes(id));
}

/** The in-sync replicas without those that have fallen behind for too long; undefined when none has. */
export function shrunk(
  replica: Replica,
  self: string,
  now: number,
  { replicaLagMax }: BrokerSettings,
): readonly string[] | undefined {
  const { metadata, proposed, followers, log } = replica;
  if (metadata === null || proposed !== null) return undefined;
  const isr = metadata.isr.filter((id) => {
    const follower = followers[id];
    return (
      id === self ||
      (follower !== undefined && (follower.offset >= log.length || now - follower.caughtUpAt <= replicaLagMax))
    );
  });
  return isr.length === metadata.isr.length ? undefined : isr;
}

/** Takes over what the controller has told of a partition in the present epoch, unless something newer is known. */
export function adopt(replica: Replica, news: PartitionMetadata, settings: BrokerSettings, ctx: BrokerContext): void {
  const { metadata } = replica;
  if (metadata === null || news.leaderEpoch !== metadata.leaderEpoch || news.partitionEpoch <= metadata.partitionEpoch)
    return;
  replica.metadata = copyOf(news);
  advance(replica, settings, ctx);
}

/**
 * Asks the controller for other in-sync replicas until it has answered. A follower that the controller does not take must not be
 * forgotten at once: an earlier try may still be on its way. So the present set is asked for instead, and that voids it.
 */
export function* changeInSync(partition: string, epoch: number, settings: BrokerSettings, ctx: BrokerContext): Flow {
  let withdrawn = false;
  while (playsIn(ctx.state, partition, 'leader', epoch)) {
    const { brokerEpoch, replicas } = ctx.state;
    const { metadata, proposed } = replicas[partition] as Replica;
    if (metadata === null || proposed === null) return;
    const members = withdrawn ? metadata.isr : proposed;
    const isr = memberEpochs(ctx.state, partition, members, ctx.self.id);
    const { partitionEpoch } = metadata;
    const request = { broker: ctx.self.id, brokerEpoch, partition, leaderEpoch: epoch, partitionEpoch, isr };
    try {
      const answer = yield* ctx.call(settings.controller, 'alterPartition', request, {
        deadline: settings.requestTimeout,
      });
      ctx.update((state) => {
        const replica = state.replicas[partition] as Replica;
        if (!playsIn(state, partition, 'leader', epoch)) return;
        if (answer.partitionEpoch > partitionEpoch) replica.proposed = null;
        adopt(replica, answer, settings, ctx);
        advance(replica, settings, ctx);
      });
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      if (error.code === 'ineligible-replica') withdrawn = true;
      yield* ctx.sleep(settings.heartbeatEvery);
    }
  }
}

function memberEpochs(state: LogBrokerState, partition: string, members: readonly string[], self: string): LiveBrokers {
  const { followers } = state.replicas[partition] as Replica;
  return Object.fromEntries(
    members.map((id) => [id, id === self ? state.brokerEpoch : (followers[id]?.brokerEpoch ?? state.live[id] ?? 0)]),
  );
}
