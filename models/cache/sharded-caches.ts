/**
 * Keys spread over cache servers by a placement: each key has one home. A server that is away is taken out of the placement, and the
 * keys that move are misses until they have been loaded: with consistent hashing its own K/N, with modulo hashing nearly all of
 * them, at a moment when the store can do with it least.
 *
 * A key that has moved and comes back may find the copy that it left behind: what bounds how old that is, is the time to live.
 */
import { ConfigError } from '../../sim/index.ts';
import type { Placement } from '../hashing/placement.ts';
import type { CacheServerRef, CacheTier } from './cache-tier.ts';

export interface ShardedCachesOptions {
  readonly servers: readonly CacheServerRef[];
  /** Its members are the names of the servers. */
  readonly placement: Placement;
}

/** Throws ConfigError. */
export function shardedCaches({ servers, placement }: ShardedCachesOptions): CacheTier {
  const byName = new Map(servers.map((server) => [server.id, server]));
  const unknown = placement.members.filter((member) => !byName.has(member));
  if (unknown.length > 0 || placement.members.length !== servers.length)
    throw new ConfigError('shardedCaches.placement', placement.members, `the servers ${[...byName.keys()].join(', ')}`);
  // Few sets of absent servers ever occur, and each placement is worked out once.
  const known = new Map<string, Placement | undefined>();
  const placementWithout = (away: ReadonlySet<string>): Placement | undefined => {
    const absent = placement.members.filter((member) => away.has(member));
    if (absent.length === 0) return placement;
    const name = absent.join(' ');
    if (!known.has(name)) {
      const left = absent.length === placement.members.length;
      known.set(name, left ? undefined : absent.reduce((rest, member) => rest.without(member), placement));
    }
    return known.get(name);
  };
  return {
    name: `sharded by ${placement.name}`,
    servers,
    holders(key, away) {
      const owner = placementWithout(away)?.owner(key);
      return owner === undefined ? [] : [byName.get(owner) as CacheServerRef];
    },
  };
}
