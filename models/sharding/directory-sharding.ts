/**
 * Directory sharding (Slack's and Flickr's lookup tables; Vitess' lookup vindexes): a table says for single keys where they are. Any key can
 * be put anywhere, a tenant that has grown on a shard of its own; the price is the table, which must hold every key that is not where the
 * rule for all the others puts it.
 *
 * Keys that are not listed are placed by their hash among the shards with a `bucket`: so new keys have an owner before anybody lists them.
 */
import { ConfigError } from '../../sim/index.ts';
import { murmur3 } from '../hashing/murmur3.ts';
import { listedOnce } from './listed-once.ts';
import type { Sharding } from './sharding.ts';

export interface DirectoryEntry {
  /** Keys that are listed to be here. */
  readonly keys: readonly string[];
  /** The share of the keys not listed: those whose hash modulo `of` is `number`. */
  readonly bucket?: { readonly number: number; readonly of: number; readonly listedElsewhere: readonly string[] };
}

const hasInBucket = ({ bucket }: DirectoryEntry, key: string): boolean =>
  bucket !== undefined && murmur3(key) % bucket.of === bucket.number && !bucket.listedElsewhere.includes(key);

export function directorySharding(): Sharding<DirectoryEntry> {
  return {
    name: 'directory',
    check(shards) {
      const lister = listedOnce('directory', 'keys', shards);
      const buckets = shards.flatMap(({ covers: { bucket } }) => (bucket === undefined ? [] : [bucket]));
      const numbers = new Set(buckets.map(({ number }) => number));
      const fits = buckets.every(({ number, of }) => of === buckets.length && number >= 0 && number < of);
      if (buckets.length === 0 || numbers.size < buckets.length || !fits)
        throw new ConfigError('directory: buckets', buckets, 'at least one, numbered from 0, each number once');
      for (const { id, covers } of shards) {
        for (const key of lister.keys()) {
          if (lister.get(key) !== id && hasInBucket(covers, key))
            throw new ConfigError(
              `directory: shard ${id}: listedElsewhere`,
              covers.bucket?.listedElsewhere,
              `${key} among it`,
            );
        }
        const stray = covers.bucket?.listedElsewhere.find((key) => !lister.has(key));
        if (stray !== undefined)
          throw new ConfigError(`directory: shard ${id}: listedElsewhere`, stray, 'keys that some shard lists');
      }
    },
    holds: (covers, key) => covers.keys.includes(key) || hasInBucket(covers, key),
    divide(covers, at) {
      const { keys, bucket } = covers;
      const isListed = keys.includes(at);
      if ((!isListed && !hasInBucket(covers, at)) || (bucket === undefined && keys.length < 2))
        throw new ConfigError('directory: at', at, 'one of several keys that the shard holds');
      const elsewhere =
        bucket === undefined ? undefined : { ...bucket, listedElsewhere: [...bucket.listedElsewhere, at] };
      const rest = keys.filter((key) => key !== at);
      return [{ keys: rest, ...(elsewhere === undefined ? {} : { bucket: elsewhere }) }, { keys: [at] }];
    },
  };
}
