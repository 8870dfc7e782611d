/** What the controller knows: brokers and partitions, and which of it may be told to others because it is on disk. */
import { copyOf, type Context, type DiskView } from '../../sim/index.ts';
import type { ClusterMetadata, LiveBrokers, PartitionMetadata } from './cluster-metadata.ts';
import { reelected, withoutEligible } from './election.ts';

export interface RegisteredBroker {
  /** Of its present life; 0: it has never registered, and is expected to. */
  epoch: number;
  incarnation: string;
  alive: boolean;
  /** When it was last heard of, on the controller's monotonic clock. */
  heardAt: number;
}

export interface LogControllerState {
  brokers: Record<string, RegisteredBroker>;
  partitions: Record<string, PartitionMetadata>;
  /** The partitions as they are on disk. */
  durable: Record<string, PartitionMetadata>;
  /** Broker epochs given so far. */
  brokerEpochs: number;
  /** Its disk has failed to sync: it decides nothing until it is restarted. */
  broken: boolean;
}

export type ControllerContext = Context<LogControllerState>;

type MetadataRecord =
  | { readonly kind: 'broker'; readonly id: string; readonly epoch: number; readonly incarnation: string }
  | { readonly kind: 'partition'; readonly metadata: PartitionMetadata };

const METADATA = 'metadata';

export function initialState(brokers: readonly string[], partitions: readonly PartitionMetadata[]): LogControllerState {
  const table = Object.fromEntries(partitions.map((metadata) => [metadata.partition, metadata]));
  return {
    brokers: Object.fromEntries(
      brokers.map((id) => [id, { epoch: 0, incarnation: '', alive: true, heardAt: 0 } satisfies RegisteredBroker]),
    ),
    partitions: copyOf(table),
    durable: copyOf(table),
    brokerEpochs: 0,
    broken: false,
  };
}

/** The state that the metadata log tells of. Brokers count as alive until their sessions end. */
export function recoveredController(
  first: LogControllerState,
  disk: DiskView,
  ctx: ControllerContext,
): LogControllerState {
  const records = disk.log<MetadataRecord>(METADATA);
  ctx.disk.truncate(METADATA, records.length);
  const heardAt = ctx.clock.monotonic;
  for (const broker of Object.values(first.brokers)) broker.heardAt = heardAt;
  for (const record of records) {
    if (record.kind === 'partition') {
      first.partitions[record.metadata.partition] = record.metadata;
      continue;
    }
    const { id, epoch, incarnation } = record;
    first.brokers[id] = { epoch, incarnation, alive: true, heardAt };
    first.brokerEpochs = Math.max(first.brokerEpochs, epoch);
  }
  first.durable = copyOf(first.partitions);
  return first;
}

/** Gives a broker's new life an epoch. Throws CallError when the disk is full. */
export function admit(state: LogControllerState, id: string, incarnation: string, ctx: ControllerContext): void {
  const epoch = state.brokerEpochs + 1;
  ctx.disk.append(METADATA, { kind: 'broker', id, epoch, incarnation } satisfies MetadataRecord);
  state.brokerEpochs = epoch;
  state.brokers[id] = { epoch, incarnation, alive: true, heardAt: ctx.clock.monotonic };
}

/** Takes over what was decided about a partition. Throws CallError when the disk is full. */
export function decide(state: LogControllerState, metadata: PartitionMetadata, ctx: ControllerContext): void {
  ctx.disk.append(METADATA, { kind: 'partition', metadata } satisfies MetadataRecord);
  state.partitions[metadata.partition] = metadata;
}

/** A broker counts as dead: it leaves the in-sync replicas, and what it led gets another leader. Throws CallError when the disk is full. */
export function fence(state: LogControllerState, id: string, unclean: boolean, ctx: ControllerContext): void {
  electAll(state, (broker) => broker !== id && (state.brokers[broker]?.alive ?? false), unclean, ctx);
  (state.brokers[id] as RegisteredBroker).alive = false;
}

/** A broker has come back without part of what it had. Throws CallError when the disk is full. */
export function distrust(state: LogControllerState, id: string, ctx: ControllerContext): void {
  for (const current of Object.values(state.partitions)) {
    const next = withoutEligible(copyOf(current), id);
    if (next !== undefined) decide(state, next, ctx);
  }
}

/** Chooses leaders where one is missing or not alive. True when anything has changed. Throws CallError when the disk is full. */
export function electAll(
  state: LogControllerState,
  isAlive: (broker: string) => boolean,
  unclean: boolean,
  ctx: ControllerContext,
): boolean {
  let changed = false;
  for (const current of Object.values(state.partitions)) {
    const next = reelected(copyOf(current), isAlive, unclean);
    if (next === undefined) continue;
    ctx.note(
      `${next.partition}: leader ${next.leader || 'none'}, epoch ${next.leaderEpoch}, in sync ${next.isr.join(' ')}`,
    );
    decide(state, next, ctx);
    changed = true;
  }
  return changed;
}

const liveBrokers = (state: LogControllerState): LiveBrokers =>
  Object.fromEntries(Object.entries(state.brokers).flatMap(([id, { alive, epoch }]) => (alive ? [[id, epoch]] : [])));

/** What may be told: partitions as they are on disk. */
export const toldMetadata = (state: LogControllerState): ClusterMetadata => ({
  partitions: copyOf(Object.values(state.durable)),
  live: liveBrokers(state),
});
