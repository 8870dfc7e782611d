/** Options of a Dynamo-style store's nodes, with their defaults. */
import {
  ConfigError,
  oneOf,
  parseDuration,
  parsePeriod,
  type Duration,
  type Micros,
  type NodeRef,
} from '../../sim/index.ts';
import { eachOnce } from '../replication/each-once.ts';
import { dottedVersionVectors } from '../versioning/dotted-version-vectors.ts';
import type { Versioning } from '../versioning/versioning.ts';
import type { DynamoProtocol } from './dynamo-protocol.ts';
import { placementsBy, preferenceList, type ListOf, type RangePlacement } from './preference-list.ts';

export interface DynamoOptions {
  /** All nodes that are members of the ring or may become one, each once. */
  readonly nodes: readonly NodeRef<DynamoProtocol>[];
  /** Names of those that are members from the start, each once. Default: all. */
  readonly members?: readonly string[];
  /** Zone, or data centre, by node: owners are in as many of them as there are. Default: one zone. */
  readonly zones?: Readonly<Record<string, string>>;
  /** N, copies of a key, from 1 to as many as there are nodes; fewer while the ring has fewer members. Default 3, or all nodes. */
  readonly replicas?: number;
  /** R, answers that a get needs, 1…N; fewer while the ring has fewer members. Default 2, or N. */
  readonly readQuorum?: number;
  /** W, durable copies that a put needs, 1…N; fewer while the ring has fewer members. Default 2, or N. */
  readonly writeQuorum?: number;
  /**
   * `sloppy`: the first N nodes of the preference list that can be reached do the work, those that stand in for an owner keep
   * a hint. `strict`: the owners alone, and what cannot be done by them is refused. Default `sloppy`.
   */
  readonly quorum?: 'sloppy' | 'strict';
  /** Default dottedVersionVectors(). */
  readonly versioning?: Versioning;
  /** Whether a get brings owners up to date that answered with an older version. Default true. */
  readonly readRepair?: boolean;
  /** Time between two comparisons with a peer. Default 200 ms; 'never'. */
  readonly antiEntropyEvery?: Duration | 'never';
  /** Time between two attempts to hand over what is kept for others. Default 250 ms; 'never'. */
  readonly handOffEvery?: Duration | 'never';
  /** Time between two exchanges of membership histories. Default 500 ms. */
  readonly gossipEvery?: Duration;
  /**
   * When a copy counts: `always` on disk, flushed at once; `group` on disk, flushed every `groupEvery`; `never`: in memory.
   * Default `always`.
   */
  readonly fsync?: 'always' | 'group' | 'never';
  /** Default 10 ms. */
  readonly groupEvery?: Duration;
  /** Records of the commit log after which the memory table is flushed to a sorted table, from 1 on. Default 1,000. */
  readonly memoryRecords?: number;
  /** Sorted tables of about one size that are merged into one, from 2 on. Default 4. */
  readonly compactionFanIn?: number;
  /** Bits of the sorted tables' Bloom filters for each key, above 0. Default 10: 0.8 % false positives. */
  readonly bloomBitsPerKey?: number;
  /** Time that it takes to read a key in one sorted table; indexes and filters are in memory. Default 100 µs. */
  readonly tableRead?: Duration;
  /** How long a node waits for another one before it takes it for unreachable. Default 100 ms. */
  readonly attempt?: Duration;
  /** How long it does without a node that it has taken for unreachable. Default 1 s. */
  readonly suspectFor?: Duration;
  /** How long a coordinator tries to bring its quorum together. Default 400 ms. */
  readonly patience?: Duration;
  /** Key ranges, from 1 on. Default 16. */
  readonly ranges?: number;
  /** Points of a member on the ring. Default 32. */
  readonly virtualNodes?: number;
  /** Depth of a range's Merkle tree, 1…20: it has 2^depth leaves. Default 6. */
  readonly treeDepth?: number;
}

/** Options with their defaults filled in. */
export interface DynamoSettings {
  readonly nodes: Readonly<Record<string, NodeRef<DynamoProtocol>>>;
  readonly members: readonly string[];
  readonly replicas: number;
  readonly readQuorum: number;
  readonly writeQuorum: number;
  readonly sloppy: boolean;
  readonly versioning: Versioning;
  readonly readRepair: boolean;
  readonly antiEntropyEvery: Micros | undefined;
  readonly handOffEvery: Micros | undefined;
  readonly gossipEvery: Micros;
  readonly fsync: 'always' | 'group' | 'never';
  readonly groupEvery: Micros;
  readonly memoryRecords: number;
  readonly compactionFanIn: number;
  readonly bloomBitsPerKey: number;
  readonly tableRead: Micros;
  readonly attempt: Micros;
  readonly suspectFor: Micros;
  readonly patience: Micros;
  readonly ranges: number;
  readonly treeDepth: number;
  readonly placementOf: (ring: string) => RangePlacement;
}

/** `listOf`: which members are to have a key; default: preference lists by zones. Throws ConfigError naming the option. */
export function dynamoSettings(options: DynamoOptions, listOf = byZones(options)): DynamoSettings {
  const { quorum = 'sloppy', versioning = dottedVersionVectors() as Versioning } = options;
  const { readRepair = true, fsync = 'always' } = options;
  const { ranges = 16, virtualNodes = 32, treeDepth = 6 } = options;
  const { memoryRecords = 1_000, compactionFanIn = 4, bloomBitsPerKey = 10 } = options;
  const nodes = Object.fromEntries(options.nodes.map((node) => [node.id, node]));
  const members = options.members ?? Object.keys(nodes);
  if (members.length === 0 || members.some((name) => nodes[name] === undefined))
    throw new ConfigError('dynamo.members', members, `some of the nodes: ${Object.keys(nodes).join(', ')}`);
  if (new Set(members).size < members.length) throw new ConfigError('dynamo.members', members, 'each member once');
  eachOnce(options.nodes, 'dynamo.nodes');
  const { replicas = Math.min(3, options.nodes.length) } = options;
  whole(replicas, 'replicas', 1, options.nodes.length, ', the nodes there are');
  const { readQuorum = Math.min(2, replicas), writeQuorum = Math.min(2, replicas) } = options;
  whole(readQuorum, 'readQuorum', 1, replicas);
  whole(writeQuorum, 'writeQuorum', 1, replicas);
  whole(ranges, 'ranges', 1, 65_536);
  whole(virtualNodes, 'virtualNodes', 1, 100_000);
  whole(treeDepth, 'treeDepth', 1, 20);
  whole(memoryRecords, 'memoryRecords', 1, 1e9);
  whole(compactionFanIn, 'compactionFanIn', 2, 1_000);
  if (!(bloomBitsPerKey > 0 && bloomBitsPerKey <= 1_000))
    throw new ConfigError('dynamo.bloomBitsPerKey', bloomBitsPerKey, 'a number above 0, up to 1,000');
  if (typeof versioning?.merge !== 'function')
    throw new ConfigError('dynamo.versioning', versioning, 'a versioning such as dottedVersionVectors()');
  if (typeof readRepair !== 'boolean') throw new ConfigError('dynamo.readRepair', readRepair, 'true or false');
  return {
    nodes,
    members,
    replicas,
    readQuorum,
    writeQuorum,
    sloppy: oneOf(quorum, ['sloppy', 'strict'], 'dynamo.quorum') === 'sloppy',
    versioning,
    readRepair,
    fsync: oneOf(fsync, ['always', 'group', 'never'], 'dynamo.fsync'),
    ranges,
    treeDepth,
    memoryRecords,
    compactionFanIn,
    bloomBitsPerKey,
    placementOf: placementsBy(listOf, { ranges, virtualNodes }),
    ...timesOf(options),
  };
}

const byZones =
  ({ zones = {} }: DynamoOptions): ListOf =>
  (ring, key) =>
    preferenceList(ring, key, (member) => zones[member] ?? '');

const timesOf = (options: DynamoOptions) => ({
  antiEntropyEvery: periodOf(options.antiEntropyEvery ?? '200ms', 'antiEntropyEvery'),
  handOffEvery: periodOf(options.handOffEvery ?? '250ms', 'handOffEvery'),
  gossipEvery: spanOf(options.gossipEvery ?? '500ms', 'gossipEvery'),
  groupEvery: spanOf(options.groupEvery ?? '10ms', 'groupEvery'),
  tableRead: parseDuration(options.tableRead ?? '100us', 'dynamo.tableRead'),
  attempt: spanOf(options.attempt ?? '100ms', 'attempt'),
  suspectFor: spanOf(options.suspectFor ?? '1s', 'suspectFor'),
  patience: spanOf(options.patience ?? '400ms', 'patience'),
});

const spanOf = (value: Duration, field: string): Micros => parsePeriod(value, `dynamo.${field}`);

const periodOf = (value: Duration | 'never', field: string): Micros | undefined =>
  value === 'never' ? undefined : spanOf(value, field);

function whole(value: number, field: string, least: number, most: number, why = ''): void {
  if (!Number.isInteger(value) || value < least || value > most)
    throw new ConfigError(`dynamo.${field}`, value, `a whole number from ${least} to ${most}${why}`);
}
