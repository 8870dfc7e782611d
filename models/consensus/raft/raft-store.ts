/** A Raft group as clients use it. */
import type { KvStore } from '../../replication/kv-client.ts';
import { sessionStore, type SessionStoreOptions } from '../../replication/session-store.ts';

export type RaftStoreOptions = SessionStoreOptions;

/** The store that a Raft group makes. Throws ConfigError naming the option. */
export const raftStore = (options: RaftStoreOptions): KvStore => sessionStore(options, 'raftStore');
