/** Bloom filters against the closed form. */
import { describe, test } from '@jest/globals';
import { bloomFilter, falsePositiveRate, mayContain } from '../../../models/index.ts';
import { judge } from '../oracle-table.ts';

const KEYS = 10_000;

/** The share of keys that were not put in and that the filter does not deny. */
function falsePositives(bitsPerKey: number, hashes: number, seed: number): number {
  const keys = Array.from({ length: KEYS }, (_, i) => `set ${seed}/${i}`);
  const filter = bloomFilter(keys, { bitsPerKey, hashes });
  // False positives are rare: so many lookups give some hundreds of them.
  const asked = bitsPerKey < 16 ? 100_000 : 300_000;
  let maybe = 0;
  for (let i = 0; i < asked; i++) if (mayContain(filter, `other ${seed}/${i}`)) maybe++;
  return maybe / asked;
}

describe('[K5] false positives of a Bloom filter; also (9, 4), in no table', () => {
  test.each([
    [8, 5, 0.02168],
    [8, 6, 0.02158],
    [10, 7, 0.008194],
    [12, 8, 0.003142],
    [16, 11, 4.587e-4],
    [20, 14, 6.714e-5],
    [9, 4, falsePositiveRate(9, 4)],
  ])('m/n = %d, k = %d', (bitsPerKey, hashes, published) => {
    const figures = Array.from({ length: 10 }, (_, seed) => falsePositives(bitsPerKey, hashes, seed));
    judge([{ name: `[K5] m/n ${bitsPerKey}, k ${hashes}`, published, figures, tolerance: 0.05 }]);
  });
});
