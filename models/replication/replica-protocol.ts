/** What replicas say to each other, and how the store is set up. */
import { ConfigError, ms, oneOf, parseDuration, type Duration, type Micros, type NodeRef } from '../../sim/index.ts';
import type { ReplicatedKvProtocol } from './command.ts';
import { eachOnce } from './each-once.ts';
import type { LogEntry } from './replica-state.ts';

export interface ReplicaProtocol extends ReplicatedKvProtocol {
  append(message: Append): void;
  appended(message: Appended): void;
  askVote(message: VoteRequest): void;
  voted(message: Vote): void;
  /** From an operator: where it stands. */
  status(request: Record<never, never>): ReplicaStatus;
  /** From an operator: follow nobody of an earlier term than this any more, and say what your log has. Refused with `superseded`. */
  fence(request: { readonly term: number }): ReplicaStatus;
  /** From an operator, to a node that it has fenced for this term: be its primary. Refused with `superseded`. */
  promote(request: { readonly term: number }): void;
}

export interface ReplicaStatus {
  readonly id: string;
  readonly term: number;
  /** Its log's last entry. */
  readonly last: { readonly index: number; readonly term: number };
  /** It is primary, and a majority has answered it within its lease. */
  readonly serving: boolean;
}

/** Replication and heartbeat in one. */
export interface Append {
  readonly term: number;
  readonly primary: string;
  /** The entry before `entries`. */
  readonly previous: { readonly index: number; readonly term: number };
  readonly entries: readonly LogEntry[];
  readonly commit: number;
  readonly round: number;
  /** The primary's monotonic clock, returned in the answer. */
  readonly sentAt: number;
}

export interface Appended {
  readonly from: string;
  /** The term of the append that is answered. */
  readonly asked: number;
  /** The replica's own term; above `asked` when it refuses the append as stale. */
  readonly term: number;
  readonly round: number;
  readonly sentAt: number;
  /** Equal up to here and on disk; undefined: the log does not contain `previous`. */
  readonly matched: number | undefined;
  /** With `matched` undefined: try from here. */
  readonly retreat: number;
}

export interface VoteRequest {
  readonly candidate: string;
  readonly term: number;
  readonly last: { readonly index: number; readonly term: number };
  /** Only asks whether it would be granted. */
  readonly trial: boolean;
}

export interface Vote {
  readonly from: string;
  /** The term of the request. */
  readonly asked: number;
  /** The voter's own term. */
  readonly term: number;
  readonly granted: boolean;
  readonly trial: boolean;
}

export type FailoverPolicy = 'naive' | 'quorum' | 'fenced' | 'operator';

export type ReplicationMode = 'sync' | 'semi-sync' | 'async';

export interface PrimaryReplicaOptions {
  /** All nodes of the group, each once, in order of their rank: with `naive` failover the first one alive takes over. */
  readonly nodes: readonly NodeRef<ReplicaProtocol>[];
  /** How a new primary comes to be, and what keeps an old one out; see primary-replica.ts. Default `fenced`. */
  readonly failover?: FailoverPolicy;
  /**
   * When an update is acknowledged. `async`: once it is on the primary's disk. `semi-sync`: once it is also on that of one replica.
   * `sync`: once it is on the disks of a majority (with `naive` failover: of every replica that the primary believes alive). Default
   * `sync`; `fenced` allows nothing else.
   */
  readonly replication?: ReplicationMode;
  /** A replica that hears nothing from a primary for this long lets another one be elected. Default 300 ms. */
  readonly electionTimeout?: Duration;
  /** Between two appends to an idle replica. Well below `electionTimeout`. Default 50 ms. */
  readonly heartbeat?: Duration;
  /**
   * A primary that has had no answer from a majority for this long steps down. Less than `electionTimeout` by more than clocks
   * can drift apart in that time: the safety of `quorum` rests on it, that of `fenced` does not. Default 240 ms.
   */
  readonly lease?: Duration;
  /** How long a primary waits for an update to be replicated before it answers "unknown". Default 1 s. */
  readonly patience?: Duration;
  /** Entries in one append at most. Default 64. */
  readonly batch?: number;
}

/** Options filled in and checked. */
export interface ReplicaSettings {
  readonly nodes: readonly NodeRef<ReplicaProtocol>[];
  readonly failover: FailoverPolicy;
  readonly replication: ReplicationMode;
  readonly electionTimeout: Micros;
  readonly heartbeat: Micros;
  readonly lease: Micros;
  readonly patience: Micros;
  readonly batch: number;
  /** Nodes that make a majority. */
  readonly majority: number;
}

/** Throws ConfigError naming the option. */
export function replicaSettings(options: PrimaryReplicaOptions): ReplicaSettings {
  const { nodes, failover = 'fenced', replication = 'sync', batch = 64 } = options;
  if (nodes.length === 0) throw new ConfigError('primaryReplica.nodes', nodes, 'at least one node');
  eachOnce(nodes, 'primaryReplica.nodes');
  oneOf(failover, ['naive', 'quorum', 'fenced', 'operator'], 'primaryReplica.failover');
  oneOf(replication, ['sync', 'semi-sync', 'async'], 'primaryReplica.replication');
  if (failover === 'fenced' && replication !== 'sync') {
    throw new ConfigError(
      'primaryReplica.replication',
      replication,
      "'sync': fenced failover acknowledges by majority only",
    );
  }
  const electionTimeout = parseDuration(options.electionTimeout ?? ms(300), 'primaryReplica.electionTimeout');
  const heartbeat = parseDuration(options.heartbeat ?? ms(50), 'primaryReplica.heartbeat');
  const lease = parseDuration(options.lease ?? ms(240), 'primaryReplica.lease');
  if (!(heartbeat > 0 && heartbeat < lease))
    throw new ConfigError('primaryReplica.heartbeat', heartbeat, `above 0 and below the lease (${lease})`);
  if (!(lease < electionTimeout))
    throw new ConfigError('primaryReplica.lease', lease, `less than electionTimeout (${electionTimeout})`);
  if (!Number.isInteger(batch) || batch < 1)
    throw new ConfigError('primaryReplica.batch', batch, 'a whole number of at least 1');
  return {
    nodes,
    failover,
    replication,
    electionTimeout,
    heartbeat,
    lease,
    patience: parseDuration(options.patience ?? '1s', 'primaryReplica.patience'),
    batch,
    majority: Math.floor(nodes.length / 2) + 1,
  };
}

/** The node of the group called `id`. */
export function peerNamed({ nodes }: ReplicaSettings, id: string): NodeRef<ReplicaProtocol> {
  const node = nodes.find((candidate) => candidate.id === id);
  if (node === undefined) throw new ConfigError('primaryReplica.nodes', id, 'the name of a node of the group');
  return node;
}
