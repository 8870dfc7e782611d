/** How a Raft group is set up. */
import { ConfigError, oneOf, parseDuration, type Duration, type Micros, type NodeRef } from '../../../sim/index.ts';
import { eachOnce } from '../../replication/each-once.ts';
import { electionTiming, type ElectionTiming, type ElectionTimingOptions } from '../election-timing.ts';
import { wholeNumber } from '../whole-number.ts';
import type { RaftProtocol } from './raft-protocol.ts';

export interface RaftOptions extends ElectionTimingOptions {
  /** All servers that may ever belong to the group, each once. */
  readonly nodes: readonly NodeRef<RaftProtocol>[];
  /** Names of the first voters, each once. Default: all nodes. */
  readonly voters?: readonly string[];
  /** Ask whether an election could be won before entering a new term (dissertation §9.6). Default true. */
  readonly preVote?: boolean;
  /**
   * Leader stickiness (dissertation §4.2.3, §6.2): a leader that has not heard from a quorum for an election timeout steps down, and
   * servers do not vote while they have heard from a leader within one. Default true; lease reads need it.
   */
  readonly checkQuorum?: boolean;
  /**
   * How reads are made linearizable. `read-index`: by a round of heartbeats (dissertation §6.4). `lease`: on the strength of the
   * last one, while clocks allow (§6.4.1). `local`: not at all, any leader answers as it believes. Default `read-index`.
   */
  readonly reads?: 'read-index' | 'lease' | 'local';
  /** Followers answer reads as well: they ask the leader for its read index. Default false. */
  readonly followerReads?: boolean;
  /**
   * With `lease`: how much faster or slower than true time any clock may run, parts per million, 0…999,999. A lease of an
   * election timeout T is trusted for T (1 − d) / (1 + d). Right only while clocks keep within it. Default 0.
   */
  readonly driftBoundPpm?: number;
  /** `no-vote`: the vote is not written to disk, which Raft forbids (paper §5.1, figure 2). Default `full`. */
  readonly persistence?: 'full' | 'no-vote';
  /** Entries in one append at most. Default 64. */
  readonly batch?: number;
  /** Appends to one follower that may be under way at once (dissertation §10.2.1). Default 8. */
  readonly window?: number;
  /** Applied entries after which the log is compacted; Infinity: never (paper §7). Default 1,000. */
  readonly snapshotEvery?: number;
  /** Applied entries that stay in the log all the same, for followers that are a little behind. Default 100. */
  readonly keepEntries?: number;
  /** Characters of a snapshot in one message. Default 4,096. */
  readonly chunk?: number;
  /** Client sessions that are kept; then the one used longest ago gives way. Default 1,000. */
  readonly mostSessions?: number;
  /** How long a leader waits for an entry to be committed, or a read to be confirmed, before it gives up. Default 1 s. */
  readonly patience?: Duration;
}

/** Options filled in and checked. */
export interface RaftSettings extends ElectionTiming {
  readonly nodes: ReadonlyMap<string, NodeRef<RaftProtocol>>;
  readonly voters: readonly string[];
  readonly preVote: boolean;
  readonly checkQuorum: boolean;
  readonly reads: 'read-index' | 'lease' | 'local';
  readonly followerReads: boolean;
  /** How long after sending an append that a quorum has answered a leader may trust its office. */
  readonly lease: Micros;
  readonly keepsVote: boolean;
  readonly batch: number;
  readonly window: number;
  readonly snapshotEvery: number;
  readonly keepEntries: number;
  readonly chunk: number;
  readonly mostSessions: number;
  readonly patience: Micros;
}

/** Throws ConfigError naming the option. */
export function raftSettings(options: RaftOptions): RaftSettings {
  const {
    nodes,
    voters = nodes.map(({ id }) => id),
    checkQuorum = true,
    reads = 'read-index',
    persistence = 'full',
    driftBoundPpm = 0,
  } = options;
  if (nodes.length === 0) throw new ConfigError('raft.nodes', nodes, 'at least one node');
  eachOnce(nodes, 'raft.nodes');
  if (voters.length === 0) throw new ConfigError('raft.voters', voters, 'at least one voter');
  if (new Set(voters).size < voters.length) throw new ConfigError('raft.voters', voters, 'each voter once');
  for (const id of voters) {
    if (!nodes.some((node) => node.id === id)) throw new ConfigError('raft.voters', id, 'the name of one of the nodes');
  }
  const timing = electionTiming(options, 'raft');
  oneOf(reads, ['read-index', 'lease', 'local'], 'raft.reads');
  oneOf(persistence, ['full', 'no-vote'], 'raft.persistence');
  if (reads === 'lease' && !checkQuorum)
    throw new ConfigError('raft.checkQuorum', checkQuorum, 'true with lease reads: a lease is the loyalty of a quorum');
  if (!(driftBoundPpm >= 0 && driftBoundPpm < 1_000_000))
    throw new ConfigError('raft.driftBoundPpm', driftBoundPpm, 'from 0 to 999,999');
  const drift = driftBoundPpm / 1_000_000;
  return {
    nodes: new Map(nodes.map((node) => [node.id, node])),
    voters,
    ...timing,
    preVote: options.preVote ?? true,
    checkQuorum,
    reads,
    followerReads: options.followerReads ?? false,
    lease: Math.floor((timing.electionTimeout * (1 - drift)) / (1 + drift)),
    keepsVote: persistence === 'full',
    batch: wholeNumber('raft.batch', options.batch, 64),
    window: wholeNumber('raft.window', options.window, 8),
    snapshotEvery: wholeNumber('raft.snapshotEvery', options.snapshotEvery, 1_000, { endless: true }),
    keepEntries: wholeNumber('raft.keepEntries', options.keepEntries, 100, { least: 0 }),
    chunk: wholeNumber('raft.chunk', options.chunk, 4_096),
    mostSessions: wholeNumber('raft.mostSessions', options.mostSessions, 1_000),
    patience: parseDuration(options.patience ?? '1s', 'raft.patience'),
  };
}

/** The node called `id`. */
export function nodeNamed({ nodes }: RaftSettings, id: string): NodeRef<RaftProtocol> {
  const node = nodes.get(id);
  if (node === undefined) throw new ConfigError('raft.nodes', id, 'the name of a node of the group');
  return node;
}
