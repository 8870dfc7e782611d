/** What brokers answer to producers, consumers and each other. */
import type { MetadataListener, PartitionMetadata } from './cluster-metadata.ts';
import type { EpochEnd, LogMessage, LogRecord } from './log-record.ts';

/**
 * When a produce request is answered. `none` (acks = 0): nobody waits. `leader` (1): when the leader has it. `all`: when every
 * in-sync replica has it, of which there must be `min.insync.replicas`.
 */
export type Acks = 'none' | 'leader' | 'all';

export interface ProduceRequest {
  readonly partition: string;
  readonly message: LogMessage;
  readonly acks: Acks;
}

export interface FetchRequest {
  readonly partition: string;
  readonly offset: number;
  /** How long to wait for a record, µs. */
  readonly wait: number;
  /** The highest leader epoch that the reader has heard of (KIP-320): a broker that is behind must not answer. Default 0. */
  readonly leaderEpoch?: number;
}

export interface ReplicaFetch {
  readonly partition: string;
  readonly leaderEpoch: number;
  /** The end of the follower's log: it has all below. */
  readonly offset: number;
  readonly broker: string;
  readonly brokerEpoch: number;
}

export interface Fetched {
  readonly records: readonly LogRecord[];
  readonly highWatermark: number;
}

/** Requests about a partition are refused with `not-leader` by whoever does not lead it. */
export interface LogBrokerProtocol extends MetadataListener {
  /**
   * The offset. Refused with `not-enough-replicas`, `out-of-order-sequence`; with `request-timed-out` or `not-leader` after the
   * record has been appended, when nobody knows whether it stays.
   */
  produce(request: ProduceRequest): { readonly offset: number };
  /** Records below the high watermark; a follower gives those that it knows of. Refused with `offset-out-of-range` beyond the end of the log; `detail` says where that is; with `unknown-leader-epoch` by a broker that has not heard of the reader's. */
  fetch(request: FetchRequest): Fetched;
  /** Refused with `fenced-leader-epoch` unless both are in the same epoch. */
  fetchReplica(request: ReplicaFetch): Fetched;
  /** KIP-101: the largest epoch of the leader's log that is at most `epoch`, and where it ends. */
  offsetForLeaderEpoch(request: {
    readonly partition: string;
    readonly leaderEpoch: number;
    readonly epoch: number;
  }): EpochEnd;
  /** What this broker knows of the partitions. */
  metadata(): readonly PartitionMetadata[];
}
