import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ms, s } from '../../sim/base/time.ts';
import type { Fault } from '../../sim/faults/fault.ts';
import { parseSchedule, withoutFault } from '../../sim/faults/schedule.ts';
import { anySchedule, PLACES } from './arbitraries.ts';
import { runUnder } from './busy-world.ts';

/** Schedules whose faults all begin within 300 ms and last at most that long. */
const soon = anySchedule.map((faults) =>
  parseSchedule(faults, PLACES).map((fault) => {
    const at = fault.at % ms(300);
    if (fault.for === undefined) return { ...fault, at };
    const shortest = fault.kind === 'correlated' ? 1 + fault.stagger * fault.nodes.length : 1;
    return { ...fault, at, for: shortest + (fault.for % ms(300)) };
  }),
);
const transport = fc.constantFrom('datagram' as const, 'stream' as const);

describe('whatever the schedule', () => {
  test('messages are conserved, and the same run comes out twice', () => {
    fc.assert(
      fc.property(soon, transport, (faults, kind) => {
        const run = () => runUnder(faults, { until: ms(600), links: { transport: kind } });
        const { world, counts } = run();
        const again = run();
        expect(world.countInFlight()).toBe(world.network.inFlight);
        expect(again.world.digest.hex()).toBe(world.digest.hex());
        expect(again.counts).toEqual(counts);
      }),
      { numRuns: 250 },
    );
  });

  test('a fault that begins later than the run changes nothing of it', () => {
    fc.assert(
      fc.property(soon, (faults) => {
        const first = faults[0];
        fc.pre(first !== undefined);
        const late = [{ ...first, at: s(5), id: 'late' }, ...faults.slice(1)];
        const whole = runUnder(late, { until: ms(600) });
        const less = runUnder(withoutFault(late, 'late'), { until: ms(600) });
        expect(less.world.digest.hex()).toBe(whole.world.digest.hex());
      }),
      { numRuns: 150 },
    );
  });

  test('everything is as it was once the last fault has ended', () => {
    const instants = ['restart', 'destroy', 'bit-rot'];
    const lasting = soon.map((faults) =>
      faults.map((fault) => (instants.includes(fault.kind) ? fault : ({ for: ms(50), ...fault } as Fault))),
    );
    fc.assert(
      fc.property(lasting, (faults) => {
        const { world } = runUnder(faults, { until: s(2) });
        expect(world.network.mayIntercept).toBe(false);
        for (const node of world.nodes) {
          expect([node.clock.rate, node.cpu.slowdown, node.disk.slowdown]).toEqual([1, 1, 1]);
          expect([node.sluggish, node.brownouts, node.load.spikes, node.load.hotKeys, node.pauseEffects]).toEqual([
            [],
            [],
            [],
            [],
            [],
          ]);
          expect([node.clock.wallEffects, node.clock.monotonicEffects]).toEqual([[], []]);
          const gone = faults.some((fault) => fault.kind === 'destroy' && fault.node === node.id);
          expect(node.status).toBe(gone ? 'gone' : 'up');
        }
      }),
      { numRuns: 200 },
    );
  });
});
