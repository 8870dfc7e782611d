import alea from 'seedrandom/lib/alea.js';

/** A generator for one (seed, name). The length of the seed comes first, so that ('ab', 'c') and ('a', 'bc') stay apart. */
export const generatorFor = (seed: string, name: string): ReturnType<typeof alea> =>
  alea(`${seed.length}:${seed}/${name}`);
