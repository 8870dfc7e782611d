/** Every limiter in front of every kind of backend, while things go wrong. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ms } from '../../sim/index.ts';
import { Trace } from '../../sim/trace/trace.ts';
import { crash, pause, restart, resume } from '../../sim/world/lifecycle.ts';
import { drive } from '../support/bare-world.ts';
import { AT_REST, PAIRS, chainOf, expectOneCompletionEach } from './limited-chain.ts';

describe.each(PAIRS)('$name', ({ limiting, backend }) => {
  test('under crashes, pauses and overload every operation completes once, the same on both paths', () => {
    const names = ['client', 'limiter', ...backend.parts];
    const incident = fc.record({
      part: fc.nat(names.length - 1),
      what: fc.constantFrom('crash', 'pause', 'slow'),
      at: fc.integer({ min: 50, max: 900 }),
    });
    const property = fc.property(
      fc.array(incident, { maxLength: 4 }),
      fc.string({ minLength: 1 }),
      (incidents, seed) => {
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
          for (const { part, what, at } of incidents) {
            const node = world.named(names[part] as string);
            const effect = { count: 0 };
            world.at(ms(at), {
              fire: () => {
                if (what === 'crash') crash(world, node);
                else if (what === 'pause') pause(world, node, effect);
                else node.cpu.slowdown = 5;
              },
            });
            world.at(ms(at + 130), {
              fire: () => {
                if (what === 'crash') restart(world, node);
                else if (what === 'pause') resume(world, node, effect);
                else node.cpu.slowdown = 1;
              },
            });
          }
          drive(world, AT_REST);
          expectOneCompletionEach(chain, true);
          return world.digest.hex();
        });
        expect(hexes[1]).toBe(hexes[0]);
      },
    );
    fc.assert(property, { numRuns: 6 });
  });
});
