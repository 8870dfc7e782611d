/**
 * Hash sharding with slots, as in Redis Cluster: keys are hashed to a fixed number of slots, and shards own ranges of slots. Keys
 * spread evenly whatever they look like, and what moves between nodes is slots, never single keys. Neighbouring keys are strangers: a scan
 * asks every shard. Keys with the same hash tag, `{…}`, share a slot.
 */
import { ConfigError } from '../../sim/index.ts';
import { KEY_SLOTS, keySlot } from '../hashing/key-slot.ts';
import type { Sharding } from './sharding.ts';

/** Slots from … to, both included. */
export interface SlotRange {
  readonly from: number;
  readonly to: number;
}

/** `slots`: how many there are, a power of two from 1 to 16,384. Default 16,384. Throws ConfigError. */
export function hashSharding({ slots = KEY_SLOTS }: { readonly slots?: number } = {}): Sharding<readonly SlotRange[]> {
  if (!Number.isInteger(slots) || slots < 1 || slots > KEY_SLOTS || KEY_SLOTS % slots !== 0)
    throw new ConfigError('hashSharding.slots', slots, `a power of two from 1 to ${KEY_SLOTS}`);
  return {
    name: 'hash',
    check(shards) {
      const ranges = shards.flatMap(({ id, covers }) => covers.map((range) => ({ id, ...range })));
      let next = 0;
      for (const { id, from, to } of ranges.toSorted((a, b) => a.from - b.from)) {
        if (from !== next) throw new ConfigError(`hash: shard ${id}: from`, from, `${next}: each slot has one owner`);
        if (!Number.isInteger(to) || to < from || to >= slots)
          throw new ConfigError(`hash: shard ${id}: to`, to, `a slot from ${from} to ${slots - 1}`);
        next = to + 1;
      }
      if (next !== slots) throw new ConfigError('hash: slots', next, `owners for all ${slots}`);
    },
    holds(covers, key) {
      const slot = keySlot(key) % slots;
      return covers.some(({ from, to }) => from <= slot && slot <= to);
    },
    divide(covers, at) {
      const slot = Number(at);
      const first = covers.flatMap(({ from, to }) => (from < slot ? [{ from, to: Math.min(to, slot - 1) }] : []));
      const second = covers.flatMap(({ from, to }) => (to >= slot ? [{ from: Math.max(from, slot), to }] : []));
      if (!Number.isInteger(slot) || first.length === 0 || second.length === 0)
        throw new ConfigError('hash: at', at, 'the number of a slot inside the shard');
      return [first, second];
    },
  };
}
