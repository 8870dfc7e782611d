/**
 * List sharding (SQL's PARTITION BY LIST): an attribute of the key, such as a tenant, a status or a country, says where it belongs, by
 * enumeration. One shard takes whatever no other lists (SQL's DEFAULT partition), so that a value that nobody has thought of has an owner.
 */
import { ConfigError } from '../../sim/index.ts';
import { listedOnce } from './listed-once.ts';
import type { Sharding } from './sharding.ts';

/** Values of the attribute. */
export interface ListedValues {
  readonly values: readonly string[];
  /** For the one shard that takes the rest: all that the others list. */
  readonly except?: readonly string[];
}

export interface ListShardingOptions {
  /** The attribute of a key. Default: what is before its first `/`. */
  readonly attributeOf?: (key: string) => string;
}

const beforeSlash = (key: string): string => key.split('/', 1)[0] ?? '';

export function listSharding({ attributeOf = beforeSlash }: ListShardingOptions = {}): Sharding<ListedValues> {
  return {
    name: 'list',
    check(shards) {
      const lister = listedOnce('list', 'values', shards);
      const rest = shards.filter(({ covers }) => covers.except !== undefined);
      if (rest.length !== 1)
        throw new ConfigError(
          'list: except',
          rest.map(({ id }) => id),
          'exactly one shard for the values that no other lists',
        );
      const [{ id, covers }] = rest as [(typeof rest)[number]];
      const elsewhere = [...lister].flatMap(([value, at]) => (at === id ? [] : [value])).toSorted();
      const except = [...new Set(covers.except)].toSorted();
      if (elsewhere.join('\n') !== except.join('\n'))
        throw new ConfigError(
          `list: shard ${id}: except`,
          except,
          `what the other shards list: ${elsewhere.join(', ')}`,
        );
    },
    holds({ values, except }, key) {
      const value = attributeOf(key);
      return values.includes(value) || (except !== undefined && !except.includes(value));
    },
    divide({ values, except }, at) {
      const only = except === undefined && values.length < 2;
      if (only || (!values.includes(at) && (except === undefined || except.includes(at))))
        throw new ConfigError('list: at', at, 'one of several values that the shard holds');
      const rest = values.filter((value) => value !== at);
      return [{ values: rest, ...(except === undefined ? {} : { except: [...except, at] }) }, { values: [at] }];
    },
  };
}
