import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ConfigError, SimulationError } from '../../sim/base/errors.ts';
import { ms } from '../../sim/base/time.ts';
import { parseRepro, replay } from '../../sim/repro.ts';
import { run } from '../../sim/run.ts';
import { exhaustive, type ExhaustiveOptions } from '../../sim/search/orders/exhaustive.ts';
import { exploreOrders, searchOrders } from '../../sim/search/orders/explore-orders.ts';
import type { OrderFinding } from '../../sim/search/orders/order-finding.ts';
import { pct, pctBound } from '../../sim/search/orders/pct.ts';
import { randomOrder } from '../../sim/search/orders/random-order.ts';
import { following, orderRules, type OrderOptions } from '../../sim/world/director.ts';
import type { Scenario } from '../../sim/scenario.ts';
import { toyScenario } from '../support/toy-scenario.ts';
import { alternation, lostUpdate, quorumRegister, racing, sending, ticking } from './order-scenarios.ts';

const seed = 'orders';

/** How many orders there are. */
const count = (scenario: Scenario, rules: OrderOptions = {}, options: ExhaustiveOptions = { prune: false }): number => {
  const { runs, complete, violated } = exploreOrders(scenario, exhaustive(options), { seed, rules });
  expect({ complete, violated }).toEqual({ complete: true, violated: 0 });
  return runs;
};

describe('the number of orders', () => {
  const streams = { senders: 2, count: 3, transport: 'stream' } as const;

  test('of two streams of three messages is 6 over 3', () => {
    expect(count(sending({ ...streams, sinks: 'each' }))).toBe(20);
    expect(count(sending({ ...streams, sinks: 'one' }))).toBe(20);
  });

  test('of three streams of two messages is 6! / 2!³', () => {
    expect(count(sending({ senders: 3, count: 2, transport: 'stream', sinks: 'one' }))).toBe(90);
  });

  test('of four datagrams is 4!', () => {
    expect(count(sending({ senders: 1, count: 4, transport: 'datagram', sinks: 'one' }))).toBe(24);
  });

  test('grows by n · n! when one of n datagrams may be lost, and not at all over a stream', () => {
    const three = { senders: 1, count: 3, sinks: 'one' } as const;
    expect(count(sending({ ...three, transport: 'datagram' }), { drops: 1 })).toBe(6 + 18);
    expect(count(sending({ ...three, transport: 'stream' }), { drops: 1, duplicates: 1 })).toBe(1);
  });

  test('of two datagrams of which one may come twice is 2 + 2 · 3', () => {
    expect(count(sending({ senders: 1, count: 2, transport: 'datagram', sinks: 'one' }), { duplicates: 1 })).toBe(8);
  });

  test('of timers is one by the clock, 3 when nodes may be late, 3! when timers are free', () => {
    const timers = ticking([[1, 2], [3]]);
    expect(count(timers)).toBe(1);
    expect(count(timers, { timers: 'node' })).toBe(3);
    expect(count(timers, { timers: 'any' })).toBe(6);
  });

  test('of timers due at one instant is free between nodes, and fixed on one node', () => {
    expect(count(ticking([[1], [1], [1]]))).toBe(6);
    expect(count(ticking([[1, 1, 1]]))).toBe(1);
  });
});

describe('states that are the same', () => {
  test('are explored once: two independent streams make a grid of 3 × 3 decisions, each with one alternative', () => {
    const scenario = sending({ senders: 2, count: 3, transport: 'stream', sinks: 'each' });
    const { runs, states, complete } = exploreOrders(scenario, exhaustive(), { seed });
    expect({ runs, states, complete }).toEqual({ runs: 1 + 9, states: 9, complete: true });
  });

  test('are none where the receiver sees every order', () => {
    const scenario = sending({ senders: 2, count: 3, transport: 'stream', sinks: 'one' });
    // As many decisions as there are ways to have sent i and j messages, i and j below 3.
    expect(exploreOrders(scenario, exhaustive(), { seed })).toMatchObject({ runs: 20, states: 19 });
  });

  test('hide no violation', () => {
    for (const scenario of [lostUpdate, alternation]) {
      const all = exploreOrders(scenario, exhaustive({ prune: false }), { seed });
      const pruned = exploreOrders(scenario, exhaustive(), { seed });
      expect(all).toMatchObject({ complete: true, runs: 70 });
      expect(pruned).toMatchObject({ complete: true, runs: 34 });
      expect(pruned.findings.map(({ property }) => property)).toEqual(all.findings.map(({ property }) => property));
      expect(all.findings).toHaveLength(1);
    }
  });
});

describe('time', () => {
  const seen = (rules: OrderOptions): string[] => {
    const found: string[] = [];
    for (const { order } of searchOrders(racing, exhaustive(), { seed, rules })) {
      const { trace } = run(racing, { seed, director: following(order), record: true });
      const patches = Object.values(trace?.patches ?? {}).flat();
      found.push(patches.flatMap(({ value }) => (typeof value === 'string' ? [value] : [])).join(', '));
    }
    return found;
  };

  test('stands still while messages arrive, and timers move it', () => {
    expect(seen({})).toEqual(['message at 0, timer at 2000', 'timer at 2000, message at 2000']);
  });

  test('lets no message come sooner or later than its bounds', () => {
    expect(seen({ latency: { atMost: ms(1) } })).toEqual(['message at 0, timer at 2000']);
    expect(seen({ latency: { atLeast: ms(1), atMost: ms(1) } })).toEqual(['message at 1000, timer at 2000']);
    expect(seen({ latency: { atLeast: ms(3) } })).toEqual(['timer at 2000, message at 3000']);
  });

  test('makes a timer late, never early, where nodes may be slow', () => {
    expect(seen({ timers: 'node', latency: { atLeast: ms(3) } })).toEqual([
      'timer at 2000, message at 3000',
      'message at 3000, timer at 3000',
    ]);
  });
});

describe('a run', () => {
  const orders = fc.record({
    rules: fc.record({
      timers: fc.constantFrom('clock' as const, 'node' as const, 'any' as const),
      latency: fc.constantFrom({}, { atMost: ms(20) }, { atLeast: ms(1), atMost: ms(2) }),
      drops: fc.nat(2),
      duplicates: fc.nat(2),
      choices: fc.nat(60),
    }),
    taken: fc.array(fc.nat(3), { maxLength: 40 }),
  });

  test('whose director may decide nothing is the run without one', () => {
    for (const scenario of [toyScenario, quorumRegister]) {
      const director = following({ ...orderRules({ choices: 0 }), taken: [] });
      const { digest, engine, operations } = run(scenario, { seed, director });
      const free = run(scenario, { seed });
      expect({ digest, engine, operations }).toEqual({
        digest: free.digest,
        engine: free.engine,
        operations: free.operations,
      });
    }
  });

  test('loses no message, and is the same on the recorded path, in any order', () => {
    fc.assert(
      fc.property(orders, ({ rules, taken }) => {
        const order = { ...orderRules(rules), taken };
        const params = { gap: '100ms', limit: 30 };
        const fast = run(toyScenario, { seed, params, director: following(order, { lenient: true }) });
        const recorded = run(toyScenario, { seed, params, director: following(fast.order ?? order), record: true });
        expect(recorded.digest).toBe(fast.digest);
        expect(recorded.order).toEqual(fast.order);
      }),
      { numRuns: 30 },
    );
  });

  test('refuses an order that is not its own', () => {
    const director = following({ ...orderRules(), taken: [0, 7] });
    expect(() => run(lostUpdate, { seed, director })).toThrow(SimulationError);
    expect(() => run(lostUpdate, { seed, director })).toThrow('decision 1 of the order takes alternative 7');
  });

  test('has rules that make sense', () => {
    expect(() => orderRules({ latency: { atLeast: 5, atMost: 4 } })).toThrow(ConfigError);
    expect(() => orderRules({ drops: -1 })).toThrow('order.drops: got -1');
    expect(() => exhaustive({ runs: 0 })).toThrow('runs: got 0');
  });
});

describe('exhaustive exploration', () => {
  test('finds the lost update, and none with compare-and-set', () => {
    const naive = exploreOrders(lostUpdate, exhaustive(), { seed });
    expect(naive.findings).toMatchObject([
      { property: 'no update is lost', message: '2 updates were acknowledged, the value is 1' },
    ]);
    expect(exploreOrders(lostUpdate, exhaustive(), { seed, params: { cas: true } })).toMatchObject({
      violated: 0,
      complete: true,
    });
  });

  test('finds the read that goes back with a single deviation, and replays it', () => {
    const { findings, runs } = exploreOrders(quorumRegister, exhaustive(), { seed, bail: true });
    const [finding] = findings as [OrderFinding];
    expect(runs).toBeLessThan(100);
    expect(finding.message).toBe('reader2 read "old" after reader1 had read "new"');
    expect(finding.deviations).toHaveLength(1);
    const repro = parseRepro(JSON.parse(JSON.stringify(finding.repro)));
    const { outcome, result } = replay(quorumRegister, repro);
    expect(outcome).toBe('identical');
    expect(result.order).toEqual(finding.order);
    // Another design may not have what the order chooses, and says what it does all the same.
    const changed = { ...repro, params: { ...repro.params, writeBack: true } };
    expect(replay(quorumRegister, changed).outcome).toBe('passes now');
    const beyond = { ...repro, order: { ...finding.order, taken: finding.order.taken.map(() => 99) } };
    expect(replay(quorumRegister, beyond).outcome).toBe('passes now');
  });

  test('finds none within two deviations when reads write back, and says that there are more orders', () => {
    const { violated, complete, ended, states } = exploreOrders(quorumRegister, exhaustive({ deviations: 2 }), {
      seed,
      params: { writeBack: true },
    });
    expect({ violated, complete, ended }).toEqual({ violated: 0, complete: false, ended: 'exhausted' });
    expect(states).toBeGreaterThan(1_000);
  });

  test('says when it ran out of runs, or of decisions', () => {
    expect(exploreOrders(lostUpdate, exhaustive({ runs: 5 }), { seed })).toMatchObject({
      runs: 5,
      complete: false,
      ended: 'runs',
    });
    expect(exploreOrders(lostUpdate, exhaustive(), { seed, rules: { choices: 3 } })).toMatchObject({
      complete: false,
      ended: 'exhausted',
    });
  });

  test('is the same each time', () => {
    const explore = (): string => JSON.stringify(exploreOrders(lostUpdate, exhaustive(), { seed }));
    expect(explore()).toBe(explore());
  });
});

describe('random strategies', () => {
  test('are the same each time, and others with another seed', () => {
    for (const strategy of [randomOrder({ runs: 20 }), pct({ runs: 20, depth: 3, steps: 7 })]) {
      const orders = (of: string): string =>
        JSON.stringify([...searchOrders(alternation, strategy, { seed: of })].map(({ order }) => order));
      expect(orders('a')).toBe(orders('a'));
      expect(orders('a')).not.toBe(orders('b'));
    }
  });

  test('find a lost update', () => {
    expect(exploreOrders(lostUpdate, randomOrder({ runs: 50 }), { seed }).violated).toBeGreaterThan(10);
  });

  test.each([
    { scenario: lostUpdate, depth: 2 },
    { scenario: alternation, depth: 3 },
  ])(
    'PCT finds the bug of depth $depth at least as often as its bound says, and never with less depth',
    ({ scenario, depth }) => {
      const steps = 7;
      const found = exploreOrders(scenario, pct({ runs: 400, depth, steps }), { seed });
      const bound = pctBound({ depth, steps, chains: found.mostChains });
      expect(found.mostChoices).toBeLessThanOrEqual(steps);
      expect(found.violated / found.runs).toBeGreaterThanOrEqual(bound);
      expect(exploreOrders(scenario, pct({ runs: 200, depth: depth - 1, steps }), { seed }).violated).toBe(0);
    },
  );

  test('PCT puts losses anywhere', () => {
    const scenario = sending({ senders: 1, count: 3, transport: 'datagram', sinks: 'one' });
    const lost = new Set<string>();
    for (const { order } of searchOrders(scenario, pct({ runs: 60, depth: 1, steps: 3 }), {
      seed,
      rules: { drops: 1 },
    })) {
      lost.add(JSON.stringify(order.taken));
    }
    expect(lost.size).toBeGreaterThan(6);
  });
});
