/**
 * Every cache server holds every key: each reader has one that it asks first, and a write has to reach them all. Losing one costs no
 * hits elsewhere; the capacity is that of one, and each of them loads each key for itself.
 *
 * A server that a write could not reach still has the old value: what bounds how long it is served is the time to live.
 */
import { ConfigError } from '../../sim/index.ts';
import type { CacheServerRef, CacheTier } from './cache-tier.ts';

/** Throws ConfigError. */
export function replicatedCaches(servers: readonly CacheServerRef[]): CacheTier {
  if (servers.length === 0) throw new ConfigError('replicatedCaches.servers', servers, 'at least one server');
  return {
    name: 'replicated',
    servers,
    holders(_key, away, reader) {
      const present = servers.filter(({ id }) => !away.has(id));
      const first = reader % Math.max(1, present.length);
      return [...present.slice(first), ...present.slice(0, first)];
    },
  };
}
