/**
 * The contract of cache tiers: which of several cache servers hold a key, as an application sees it that has found some of them
 * away. Tiers are pure: applications that agree on who is away agree on the holders.
 */
import type { NodeRef } from '../../sim/index.ts';
import type { CacheServerProtocol } from './cache-server.ts';

export type CacheServerRef = NodeRef<CacheServerProtocol>;

export interface CacheTier {
  readonly name: string;
  readonly servers: readonly CacheServerRef[];
  /**
   * Who holds `key`, whoever is to be asked first at the front; empty when nobody is left. `away`: names of servers that do not
   * answer. `reader` spreads readers where there is a choice.
   */
  holders(key: string, away: ReadonlySet<string>, reader: number): readonly CacheServerRef[];
}
