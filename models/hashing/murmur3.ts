/**
 * MurmurHash3, the 32-bit variant for x86 (A. Appleby, 2011): quick, every bit of the input reaches every bit of the result. What
 * Cassandra's and Envoy's rings come from. Not for keys that an adversary chooses.
 */
import { byteString, wordAt } from './hash-function.ts';

const C1 = 0xcc9e2d51;
const C2 = 0x1b873593;

const rotl = (x: number, by: number): number => (x << by) | (x >>> (32 - by));
const scrambled = (k: number): number => Math.imul(rotl(Math.imul(k, C1), 15), C2);

export function murmur3(text: string, seed = 0): number {
  const bytes = byteString(text);
  const { length } = bytes;
  const whole = length & ~3;
  let h = seed | 0;
  for (let i = 0; i < whole; i += 4) h = (Math.imul(rotl(h ^ scrambled(wordAt(bytes, i)), 13), 5) + 0xe6546b64) | 0;
  let rest = 0;
  for (let i = length - 1; i >= whole; i--) rest = (rest << 8) | bytes.charCodeAt(i);
  if (whole < length) h ^= scrambled(rest);
  h ^= length;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
