/** One cache server for everything. Away, there is none. */
import type { CacheServerRef, CacheTier } from './cache-tier.ts';

export const singleCache = (server: CacheServerRef): CacheTier => ({
  name: 'single',
  servers: [server],
  holders: (_key, away) => (away.has(server.id) ? [] : [server]),
});
