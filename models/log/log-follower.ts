/**
 * What a follower does, from the moment that it knows its leader: cuts off what the leader has not (KIP-101), then fetches.
 *
 * It asks where its own last epoch ends in the leader's log, and cuts there; if the leader does not know that epoch, again with
 * the largest epoch that both have (KIP-279). To cut at the high watermark instead, as Kafka once did, loses acknowledged
 * records: a follower learns of the high watermark one fetch late.
 */
import { CallError, ms, type Flow } from '../../sim/index.ts';
import { flush } from './log-leader.ts';
import { epochAt, epochEnd, lastEpoch } from './log-record.ts';
import { truncate, writeRecord } from './log-storage.ts';
import type { Fetched, LogBrokerProtocol } from './log-protocol.ts';
import { playsIn, watermarkOf, type BrokerContext, type BrokerSettings, type Replica } from './replica-state.ts';
import type { NodeRef } from '../../sim/index.ts';

/** How long an answer may be late before the follower asks again. */
const GRACE = ms(300);

/** Follows the leader of an epoch until there is a later one. */
export function* following(partition: string, epoch: number, settings: BrokerSettings, ctx: BrokerContext): Flow {
  let aligned = false;
  const follows = (): boolean => playsIn(ctx.state, partition, 'follower', epoch);
  while (follows()) {
    try {
      if (!aligned) {
        // What an earlier epoch has brought counts as had from the first fetch on.
        yield* flush(partition, settings, ctx);
        if (follows()) yield* align(partition, epoch, settings, ctx);
        aligned = true;
      }
      if (follows()) yield* fetchOnce(partition, epoch, settings, ctx);
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      yield* ctx.sleep(ms(50));
    }
  }
}

function leaderOf(partition: string, { brokers }: BrokerSettings, ctx: BrokerContext): NodeRef<LogBrokerProtocol> {
  const leader = ctx.state.replicas[partition]?.metadata?.leader;
  return brokers.find(({ id }) => id === leader) as NodeRef<LogBrokerProtocol>;
}

function* align(partition: string, leaderEpoch: number, settings: BrokerSettings, ctx: BrokerContext): Flow {
  const leader = leaderOf(partition, settings, ctx);
  for (;;) {
    const epoch = lastEpoch((ctx.state.replicas[partition] as Replica).log);
    if (epoch === 0) return;
    const request = { partition, leaderEpoch, epoch };
    const theirs = yield* ctx.call(leader, 'offsetForLeaderEpoch', request, { deadline: settings.requestTimeout });
    const done = ctx.update((state) => {
      if (!playsIn(state, partition, 'follower', leaderEpoch)) return true;
      const replica = state.replicas[partition] as Replica;
      const own = epochEnd(replica.log, theirs.epoch);
      truncate(replica, Math.min(own.endOffset, theirs.endOffset), ctx);
      return own.epoch === theirs.epoch;
    });
    if (done) return;
  }
}

function* fetchOnce(partition: string, leaderEpoch: number, settings: BrokerSettings, ctx: BrokerContext): Flow {
  const offset = (ctx.state.replicas[partition] as Replica).log.length;
  const { brokerEpoch } = ctx.state;
  const request = { partition, leaderEpoch, offset, broker: ctx.self.id, brokerEpoch };
  const deadline = settings.fetchWait + GRACE;
  const fetched = yield* ctx.call(leaderOf(partition, settings, ctx), 'fetchReplica', request, { deadline });
  if (!playsIn(ctx.state, partition, 'follower', leaderEpoch)) return;
  ctx.update((state) => take(state.replicas[partition] as Replica, fetched, ctx));
  if (fetched.records.length > 0) yield* flush(partition, settings, ctx);
}

function take(replica: Replica, { records, highWatermark }: Fetched, ctx: BrokerContext): void {
  for (const record of records) {
    // A full disk can have kept the end of an earlier answer out.
    if (record.offset !== replica.log.length || record.before !== epochAt(replica.log, record.offset - 1)) continue;
    writeRecord(replica, record, ctx);
  }
  const known = Math.min(highWatermark, replica.log.length);
  if (known <= replica.highWatermark) return;
  replica.highWatermark = known;
  ctx.signal(watermarkOf(replica.partition));
}
