/** What a node of a Cassandra-style store holds. */
import type { Context, Micros } from '../../sim/index.ts';
import type { DynamoState } from '../dynamo/dynamo-state.ts';

export interface CassandraState extends DynamoState {
  /** The latest timestamp that it has given to a write itself. */
  lastTimestamp: Micros;
  /** Since when nodes have not answered, on its monotonic clock. */
  downSince: Record<string, Micros>;
  /** Tombstones that all copies have on disk, by key; the version, by its text. */
  repaired: Record<string, string>;
}

export type CassandraContext = Context<CassandraState>;
