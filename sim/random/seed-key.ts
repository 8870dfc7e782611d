import alea from 'seedrandom/lib/alea.js';

/** What the streams use of seedrandom's generator. */
export interface Generator {
  (): number;
  /** 32 bits, as a signed integer. */
  int32(): number;
}

/** The length of the seed comes first, so that ('ab', 'c') and ('a', 'bc') stay apart. */
const seedOf = (seed: string, name: string): string => `${seed.length}:${seed}/${name}`;

/** A generator for one (seed, name). */
export const generatorFor = (seed: string, name: string): Generator => alea(seedOf(seed, name));

/** Alea's hash (J. Baagøe's Mash): feeds `text` to the state `n`. */
function mash(n: number, text: string): number {
  for (let i = 0; i < text.length; i++) {
    n += text.charCodeAt(i);
    let h = 0.02519603282416938 * n;
    n = h >>> 0;
    h -= n;
    h *= n;
    n = h >>> 0;
    h -= n;
    n += h * 2 ** 32;
  }
  return n;
}

const unit = (n: number): number => (n >>> 0) * 2 ** -32;
const FIRST = mash(0xefc8249d, ' ');
const SECOND = mash(FIRST, ' ');
const THIRD = mash(SECOND, ' ');

/**
 * The first two int32 draws of `generatorFor(seed, name)`, without the generator. A large network makes a million links, each
 * with keys of its own, and a generator takes three times as long to make.
 */
export function keysFor(seed: string, name: string): { readonly key0: number; readonly key1: number } {
  const text = seedOf(seed, name);
  const once = mash(THIRD, text);
  const twice = mash(once, text);
  // Alea's state is s0, s1, s2 and a carry that starts at 1; two draws use up s0 and s1.
  const s0 = unit(FIRST) - unit(once);
  const s1 = unit(SECOND) - unit(twice);
  const t0 = 2_091_639 * (s0 < 0 ? s0 + 1 : s0) + 2 ** -32;
  const t1 = 2_091_639 * (s1 < 0 ? s1 + 1 : s1) + Math.floor(t0) * 2 ** -32;
  return { key0: ((t0 - Math.floor(t0)) * 2 ** 32) | 0, key1: ((t1 - Math.floor(t1)) * 2 ** 32) | 0 };
}
