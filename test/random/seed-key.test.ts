import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { generatorFor, keysFor } from '../../sim/random/seed-key.ts';

test('the keys are the first two draws of the generator of that seed and name', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (seed, name) => {
      const draw = generatorFor(seed, name);
      expect(keysFor(seed, name)).toEqual({ key0: draw.int32(), key1: draw.int32() });
    }),
    { numRuns: 500 },
  );
});
