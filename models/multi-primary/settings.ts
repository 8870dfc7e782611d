/** What the nodes of a multi-primary store say to each other and to clients, and how the store is set up. */
import { ConfigError, ms, oneOf, parseDuration, type Duration, type Micros, type NodeRef } from '../../sim/index.ts';
import { eachOnce } from '../replication/each-once.ts';
import type { ReadRequest, UpdateReply } from '../replication/command.ts';
import type { VersionVector } from '../versioning/version-vector.ts';
import type { ConflictPolicy, Reading, SentEdit } from './conflict-policy.ts';

/** A key as a node has it. */
export interface Cell {
  /** The conflict policy's. */
  readonly state: unknown;
  /** The edits of this key that are in it, by the name under which they were accepted. */
  readonly delivered: VersionVector;
}

/** A key's new state, sent to others as soon as it is accepted. */
export interface Replicated {
  /** The node that accepted the edit: where a change that goes round a ring stops. */
  readonly origin: string;
  readonly key: string;
  readonly cell: Cell;
}

export interface MultiPrimaryProtocol {
  read(request: ReadRequest): Reading;
  edit(edit: SentEdit): UpdateReply;
  replicate(message: Replicated): void;
  /** Anti-entropy: what the sender knows of each key. */
  compare(message: { readonly from: string; readonly delivered: Readonly<Record<string, VersionVector>> }): void;
  /** What the receiver lacks, and the keys that the sender would like to have. */
  repair(message: {
    readonly from: string;
    readonly cells: Readonly<Record<string, Cell>>;
    readonly wanted: readonly string[];
  }): void;
}

export interface MultiPrimaryOptions {
  /** All nodes, each once; in a ring each replicates to the next, and the last to the first. */
  readonly nodes: readonly NodeRef<MultiPrimaryProtocol>[];
  /** How a key's concurrent edits are brought together; or which policy a key has. The same at every node. */
  readonly policy: ConflictPolicy | ((key: string) => ConflictPolicy);
  /** `mesh`: a node sends what it accepts to all others. `ring`: to the next one, which passes it on. Default `mesh`. */
  readonly topology?: 'mesh' | 'ring';
  /**
   * Time between two comparisons with another node, in turn (in a ring: with the next), which bring whatever messages lost.
   * `off`: never, and what is lost stays lost. Default 300 ms: two nodes are equal after (number of nodes) times that, undisturbed.
   */
  readonly antiEntropy?: Duration | 'off';
  /**
   * `always`: an edit is acknowledged once it is on its node's disk. Otherwise the disk is flushed so often, edits are acknowledged at
   * once, and a crash takes those since the last flush that no other node has got yet. Default `always`.
   */
  readonly fsync?: 'always' | Duration;
  /**
   * The node's role, by which faults and checks know it. Default `primary`. Give nodes roles of their own where none can stand in for
   * another: of a role with several nodes a search leaves a minority broken for good, and what that has accepted is nowhere else.
   */
  readonly role?: string;
}

/** Options filled in and checked. */
export interface MultiPrimarySettings {
  readonly nodes: readonly NodeRef<MultiPrimaryProtocol>[];
  readonly policyOf: (key: string) => ConflictPolicy;
  readonly topology: 'mesh' | 'ring';
  /** undefined: none. */
  readonly antiEntropy: Micros | undefined;
  /** undefined: before every acknowledgement. */
  readonly flushEvery: Micros | undefined;
}

/** Throws ConfigError naming the option. */
export function multiPrimarySettings(options: MultiPrimaryOptions): MultiPrimarySettings {
  const { nodes, policy, topology = 'mesh', antiEntropy = ms(300), fsync = 'always' } = options;
  if (nodes.length === 0) throw new ConfigError('multiPrimary.nodes', nodes, 'at least one node');
  eachOnce(nodes, 'multiPrimary.nodes');
  if (typeof policy !== 'function' && typeof policy?.merge !== 'function')
    throw new ConfigError('multiPrimary.policy', policy, 'a conflict policy such as lwwValues(), or a function');
  const above0 = (value: Duration, field: string): Micros => {
    const duration = parseDuration(value, `multiPrimary.${field}`);
    if (duration <= 0) throw new ConfigError(`multiPrimary.${field}`, value, 'a time above 0');
    return duration;
  };
  return {
    nodes,
    policyOf: typeof policy === 'function' ? policy : () => policy,
    topology: oneOf(topology, ['mesh', 'ring'], 'multiPrimary.topology'),
    antiEntropy: antiEntropy === 'off' ? undefined : above0(antiEntropy, 'antiEntropy'),
    flushEvery: fsync === 'always' ? undefined : above0(fsync, 'fsync'),
  };
}
