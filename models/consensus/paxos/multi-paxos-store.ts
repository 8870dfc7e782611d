/** A Multi-Paxos group as clients use it. */
import type { KvStore } from '../../replication/kv-client.ts';
import { sessionStore, type SessionStoreOptions } from '../../replication/session-store.ts';

export type MultiPaxosStoreOptions = SessionStoreOptions;

/** The store that a Multi-Paxos group makes. Throws ConfigError naming the option. */
export const multiPaxosStore = (options: MultiPaxosStoreOptions): KvStore => sessionStore(options, 'multiPaxosStore');
