/**
 * FNV-1a, 32 bits (G. Fowler, L. C. Noll, K.-P. Vo, 1991; draft-eastlake-fnv): one exclusive or and one product a byte, and
 * nothing after the last one, so names that differ at the end only (`server#1`, `server#2`) get hashes that differ by little
 * more than that. The points of such virtual nodes stand in rows and a ring made of them is uneven: shares deviate about four
 * times as much as with a hash that mixes. It is here because it is in use, and for that.
 *
 * FNV has no seed; a `seed` other than 0 changes the offset basis.
 */
import { byteString } from './hash-function.ts';

export function fnv1a(text: string, seed = 0): number {
  const bytes = byteString(text);
  let h = 0x811c9dc5 ^ seed;
  for (let i = 0; i < bytes.length; i++) h = Math.imul(h ^ bytes.charCodeAt(i), 0x01000193);
  return h >>> 0;
}
