/**
 * Range sharding (Bigtable, OSDI 2006; HBase, CockroachDB, TiKV): neighbouring keys are neighbours on a shard, so a scan asks few of
 * them, and a hot range can be split anywhere. Keys that rise with time all go to the last shard: what hashing is better at.
 *
 * Keys are compared by their UTF-16 code units, as JavaScript compares strings.
 */
import { ConfigError } from '../../sim/index.ts';
import type { Sharding } from './sharding.ts';

/** Keys at or after `from` and before `to`; without `to`, to the end. The first key of all is ''. */
export interface KeyRange {
  readonly from: string;
  readonly to?: string;
}

export function rangeSharding(): Sharding<KeyRange> {
  return {
    name: 'range',
    check(shards) {
      let next: string | undefined = '';
      for (const { id, covers } of shards.toSorted((a, b) => (a.covers.from < b.covers.from ? -1 : 1))) {
        if (covers.from !== next)
          throw new ConfigError(
            `range: shard ${id}: from`,
            covers.from,
            next === undefined
              ? 'nothing: the range before it has no end'
              : `'${next}', where the range before it ends`,
          );
        if (covers.to !== undefined && covers.to <= covers.from)
          throw new ConfigError(`range: shard ${id}: to`, covers.to, `a key after '${covers.from}'`);
        next = covers.to;
      }
      if (next !== undefined)
        throw new ConfigError('range: the last shard: to', next, 'no end: later keys need an owner');
    },
    holds: ({ from, to }, key) => key >= from && (to === undefined || key < to),
    divide({ from, to }, at) {
      if (at <= from || (to !== undefined && at >= to))
        throw new ConfigError('range: at', at, `a key inside the range, after '${from}'`);
      return [
        { from, to: at },
        { from: at, ...(to === undefined ? {} : { to }) },
      ];
    },
  };
}
