import alea from 'seedrandom/lib/alea.js';

/** What the streams use of seedrandom's generator. */
export interface Generator {
  (): number;
  /** 32 bits, as a signed integer. */
  int32(): number;
}

/** A generator for one (seed, name). The length of the seed comes first, so that ('ab', 'c') and ('a', 'bc') stay apart. */
export const generatorFor = (seed: string, name: string): Generator => alea(`${seed.length}:${seed}/${name}`);
