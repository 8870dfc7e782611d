import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseFault, type Fault } from '../../sim/faults/fault.ts';
import { faultJson } from '../../sim/faults/fault-json.ts';
import { crash, isolate, partition, pause } from '../../sim/faults/constructors.ts';
import { healedAt, parseSchedule, schedule, scheduleJson } from '../../sim/faults/schedule.ts';
import { knownFrom } from '../../sim/faults/targets.ts';
import { RandomStream } from '../../sim/random/stream.ts';
import { least } from '../../sim/search/bisect.ts';
import { ddmin } from '../../sim/search/ddmin.ts';
import { pruned } from '../../sim/search/minimise-world.ts';
import { coverOf, freezeOutsideCore } from '../../sim/search/quorum-core.ts';
import { causesOf } from '../../sim/search/signature.ts';
import { weakerThan } from '../../sim/search/weaken.ts';
import { wilson } from '../../sim/search/wilson.ts';
import { anyFault } from '../faults/arbitraries.ts';

const NODES = ['a', 'b', 'c'];

describe('delta debugging', () => {
  test('it finds exactly what is needed when everything else is ballast', () => {
    const cases = fc.tuple(
      fc.integer({ min: 0, max: 30 }),
      fc.array(fc.integer({ min: 0, max: 29 }), { maxLength: 4 }),
    );
    fc.assert(
      fc.property(cases, ([size, wanted]) => {
        const items = Array.from({ length: size }, (_, i) => i);
        const needed = [...new Set(wanted.filter((n) => n < size))].sort((x, y) => x - y);
        const fails = (subset: readonly number[]): boolean => needed.every((n) => subset.includes(n));
        expect(ddmin(items, fails)).toEqual(needed);
      }),
    );
  });

  test('what it leaves cannot lose any single element', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.integer({ min: 0, max: 11 }), { minLength: 1, maxLength: 3 }), {
          minLength: 1,
          maxLength: 4,
        }),
        (ways) => {
          const items = Array.from({ length: 12 }, (_, i) => i);
          const fails = (subset: readonly number[]): boolean =>
            ways.some((way) => way.every((n) => subset.includes(n)));
          const left = ddmin(items, fails);
          expect(fails(left)).toBe(true);
          for (const item of left) expect(fails(left.filter((other) => other !== item))).toBe(false);
        },
      ),
    );
  });

  test('halving finds the least number of a monotone predicate, given tries enough', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000 }), fc.integer({ min: 1, max: 1_000 }), (low, wanted) => {
        const high = Math.max(low, wanted) + 1_000;
        expect(least(low, high, (n) => n >= wanted, { tries: 20 })).toBe(Math.max(low, wanted));
      }),
    );
  });
});

describe('weaker faults', () => {
  const read = (fault: Record<string, unknown>): Fault => parseFault({ ...fault, id: 'F1' }, 'fault');

  test('every weaker form is a fault that can be read, of the same id, no longer and no earlier', () => {
    fc.assert(
      fc.property(anyFault, (json) => {
        const fault = read(json);
        for (const weaker of weakerThan(fault, NODES)) {
          expect({ id: weaker.id, at: weaker.at, for: weaker.for }).toEqual({
            id: fault.id,
            at: fault.at,
            for: fault.for,
          });
          expect(parseFault(faultJson(weaker), 'weaker').kind).toBe(weaker.kind);
        }
      }),
    );
  });

  test.each([
    { kind: 'normal', mean: '8ms', sd: '1us' },
    { kind: 'pareto', scale: '8ms', alpha: 2, max: '8001us' },
    { kind: 'logNormal', mean: '8ms', p99: '8001us' },
    {
      kind: 'mixture',
      parts: [
        { weight: 1, of: '1s' },
        { weight: 1, of: { kind: 'exponential', mean: '1us' } },
      ],
    },
  ])('a $kind law is not weakened so far that rounding breaks it', (extra) => {
    const delayed = read({ kind: 'link-delay', at: 0, from: ['a'], to: ['b'], extra });
    const weaker = weakerThan(delayed, NODES).map((fault) => parseFault(faultJson(fault), 'weaker'));
    expect(weaker).toHaveLength(1);
  });

  test('weakening comes to an end, whichever step is taken', () => {
    fc.assert(
      fc.property(anyFault, fc.infiniteStream(fc.nat()), (json, choices) => {
        let fault: Fault | undefined = read(json);
        let steps = 0;
        for (const choice of choices) {
          const ways: readonly Fault[] = weakerThan(fault, NODES);
          if (ways.length === 0) break;
          fault = ways[choice % ways.length] as Fault;
          expect(++steps).toBeLessThan(200);
        }
      }),
      { numRuns: 300 },
    );
  });

  test('a cut becomes one way, then loss, then delay', () => {
    const cut = partition({ id: 'F1', at: '1s', for: '1s', groups: [['a'], ['b', 'c']] });
    const oneWay = weakerThan(cut, NODES)[0] as Fault;
    expect(oneWay).toMatchObject({ kind: 'partition-one-way', from: ['a'], to: ['b', 'c'] });
    const loss = weakerThan(oneWay, NODES)[0] as Fault;
    expect(loss).toMatchObject({ kind: 'loss', probability: 0.5 });
    expect(weakerThan(loss, NODES)[0]).toMatchObject({ kind: 'link-delay' });
  });
});

describe('a schedule in a smaller world', () => {
  test('faults lose the nodes that are gone, and go when they have none left', () => {
    const planned = schedule([
      partition({ at: '1s', for: '1s', groups: [['a', 'b'], ['c']] }),
      partition({ at: '2s', for: '1s', groups: [['a'], ['b']] }),
      crash({ at: '3s', node: 'b' }),
      isolate({ at: '4s', node: 'a' }),
    ]);
    const places = ['a', 'c'].map((id) => ({ id, zone: 'z', region: 'r' }));
    const left = pruned(planned, knownFrom(places));
    expect(left.map(({ id }) => id)).toEqual(['F1', 'F4']);
    expect(left[0]).toMatchObject({ groups: [['a'], ['c']] });
  });
});

const group = (roles: Readonly<Record<string, number>>) => ({
  end: 10_000_000,
  nodes: Object.entries(roles).flatMap(([role, count]) =>
    Array.from({ length: count }, (_, i) => ({ id: `${role}${i + 1}`, role, zone: 'zone-a', region: 'region-1' })),
  ),
});

describe('a quorum core heals and the rest stays broken', () => {
  const topology = group({ replica: 5, client: 2 });
  const planned = schedule([
    crash({ node: 'replica1', at: '1s', for: '1s' }),
    isolate({ node: 'replica1', at: '3s', for: '1s' }),
    partition({ groups: [['replica1', 'replica2', 'replica3'], ['*']], at: '4s', for: '1s' }),
    pause({ node: 'client1', at: '5s', for: '1s' }),
  ]);
  const frozen = Array.from({ length: 40 }, (_, k) =>
    freezeOutsideCore(planned, topology, {}, new RandomStream('s', `${k}`)),
  );

  test('only faults that can be put down to a minority of each role, and to no client, stay', () => {
    const stayed = new Set(frozen.flatMap((faults) => faults.flatMap(({ id, stays }) => (stays === true ? [id] : []))));
    expect([...stayed].sort()).toEqual(['F1', 'F2']);
    expect(frozen.some((faults) => faults.every(({ stays }) => stays === undefined))).toBe(true);
    expect(coverOf(planned[2] as Fault, topology.nodes)).toEqual(['replica1', 'replica2', 'replica3']);
  });

  test('the run counts as healed when the faults without the mark have ended', () => {
    const staying = frozen.find((faults) => faults[0]?.stays === true) ?? [];
    expect(staying[0]).toMatchObject({ id: 'F1', stays: true });
    expect(staying[0]).not.toHaveProperty('for');
    expect(healedAt(staying, topology.end)).toBe(6_000_000);
    expect(healedAt(staying.slice(0, 1), topology.end)).toBe(1_000_000);
  });

  test('limits on how many may be down are kept', () => {
    for (const faults of Array.from({ length: 20 }, (_, k) =>
      freezeOutsideCore(planned, topology, { maxConcurrentDown: 0 }, new RandomStream('s', `${k}`)),
    )) {
      expect(faults).toBe(planned);
    }
  });

  test('kinds that must heal do', () => {
    const kinds = Array.from({ length: 40 }, (_, k) =>
      freezeOutsideCore(planned, topology, { mustHeal: ['isolate'] }, new RandomStream('s', `${k}`)),
    ).flatMap((faults) => faults.flatMap(({ kind, stays }) => (stays === true ? [kind] : [])));
    expect(new Set(kinds)).toEqual(new Set(['crash']));
  });

  test('a schedule with faults that stay reads back from JSON; with `for` it is refused', () => {
    const staying = frozen.find((faults) => faults !== planned) ?? [];
    expect(parseSchedule(JSON.parse(JSON.stringify(scheduleJson(staying))))).toEqual(staying);
    expect(() => parseSchedule([{ kind: 'isolate', node: 'a', at: '1s', for: '1s', stays: true }])).toThrow(
      /faults\[0\]\.stays/,
    );
  });
});

describe('numbers and names', () => {
  test("Wilson's interval agrees with published values and stays within 0 and 1", () => {
    // R. G. Newcombe, "Two-sided confidence intervals for the single proportion", Statistics in Medicine 1998, table I, method 3.
    expect(wilson(81, 263)).toMatchObject({ low: expect.closeTo(0.2553, 4), high: expect.closeTo(0.3662, 4) });
    expect(wilson(15, 148)).toMatchObject({ low: expect.closeTo(0.0624, 4), high: expect.closeTo(0.1605, 4) });
    expect(wilson(0, 20)).toMatchObject({ low: 0, high: expect.closeTo(0.1611, 4) });
    expect(wilson(29, 29)).toMatchObject({ low: expect.closeTo(0.883, 3), high: 1 });
  });

  test('causes name kinds and roles, once each', () => {
    const { nodes } = group({ replica: 2, client: 1 });
    const faults = schedule([
      crash({ node: 'replica1', at: '1s' }),
      crash({ node: 'replica2', at: '2s' }),
      partition({ at: '1s', groups: [['client1'], ['replica1']] }),
    ]);
    expect(causesOf(faults, nodes)).toEqual(['crash@replica', 'partition@client+replica']);
  });
});
