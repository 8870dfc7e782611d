/** What clients and nodes of a Cassandra-style store say to each other. */
import type { Micros } from '../../sim/index.ts';
import type { DynamoProtocol } from '../dynamo/dynamo-protocol.ts';
import type { ConsistencyLevel } from './consistency-level.ts';

export interface RowWrite {
  readonly key: string;
  /** null deletes the row. */
  readonly value: unknown;
  readonly level: ConsistencyLevel;
  /** Default: the coordinator's wall clock, but never the same twice. */
  readonly timestamp?: Micros;
}

export interface RowRead {
  readonly key: string;
  readonly level: ConsistencyLevel;
}

/** A version of a row, by its text (row-versions.ts). */
export interface KeyedVersion {
  readonly key: string;
  readonly version: string;
}

/** From Dynamo: copies to store, copies asked for, and the comparison of Merkle trees. */
type BetweenNodes = Pick<DynamoProtocol, 'store' | 'fetch' | 'roots' | 'hashes' | 'leaves'>;

export interface CassandraProtocol extends BetweenNodes {
  /**
   * To any node. Fails with `unavailable`, definitely, when too few copies are believed to be reachable, and with `no-quorum`
   * when too few have answered: then the write may have been done, and may still be.
   */
  write(request: RowWrite): { readonly timestamp: Micros };
  /** To any node. null: no such row. Fails with `unavailable`, `no-quorum`, or `invalid-level` for EACH_QUORUM. */
  read(request: RowRead): { readonly value: unknown };
  /** Repair: which of these versions it has on its disk just so. */
  holds(request: { readonly versions: readonly KeyedVersion[] }): readonly string[];
  /** Repair: all copies have these versions on disk. */
  repaired(request: { readonly versions: readonly KeyedVersion[] }): void;
}
