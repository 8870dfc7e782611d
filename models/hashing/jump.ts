/**
 * Jump consistent hash (J. Lamping, E. Veach, "A fast, minimal memory, consistent hash algorithm", 2014): the bucket of a key
 * as a loop of a few steps without any table, perfectly even, and with exactly 1/(N+1) of the keys moved from N to N + 1
 * buckets.
 *
 * The catch: buckets are numbered, and only the last can go cheaply. When another member leaves, those behind it move up and
 * keys that had nothing to do with it move as well; it is meant for shards that always have *some* node, not for caches that
 * come and go.
 */
import type { HashFunction } from './hash-function.ts';
import { murmur3 } from './murmur3.ts';
import { remaining, unweighted, weightedMembers, type Placement } from './placement.ts';

export interface JumpOptions {
  /** In the order of their numbers. */
  readonly members: readonly string[];
  /** Default MurmurHash3. */
  readonly hash?: HashFunction;
}

/** 2862933555777941757 in two halves. */
const FACTOR_HIGH = 0x27bb2ee6;
const FACTOR_LOW = 0x87b0b0fd;

/** The upper 32 bits of the product of two unsigned 32-bit numbers. */
function highProduct(a: number, b: number): number {
  const a1 = a >>> 16;
  const a0 = a & 0xffff;
  const b1 = b >>> 16;
  const b0 = b & 0xffff;
  const middle = a1 * b0 + Math.floor((a0 * b0) / 0x10000);
  return (a1 * b1 + Math.floor(middle / 0x10000) + Math.floor(((middle % 0x10000) + a0 * b1) / 0x10000)) >>> 0;
}

/** The bucket, 0…buckets−1, of a 64-bit key given as two unsigned halves: the paper's figure 1. `buckets` is at least 1. */
export function jumpHash(high: number, low: number, buckets: number): number {
  let bucket = -1;
  let next = 0;
  let keyHigh = high >>> 0;
  let keyLow = low >>> 0;
  while (next < buckets) {
    bucket = next;
    // key = key · 2862933555777941757 + 1, modulo 2^64
    const upper = highProduct(keyLow, FACTOR_LOW) + Math.imul(keyHigh, FACTOR_LOW) + Math.imul(keyLow, FACTOR_HIGH);
    keyLow = (Math.imul(keyLow, FACTOR_LOW) + 1) >>> 0;
    keyHigh = (upper + (keyLow === 0 ? 1 : 0)) >>> 0;
    next = Math.floor((bucket + 1) * (2 ** 31 / ((keyHigh >>> 1) + 1)));
  }
  return bucket;
}

/** Throws ConfigError. */
export function jump({ members, hash = murmur3 }: JumpOptions): Placement {
  weightedMembers(members, 'jump.members');
  const n = members.length;
  const bucketOf = (key: string): number => jumpHash(hash(key, 1), hash(key), n);
  return {
    name: 'jump',
    members,
    owner: (key) => members[bucketOf(key)] as string,
    owners(key, wanted) {
      const found = [members[bucketOf(key)] as string];
      // Further replicas by further hashes, as the paper suggests for salted keys.
      for (let salt = 1; found.length < Math.min(wanted, n); salt++) {
        const member = members[bucketOf(`${key}#${salt}`)] as string;
        if (!found.includes(member)) found.push(member);
      }
      return found;
    },
    with: (member, weight = 1) => jump({ members: [...members, unweighted(member, weight, 'jump')], hash }),
    without: (member) => jump({ members: remaining(members, member, 'jump'), hash }),
  };
}
