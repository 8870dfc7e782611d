/** The door of sharding: one line per file, sorted by path. */
export { directorySharding, type DirectoryEntry } from './directory-sharding.ts';
export { geographicSharding, type GeographicBox, type GeographicShardingOptions } from './geographic-sharding.ts';
export { hashSharding, type SlotRange } from './hash-sharding.ts';
export { listSharding, type ListedValues, type ListShardingOptions } from './list-sharding.ts';
export { mapService, type MapServiceOptions, type MapServiceState, type Reshard } from './map-service.ts';
export { rangeSharding, type KeyRange } from './range-sharding.ts';
export type { MapProtocol, RouterProtocol, ShardProtocol } from './shard-protocol.ts';
export { shardRouter, type RouterState, type ShardRouterOptions } from './shard-router.ts';
export { shardServer, type ShardServerOptions } from './shard-server.ts';
export type { HeldShard, ShardServerState } from './shard-state.ts';
export { shardedStore, type ShardedStoreOptions } from './sharded-store.ts';
export {
  divided,
  moved,
  shardMap,
  shardOf,
  type Placed,
  type Shard,
  type Sharding,
  type ShardMap,
} from './sharding.ts';
export { spreadKeys, type SpreadKeysOptions } from './spread-key.ts';
export { verticalPartition, type Row, type VerticalPartition } from './vertical-partition.ts';
