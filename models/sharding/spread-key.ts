/**
 * Splitting a hot key: what one famous key would ask of one shard is spread over sub-keys `key#0` … `key#k−1`, which hash anywhere. An
 * update goes to one of them, a read asks all and adds up. That is for what can be added up: counters and growing sets; a register
 * has one place. Writes scale with k, and a read costs k: for keys that are written far more than read (likes, views, followers).
 *
 * A read does not see all sub-keys at one instant: two readers may see two updates in different orders. What was acknowledged before
 * it began it sees.
 */
import { ConfigError, reject, type Flow } from '../../sim/index.ts';
import type { StoredValue } from '../replication/command.ts';
import type { Answered, KvClientContext, KvStore } from '../replication/kv-client.ts';

export interface SpreadKeysOptions {
  readonly store: KvStore;
  /** Keys known to be hot; all others go to the store as they are. */
  readonly hot: readonly string[];
  /** Sub-keys of each, at least 2. */
  readonly ways: number;
}

/** A store in which hot keys are spread. Throws ConfigError naming the option. */
export function spreadKeys({ store, hot, ways }: SpreadKeysOptions): KvStore {
  if (!Number.isInteger(ways) || ways < 2)
    throw new ConfigError('spreadKeys.ways', ways, 'a whole number of at least 2');
  const all = (key: string): string[] => Array.from({ length: ways }, (_, i) => `${key}#${i}`);
  function* readAll(key: string, operation: number, ctx: KvClientContext): Flow<Answered> {
    const parts = yield* ctx.all(all(key).map((one) => store.read(one, operation, ctx)));
    return { value: sumOf(parts.map(({ value }) => value ?? null)) };
  }
  return {
    read: (key, operation, ctx) => (hot.includes(key) ? readAll(key, operation, ctx) : store.read(key, operation, ctx)),
    *update(change, operation, ctx) {
      if (!hot.includes(change.key)) return yield* store.update(change, operation, ctx);
      if (change.f !== 'add' && change.f !== 'increment')
        throw reject('not-mergeable', `${change.key} is spread: it takes add and increment, not ${change.f}`);
      return yield* store.update({ ...change, key: ctx.random.pick(all(change.key)) }, operation, ctx);
    },
  };
}

/** Numbers add up, sets unite; null when nothing was ever written. */
function sumOf(parts: readonly (StoredValue | null)[]): StoredValue | null {
  const written = parts.filter((part) => part !== null);
  if (written.length === 0) return null;
  if (written.some(Array.isArray)) return [...new Set(written.flat())];
  return written.reduce<number>((sum, part) => sum + Number(part), 0);
}
