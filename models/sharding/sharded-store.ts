/** The client's side of a sharded store: a router does the rest. */
import { ms, parseDuration, type Duration, type NodeRef } from '../../sim/index.ts';
import type { StoredValue } from '../replication/command.ts';
import type { KvStore } from '../replication/kv-client.ts';
import type { RouterProtocol } from './shard-protocol.ts';

export interface ShardedStoreOptions {
  readonly router: NodeRef<RouterProtocol>;
  /** How long a client waits. Default 1500 ms. */
  readonly deadline?: Duration;
  /** What a read of a key gives that was never written, such as [] for sets. Default null. */
  readonly initial?: StoredValue | null;
}

/** Throws ConfigError naming the option. */
export function shardedStore({ router, initial = null, ...options }: ShardedStoreOptions): KvStore {
  const deadline = parseDuration(options.deadline ?? ms(1_500), 'shardedStore.deadline');
  return {
    *read(key, _operation, ctx) {
      const { value } = yield* ctx.call(router, 'read', { key }, { deadline });
      return { value: value ?? initial, by: router };
    },
    *update(change, _operation, ctx) {
      const { session, issued: seq } = ctx.state;
      const { applied } = yield* ctx.call(router, 'update', { ...change, session, seq }, { deadline });
      return { applied, by: router };
    },
  };
}
