/** Every limiter in front of every kind of backend, while things go wrong. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Trace } from '../../sim/trace/trace.ts';
import { drive } from '../support/bare-world.ts';
import { befall, incidents } from '../support/incident.ts';
import { AT_REST, PAIRS, chainOf, expectOneCompletionEach } from './limited-chain.ts';

describe.each(PAIRS)('$name', ({ limiting, backend }) => {
  test('under crashes, pauses and overload every operation completes once, the same on both paths', () => {
    const names = ['client', 'limiter', ...backend.parts];
    const property = fc.property(incidents(names.length, 900), fc.string({ minLength: 1 }), (befalling, seed) => {
      const hexes = [undefined, new Trace({})].map((trace) => {
        const chain = chainOf(limiting, backend, {
          seed,
          trace,
          gap: '8ms',
          operations: 100,
          deadline: '100ms',
          limit: 60,
        });
        const { world } = chain;
        for (const incident of befalling) befall(world, world.named(names[incident.which] as string), incident);
        drive(world, AT_REST);
        expectOneCompletionEach(chain, true);
        return world.digest.hex();
      });
      expect(hexes[1]).toBe(hexes[0]);
    });
    fc.assert(property, { numRuns: 6 });
  });
});
