/**
 * The contract of sharding schemes: how keys are divided among shards, and shards among owners.
 *
 * A map is plain data, so that it is sent, stored and shown as it is; a scheme knows what its shards' `covers` mean. Whatever the
 * scheme, each key has exactly one shard and so exactly one owner in a map: `shardMap` refuses every other. Maps are numbered by
 * epochs, and each change makes the next one; a shard remembers the epoch in which it came to be what it is.
 */
import { ConfigError } from '../../sim/index.ts';

/** A part of the keys and the one node that serves it: what a scheme is told of a shard. `C` is what the scheme says it covers. */
export interface Placed<C = unknown> {
  readonly id: string;
  readonly covers: C;
  readonly owner: string;
}

export interface Shard<C = unknown> extends Placed<C> {
  /** The map's epoch in which it got this owner and these keys. */
  readonly epoch: number;
}

export interface ShardMap<C = unknown> {
  /** Rises with each change, from 1. */
  readonly epoch: number;
  readonly shards: readonly Shard<C>[];
}

export interface Sharding<C = unknown> {
  readonly name: string;
  /** Throws ConfigError unless each key is covered by exactly one of the shards. */
  check(shards: readonly Placed<C>[]): void;
  /** Whether the key is among those covered. */
  holds(covers: C, key: string): boolean;
  /** What is covered in two parts, neither empty: keys from `at` on (what that means is the scheme's matter) are in the second. Throws ConfigError. */
  divide(covers: C, at: string): readonly [C, C];
}

/** The first map. Throws ConfigError when a key would have no owner or two. */
export function shardMap<C>(sharding: Sharding<C>, shards: readonly Placed<C>[]): ShardMap<C> {
  return checked(
    sharding,
    1,
    shards.map(({ id, covers, owner }) => ({ id, covers, owner, epoch: 1 })),
  );
}

function checked<C>(sharding: Sharding<C>, epoch: number, shards: readonly Shard<C>[]): ShardMap<C> {
  if (shards.length === 0 || new Set(shards.map(({ id }) => id)).size < shards.length)
    throw new ConfigError(
      `${sharding.name}: shards`,
      shards.map(({ id }) => id),
      'at least one shard, each name once',
    );
  sharding.check(shards);
  return { epoch, shards };
}

/** The one shard that holds the key. */
export function shardOf<C>(sharding: Sharding<C>, map: ShardMap<C>, key: string): Shard<C> {
  const shard = map.shards.find(({ covers }) => sharding.holds(covers, key));
  if (shard === undefined) throw new ConfigError(`${sharding.name}: key`, key, 'a key that some shard covers');
  return shard;
}

/** The shard of that name. Throws ConfigError. */
export function shardNamed<C>(map: ShardMap<C>, id: string): Shard<C> {
  const shard = map.shards.find((one) => one.id === id);
  if (shard !== undefined) return shard;
  throw new ConfigError('shard', id, `one of ${map.shards.map((one) => one.id).join(', ')}`);
}

/** The next map, in which `id` belongs to `owner`. Throws ConfigError. */
export function moved<C>(map: ShardMap<C>, id: string, owner: string): ShardMap<C> {
  const epoch = map.epoch + 1;
  const shard = shardNamed(map, id);
  return { epoch, shards: map.shards.map((one) => (one === shard ? { ...one, owner, epoch } : one)) };
}

/** The next map, in which the keys of `id` from `at` on are a shard of their own, `into`, with the same owner. Throws ConfigError. */
export function divided<C>(
  sharding: Sharding<C>,
  map: ShardMap<C>,
  { id, at, into }: { readonly id: string; readonly at: string; readonly into: string },
): ShardMap<C> {
  const epoch = map.epoch + 1;
  const shard = shardNamed(map, id);
  const [first, second] = sharding.divide(shard.covers, at);
  const parts = [
    { ...shard, covers: first, epoch },
    { ...shard, id: into, covers: second, epoch },
  ];
  return checked(
    sharding,
    epoch,
    map.shards.flatMap((one) => (one === shard ? parts : [one])),
  );
}
