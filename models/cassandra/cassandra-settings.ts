/** Options of a Cassandra-style store's nodes, with their defaults. */
import {
  ConfigError,
  oneOf,
  parseDuration,
  parsePeriod,
  type Duration,
  type Micros,
  type NodeRef,
} from '../../sim/index.ts';
import type { DynamoProtocol } from '../dynamo/dynamo-protocol.ts';
import { dynamoSettings, type DynamoOptions, type DynamoSettings } from '../dynamo/dynamo-settings.ts';
import type { Versioning } from '../versioning/versioning.ts';
import type { CassandraProtocol } from './cassandra-protocol.ts';
import type { Place, ReplicationStrategy } from './replication-strategy.ts';
import { rowVersions } from './row-versions.ts';

type Shared = Pick<
  DynamoOptions,
  | 'fsync'
  | 'groupEvery'
  | 'attempt'
  | 'suspectFor'
  | 'patience'
  | 'ranges'
  | 'virtualNodes'
  | 'treeDepth'
  | 'handOffEvery'
  | 'memoryRecords'
  | 'compactionFanIn'
  | 'bloomBitsPerKey'
  | 'tableRead'
>;

export interface CassandraOptions extends Shared {
  readonly nodes: readonly NodeRef<CassandraProtocol>[];
  readonly strategy: ReplicationStrategy;
  /** By node: those of the strategy, where it has any. Default: one data centre. */
  readonly places?: Readonly<Record<string, Place>>;
  /** How long hints are kept for a replica that does not answer, after it last did. Default 3 s (Cassandra: 3 hours). */
  readonly hintWindow?: Duration | 'never';
  /** gc_grace: age at which a tombstone may be purged, and at which hints are dropped. Default 10 s (Cassandra: 10 days). */
  readonly gcGrace?: Duration;
  /**
   * `after-grace`: a tombstone goes when it is old enough; a copy that has missed it brings the row back, unless it was
   * repaired in time. `repaired`: only when, besides, a repair has seen it on the disks of all copies
   * (only_purge_repaired_tombstones). Default `after-grace`.
   */
  readonly purge?: 'after-grace' | 'repaired';
  /** Time between two compactions, which purge tombstones. Default 200 ms. */
  readonly compactEvery?: Duration;
  /** Time between two repairs of all ranges that a node has copies of. Default 'never': an operator's matter. */
  readonly repairEvery?: Duration | 'never';
}

/** Options with their defaults filled in. */
export interface CassandraSettings extends DynamoSettings {
  readonly peers: Readonly<Record<string, NodeRef<CassandraProtocol>>>;
  readonly datacentreOf: (node: string) => string;
  readonly hintWindow: Micros;
  readonly gcGrace: Micros;
  readonly purgeRepairedOnly: boolean;
  readonly compactEvery: Micros;
  readonly repairEvery: Micros | undefined;
}

/** Throws ConfigError naming the option. */
export function cassandraSettings(options: CassandraOptions): CassandraSettings {
  const { strategy, places = {}, hintWindow = '3s', repairEvery = 'never', purge = 'after-grace' } = options;
  checkStrategy(strategy, options);
  const peers = Object.fromEntries(options.nodes.map((node) => [node.id, node]));
  // Nodes of the two kinds understand the same messages about copies.
  const nodes = options.nodes as readonly NodeRef<unknown>[] as readonly NodeRef<DynamoProtocol>[];
  const versioning = rowVersions() as Versioning;
  const shared = { ...options, nodes, replicas: nodes.length, quorum: 'strict', versioning } as const;
  return {
    ...dynamoSettings(shared, (ring, key) => strategy.replicas(ring, key)),
    peers,
    datacentreOf: (node) => places[node]?.datacentre ?? '',
    hintWindow: hintWindow === 'never' ? 0 : parseDuration(hintWindow, 'cassandra.hintWindow'),
    gcGrace: parseDuration(options.gcGrace ?? '10s', 'cassandra.gcGrace'),
    purgeRepairedOnly: oneOf(purge, ['after-grace', 'repaired'], 'cassandra.purge') === 'repaired',
    compactEvery: period(options.compactEvery ?? '200ms', 'compactEvery'),
    repairEvery: repairEvery === 'never' ? undefined : period(repairEvery, 'repairEvery'),
  };
}

/** Levels count by the nodes' places, copies are placed by the strategy's: they have to be the same. */
function checkStrategy(strategy: ReplicationStrategy, { nodes, places = {} }: CassandraOptions): void {
  if (typeof strategy?.replicas !== 'function')
    throw new ConfigError('cassandra.strategy', strategy, 'simpleStrategy(…) or networkTopologyStrategy(…)');
  const believed = strategy.places;
  if (believed === undefined) return;
  for (const { id } of nodes) {
    const [own, other] = [places[id], believed[id]];
    if (own?.datacentre !== other?.datacentre || own?.rack !== other?.rack)
      throw new ConfigError(`cassandra.places.${id}`, own, `what the strategy has: ${JSON.stringify(other)}`);
  }
}

const period = (value: Duration, field: string): Micros => parsePeriod(value, `cassandra.${field}`);
