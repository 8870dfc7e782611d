import { ConfigError } from '../../sim/index.ts';
import type { Placed } from './sharding.ts';

/** Which shard lists what, by all that shards list. Throws ConfigError, `scheme: shard …: field`, when two list the same. */
export function listedOnce<C, F extends string>(
  scheme: string,
  field: F,
  shards: readonly Placed<C & Readonly<Record<F, readonly string[]>>>[],
): ReadonlyMap<string, string> {
  const lister = new Map<string, string>();
  for (const { id, covers } of shards) {
    for (const one of covers[field]) {
      const other = lister.get(one);
      if (other !== undefined)
        throw new ConfigError(`${scheme}: shard ${id}: ${field}`, one, `what ${other} does not list`);
      lister.set(one, id);
    }
  }
  return lister;
}
