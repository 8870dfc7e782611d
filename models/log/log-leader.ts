/** What the leader of a partition does: appends what producers send, and gives it to followers and consumers. */
import { CallError, copyOf, reject, type Flow } from '../../sim/index.ts';
import { syncOrStop } from '../durability/sync-or-stop.ts';
import type { PartitionMetadata } from './cluster-metadata.ts';
import { advance, changeInSync, grown, noteFetch } from './in-sync-replicas.ts';
import type { Fetched, FetchRequest, ProduceRequest, ReplicaFetch } from './log-protocol.ts';
import { epochEnd, lastEpoch, type EpochEnd, type LogRecord } from './log-record.ts';
import { writeRecord } from './log-storage.ts';
import { knownOffset, noteSequence } from './producer-sequences.ts';
import {
  appendedTo,
  playsIn,
  syncedUpTo,
  watermarkOf,
  type BrokerContext,
  type BrokerSettings,
  type LogBrokerState,
  type Replica,
} from './replica-state.ts';

/** The replica that this broker leads. Throws `not-leader`. */
function led(state: LogBrokerState, partition: string): { readonly replica: Replica; readonly epoch: number } {
  const replica = state.replicas[partition];
  if (
    replica === undefined ||
    replica.metadata === null ||
    !playsIn(state, partition, 'leader', replica.metadata.leaderEpoch)
  )
    throw reject('not-leader', `this broker does not lead ${partition}`);
  return { replica, epoch: replica.metadata.leaderEpoch };
}

export function* produce(
  request: ProduceRequest,
  settings: BrokerSettings,
  ctx: BrokerContext,
): Flow<{ readonly offset: number }> {
  const { partition, acks } = request;
  const { offset, epoch } = ctx.update((state) => append(state, request, ctx));
  ctx.signal(appendedTo(partition));
  yield* confirm(partition, epoch, settings, ctx);
  if (acks === 'all') yield* replicated(partition, epoch, offset, settings, ctx);
  return { offset };
}

function append(
  state: LogBrokerState,
  { partition, message, acks }: ProduceRequest,
  ctx: BrokerContext,
): { readonly offset: number; readonly epoch: number } {
  const { replica, epoch } = led(state, partition);
  const { isr, minInSync } = replica.metadata as PartitionMetadata;
  if (acks === 'all' && isr.length < minInSync)
    throw reject('not-enough-replicas', `${isr.length} of ${minInSync} are in sync`);
  const known = knownOffset(replica.producers, message);
  if (known !== undefined) return { offset: known, epoch };
  const offset = replica.log.length;
  const record: LogRecord = { offset, epoch, before: lastEpoch(replica.log), message: copyOf(message) };
  writeRecord(replica, record, ctx);
  noteSequence(replica.producers, record);
  return { offset, epoch };
}

/** Waits until the leader itself has what it has appended, and counts it. */
export function* confirm(partition: string, epoch: number, settings: BrokerSettings, ctx: BrokerContext): Flow {
  yield* flush(partition, settings, ctx);
  ctx.update((state) => {
    if (playsIn(state, partition, 'leader', epoch)) advance(state.replicas[partition] as Replica, settings, ctx);
  });
}

/** Waits until the log of a partition, as it is now, is on disk, where the broker does so. */
export function* flush(partition: string, { fsync }: BrokerSettings, ctx: BrokerContext): Flow {
  if (fsync !== 'always') return;
  const { log } = ctx.state.replicas[partition] as Replica;
  const end = log.length;
  const epoch = lastEpoch(log);
  yield* syncOrStop(ctx, (state) => void (state.broken = true));
  ctx.update((state) => syncedUpTo(state.replicas[partition] as Replica, end, epoch));
}

function* replicated(
  partition: string,
  epoch: number,
  offset: number,
  { requestTimeout }: BrokerSettings,
  ctx: BrokerContext,
): Flow {
  const deadline = ctx.clock.monotonic + requestTimeout;
  for (;;) {
    // Whoever leads next may have it or not.
    if (!playsIn(ctx.state, partition, 'leader', epoch))
      throw reject('not-leader', `${partition} has another leader now`, undefined, false);
    if ((ctx.state.replicas[partition] as Replica).highWatermark > offset) return;
    if (!(yield* woken(watermarkOf(partition), deadline, ctx)))
      throw reject(
        'request-timed-out',
        `offset ${offset} of ${partition} is not on all in-sync replicas`,
        undefined,
        false,
      );
  }
}

/** False when nobody gave the signal before the deadline. */
function* woken(signal: string, deadline: number, ctx: BrokerContext): Flow<boolean> {
  const left = deadline - ctx.clock.monotonic;
  if (left <= 0) return false;
  try {
    yield* ctx.wait(signal, left);
  } catch (error) {
    if (!(error instanceof CallError && error.kind === 'timeout')) throw error;
  }
  return true;
}

/** Also from a follower: what it knows to be committed (KIP-392), for consumers that cannot reach the leader. */
export function* fetch(
  { partition, offset, wait, leaderEpoch = 0 }: FetchRequest,
  { maxRecords }: BrokerSettings,
  ctx: BrokerContext,
): Flow<Fetched> {
  const deadline = ctx.clock.monotonic + wait;
  for (;;) {
    const { highWatermark, log, role, metadata } = readable(ctx.state, partition);
    const epoch = metadata?.leaderEpoch ?? 0;
    if (epoch < leaderEpoch) throw reject('unknown-leader-epoch', `this broker is in epoch ${epoch} of ${partition}`);
    if (offset > log.length) {
      if (role === 'leader')
        throw reject('offset-out-of-range', `${partition} ends at ${log.length}`, { end: highWatermark });
      throw reject('offset-not-available', `this follower has ${partition} up to ${log.length}`);
    }
    const records = copyOf(log.slice(offset, Math.min(highWatermark, offset + maxRecords)));
    if (records.length > 0) return { records, highWatermark };
    if (!(yield* woken(watermarkOf(partition), deadline, ctx))) return { records, highWatermark };
  }
}

function readable({ replicas, broken }: LogBrokerState, partition: string): Replica {
  const replica = replicas[partition];
  if (broken || replica === undefined || replica.role === 'offline')
    throw reject('not-leader', `this broker has no part in ${partition}`);
  return replica;
}

export function* fetchReplica(request: ReplicaFetch, settings: BrokerSettings, ctx: BrokerContext): Flow<Fetched> {
  const { partition, leaderEpoch, offset } = request;
  ctx.update((state) => takeFetch(state, request, settings, ctx));
  const deadline = ctx.clock.monotonic + settings.fetchWait;
  for (;;) {
    const { highWatermark, log } = inEpoch(ctx.state, partition, leaderEpoch);
    const records = copyOf(log.slice(offset, offset + settings.maxRecords));
    if (records.length > 0) return { records, highWatermark };
    if (!(yield* woken(appendedTo(partition), deadline, ctx))) return { records, highWatermark };
  }
}

function inEpoch(state: LogBrokerState, partition: string, leaderEpoch: number): Replica {
  const { replica, epoch } = led(state, partition);
  if (epoch !== leaderEpoch) throw reject('fenced-leader-epoch', `${partition} is in epoch ${epoch}`);
  return replica;
}

function takeFetch(state: LogBrokerState, request: ReplicaFetch, settings: BrokerSettings, ctx: BrokerContext): void {
  const { partition, leaderEpoch, broker, brokerEpoch } = request;
  const replica = inEpoch(state, partition, leaderEpoch);
  if (brokerEpoch < (replica.followers[broker]?.brokerEpoch ?? 0))
    throw reject('stale-broker-epoch', `${broker} has registered again since`);
  noteFetch(replica, request, ctx.clock.monotonic);
  const wanted = grown(replica, broker, state.live);
  if (wanted !== undefined) propose(replica, wanted, settings, ctx);
  advance(replica, settings, ctx);
}

/** Sets out to change the in-sync replicas. */
export function propose(
  replica: Replica,
  wanted: readonly string[],
  settings: BrokerSettings,
  ctx: BrokerContext,
): void {
  ctx.note(`${replica.partition}: wants in sync ${wanted.join(' ')}`);
  replica.proposed = [...wanted];
  ctx.spawn(changeInSync(replica.partition, replica.metadata?.leaderEpoch ?? 0, settings, ctx));
}

export function endOfEpoch(
  state: LogBrokerState,
  {
    partition,
    leaderEpoch,
    epoch,
  }: { readonly partition: string; readonly leaderEpoch: number; readonly epoch: number },
): EpochEnd {
  return epochEnd(inEpoch(state, partition, leaderEpoch).log, epoch);
}
