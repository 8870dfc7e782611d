/** What a broker holds: a replica of each of its partitions. */
import type { Context, Micros, NodeRef } from '../../sim/index.ts';
import type { ControllerRef, LiveBrokers, PartitionMetadata } from './cluster-metadata.ts';
import type { LogBrokerProtocol } from './log-protocol.ts';
import { epochAt, type LogRecord } from './log-record.ts';

export interface Replica {
  readonly partition: string;
  /** As the controller has told in this life; null before. */
  metadata: PartitionMetadata | null;
  role: 'leader' | 'follower' | 'offline';
  log: LogRecord[];
  /** Records of the log that are on disk. */
  synced: number;
  /** Records below it are on every in-sync replica, as far as this one knows: only these are given to consumers. */
  highWatermark: number;
  /** As leader: where the log ended when the epoch began. */
  epochStart: number;
  /** As leader: the other replicas, by what they have asked for. */
  followers: Record<string, FollowerProgress>;
  /** As leader: in-sync replicas that it has asked the controller for, until it knows what became of that. */
  proposed: readonly string[] | null;
  /** As leader: the last sequence of each idempotent producer, with the offsets of the last few. */
  producers: Record<string, ProducerProgress>;
}

export interface FollowerProgress {
  /** The next offset that it wants: it has all below, on disk where brokers sync. */
  readonly offset: number;
  readonly brokerEpoch: number;
  /** When it last had all that the leader had, or what the leader had when it asked the time before. */
  readonly caughtUpAt: number;
  readonly askedAt: number;
  readonly endWhenAsked: number;
}

export interface ProducerProgress {
  sequence: number;
  /** Of the last sequences, latest last. */
  offsets: number[];
}

export interface LogBrokerState {
  /** Of this life; 0: the controller has not answered yet. */
  brokerEpoch: number;
  live: LiveBrokers;
  replicas: Record<string, Replica>;
  /** Its disk is full: it says nothing to the controller, so that others lead, until there is room again. */
  full: boolean;
  /** Its disk has failed to sync: it takes part in nothing until it is restarted. */
  broken: boolean;
}

export type BrokerContext = Context<LogBrokerState>;

export interface BrokerSettings {
  readonly controller: ControllerRef;
  readonly brokers: readonly NodeRef<LogBrokerProtocol>[];
  readonly partitions: readonly string[];
  readonly fsync: 'always' | 'background';
  readonly flushEvery: Micros;
  readonly replicaLagMax: Micros;
  readonly heartbeatEvery: Micros;
  readonly fetchWait: Micros;
  readonly requestTimeout: Micros;
  readonly maxRecords: number;
}

export const emptyReplica = (partition: string): Replica => ({
  partition,
  metadata: null,
  role: 'offline',
  log: [],
  synced: 0,
  highWatermark: 0,
  epochStart: 0,
  followers: {},
  proposed: null,
  producers: {},
});

/** Flows that wait for records beyond the end, and for the high watermark to rise. Both wake when the leader changes. */
export const appendedTo = (partition: string): string => `appended/${partition}`;
export const watermarkOf = (partition: string): string => `watermark/${partition}`;

/** Whether the broker still plays this role in this epoch. */
export function playsIn(
  { replicas, broken }: LogBrokerState,
  partition: string,
  role: 'leader' | 'follower',
  epoch: number,
): boolean {
  const replica = replicas[partition];
  return !broken && replica?.role === role && replica.metadata?.leaderEpoch === epoch;
}

/** The end of the part of the log that the replica may answer for. */
export const confirmedEnd = ({ log, synced }: Replica, { fsync }: BrokerSettings): number =>
  fsync === 'always' ? synced : log.length;

/** Notes that the log is on disk up to `end`, unless what stood there has been replaced meanwhile. */
export function syncedUpTo(replica: Replica, end: number, epoch: number): void {
  if (end > replica.synced && end <= replica.log.length && epochAt(replica.log, end - 1) === epoch)
    replica.synced = end;
}
