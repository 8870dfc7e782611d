/** How a Multi-Paxos group is set up. */
import { ConfigError, oneOf, parseDuration, type Duration, type Micros, type NodeRef } from '../../../sim/index.ts';
import { eachOnce } from '../../replication/each-once.ts';
import { electionTiming, type ElectionTiming, type ElectionTimingOptions } from '../election-timing.ts';
import { wholeNumber } from '../whole-number.ts';
import type { MultiPaxosProtocol } from './multi-paxos-protocol.ts';
import { quorumSizes, type QuorumOptions, type QuorumSizes } from './quorum-sizes.ts';

export interface MultiPaxosOptions extends QuorumOptions, ElectionTimingOptions {
  /** All servers of the group, each once; each is proposer, acceptor and learner. */
  readonly nodes: readonly NodeRef<MultiPaxosProtocol>[];
  /**
   * Ask first whether a quorum misses a leader too, and give the office up when no quorum answers: leaders last longer. Without it the
   * bare papers. Default true.
   */
  readonly canvass?: boolean;
  /** How reads are made linearizable: `read-index`, by a round of heartbeats; `log`, by an entry of their own. Default `read-index`. */
  readonly reads?: 'read-index' | 'log';
  /** `never`: acceptors answer before what they promise is on disk, which Paxos forbids. Default `before-answering`. */
  readonly sync?: 'before-answering' | 'never';
  /** Slots in one message at most. Default 64. */
  readonly batch?: number;
  /** Applied slots after which a snapshot is taken; Infinity: never. Default 1,000. */
  readonly snapshotEvery?: number;
  /** Applied slots that stay in the log all the same, for those who are a little behind. Default 100. */
  readonly keepSlots?: number;
  /** Client sessions that are kept; then the one used longest ago gives way. Default 1,000. */
  readonly mostSessions?: number;
  /** How long a leader waits for a command to be chosen, or a read to be confirmed, before it gives up. Default 1 s. */
  readonly patience?: Duration;
}

/** Options filled in and checked. */
export interface MultiPaxosSettings extends QuorumSizes, ElectionTiming {
  readonly nodes: readonly NodeRef<MultiPaxosProtocol>[];
  readonly canvass: boolean;
  readonly reads: 'read-index' | 'log';
  readonly syncs: boolean;
  readonly batch: number;
  readonly snapshotEvery: number;
  readonly keepSlots: number;
  readonly mostSessions: number;
  readonly patience: Micros;
}

/** Throws ConfigError naming the option. */
export function multiPaxosSettings(options: MultiPaxosOptions): MultiPaxosSettings {
  const { nodes, reads = 'read-index', sync = 'before-answering' } = options;
  const where = 'multiPaxos';
  eachOnce(nodes, `${where}.nodes`);
  return {
    ...quorumSizes(nodes.length, options, where),
    ...electionTiming(options, where),
    nodes,
    canvass: options.canvass ?? true,
    reads: oneOf(reads, ['read-index', 'log'], `${where}.reads`),
    syncs: oneOf(sync, ['before-answering', 'never'], `${where}.sync`) === 'before-answering',
    batch: wholeNumber(`${where}.batch`, options.batch, 64),
    snapshotEvery: wholeNumber(`${where}.snapshotEvery`, options.snapshotEvery, 1_000, { endless: true }),
    keepSlots: wholeNumber(`${where}.keepSlots`, options.keepSlots, 100, { least: 0 }),
    mostSessions: wholeNumber(`${where}.mostSessions`, options.mostSessions, 1_000),
    patience: parseDuration(options.patience ?? '1s', `${where}.patience`),
  };
}

/** The node called `id`. */
export function nodeNamed({ nodes }: MultiPaxosSettings, id: string): NodeRef<MultiPaxosProtocol> {
  const node = nodes.find((one) => one.id === id);
  if (node === undefined) throw new ConfigError('multiPaxos.nodes', id, 'the name of a node of the group');
  return node;
}
