/** What the controller decides about partitions, and what brokers and controller say to each other. */
import type { NodeRef } from '../../sim/index.ts';

export interface PartitionMetadata {
  /** `topic-number`. */
  readonly partition: string;
  /** Brokers that hold it, in the order in which they are preferred as leader. */
  readonly replicas: readonly string[];
  /** '' while there is none. */
  readonly leader: string;
  /** Counts leaders: each new one, and each new life of the same one, has a higher epoch. */
  readonly leaderEpoch: number;
  /** In-sync replicas: those that a new leader is chosen from. Empty while none of them is alive. */
  readonly isr: readonly string[];
  /** Eligible leader replicas (KIP-966): with too few in sync, those that have everything committed although they are in sync no more. */
  readonly elr: readonly string[];
  /** `min.insync.replicas`: with fewer in sync, acks = all is refused and nothing is committed. */
  readonly minInSync: number;
  /** Counts changes of any kind: what a change of the in-sync replicas is compared with. */
  readonly partitionEpoch: number;
}

/** Brokers that the controller takes for alive, with their broker epochs. */
export type LiveBrokers = Readonly<Record<string, number>>;

export interface ClusterMetadata {
  readonly partitions: readonly PartitionMetadata[];
  readonly live: LiveBrokers;
}

export interface Registration {
  readonly broker: string;
  /** Drawn at each start: tells a new life from a request that comes twice. */
  readonly incarnation: string;
  /** Whether its logs hold all that its earlier lives had confirmed: after a crash only if it syncs before it confirms. */
  readonly intact: boolean;
}

export interface Heartbeat {
  readonly broker: string;
  readonly brokerEpoch: number;
  /** Whether the one before was answered. Over a connection, as Kafka's, nothing comes from a broker that hears nothing. */
  readonly answered: boolean;
}

export interface AlterPartition {
  readonly broker: string;
  readonly brokerEpoch: number;
  readonly partition: string;
  readonly leaderEpoch: number;
  readonly partitionEpoch: number;
  /** The new in-sync replicas with the broker epochs that the leader knows them by. */
  readonly isr: LiveBrokers;
}

export interface LogControllerProtocol {
  /** A new life of a broker begins: it leads nothing any more and is in sync with nothing. */
  register(request: Registration): ClusterMetadata & { readonly brokerEpoch: number };
  /** Refused with `stale-broker-epoch`: the broker must register again. */
  heartbeat(request: Heartbeat): ClusterMetadata;
  /**
   * Changes the in-sync replicas. The answer is how the partition stands then; if it had changed before, the request changes nothing.
   * Refused with `fenced-leader-epoch`, `ineligible-replica`.
   */
  alterPartition(request: AlterPartition): PartitionMetadata;
}

/** What the controller tells brokers by itself. */
export interface MetadataListener {
  metadataChanged(news: ClusterMetadata & { readonly brokerEpoch: number }): void;
}

export type ControllerRef = NodeRef<LogControllerProtocol>;

/** The names of a topic's partitions: `topic-0`, `topic-1`, … */
export const partitionsOf = (topic: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, i) => `${topic}-${i}`);
