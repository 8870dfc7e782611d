/**
 * Bloom filters (B. Bloom, "Space/time trade-offs in hash coding with allowable errors", CACM 1970): a set of keys in a few bits
 * each. It may say "maybe" to a key that was never put in, with probability (1 − e^(−kn/m))^k for n keys, m bits and k hashes; it
 * never says "no" to one that was. The k hashes are two that are combined (Kirsch and Mitzenmacher, "Less hashing, same
 * performance", 2006), of MurmurHash3, as in Cassandra and LevelDB.
 */
import { ConfigError, maths } from '../../sim/index.ts';
import { murmur3 } from '../hashing/murmur3.ts';

export interface BloomFilterOptions {
  /** m/n, bits for each key, above 0. Default 10. */
  readonly bitsPerKey?: number;
  /** k, hashes of a key, from 1 on. Default (m/n) ln 2 rounded, which makes false positives rarest. */
  readonly hashes?: number;
}

/** Plain data, so that it can be part of a node's state. */
export interface BloomFilter {
  /** m. */
  readonly size: number;
  /** k. */
  readonly hashes: number;
  /** 32 bits in each. */
  readonly words: readonly number[];
}

const SECOND_SEED = 0x9747b28c;

/** Throws ConfigError naming the option. */
export function bloomFilter(keys: readonly string[], options: BloomFilterOptions = {}): BloomFilter {
  const { bitsPerKey = 10 } = options;
  if (!(bitsPerKey > 0 && bitsPerKey <= 1_000))
    throw new ConfigError('bloomFilter.bitsPerKey', bitsPerKey, 'a number above 0, up to 1,000');
  const { hashes = bestHashes(bitsPerKey) } = options;
  if (!Number.isInteger(hashes) || hashes < 1 || hashes > 100)
    throw new ConfigError('bloomFilter.hashes', hashes, 'a whole number from 1 to 100');
  const size = Math.max(1, Math.ceil(keys.length * bitsPerKey));
  const words = Array.from({ length: Math.ceil(size / 32) }, () => 0);
  for (const key of keys)
    for (const place of placesOf(key, size, hashes))
      words[place >>> 5] = (words[place >>> 5] as number) | (1 << (place & 31));
  return { size, hashes, words };
}

/** False: the key is not in the set. True: it may be. */
export function mayContain({ size, hashes, words }: BloomFilter, key: string): boolean {
  for (const place of placesOf(key, size, hashes))
    if (((words[place >>> 5] as number) & (1 << (place & 31))) === 0) return false;
  return true;
}

/** k = (m/n) ln 2, rounded. */
export const bestHashes = (bitsPerKey: number): number => Math.max(1, Math.round(bitsPerKey * maths.LN2));

/** (1 − e^(−kn/m))^k. */
export const falsePositiveRate = (bitsPerKey: number, hashes: number): number =>
  maths.pow(1 - maths.exp(-hashes / bitsPerKey), hashes);

function* placesOf(key: string, size: number, hashes: number): Iterable<number> {
  const first = murmur3(key);
  // Odd, so that it is never 0: all k places would be one.
  const second = murmur3(key, SECOND_SEED) | 1;
  for (let i = 0; i < hashes; i++) yield ((first + Math.imul(i, second)) >>> 0) % size;
}
