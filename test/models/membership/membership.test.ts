import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  ConfigError,
  constant,
  crash as crashFault,
  isolate,
  ms,
  nemesisOf,
  partition,
  RandomStream,
  run,
  s,
  searchSchedules,
  sometimes,
  World,
  type Fault,
  type Scenario,
} from '../../../sim/index.ts';
import { crash, restart } from '../../../sim/world/lifecycle.ts';
import {
  epidemic,
  fixedTimeout,
  gossipMembership,
  phiAccrual,
  swim,
  type EpidemicOptions,
  type EpidemicProtocol,
  type EpidemicState,
  type FailureDetector,
  type GossipMembershipOptions,
  type GossipProtocol,
  type GossipState,
  type Opinion,
  type SwimOptions,
  type SwimProtocol,
  type SwimState,
} from '../../../models/index.ts';
import { suspects } from '../../../models/membership/failure-detector.ts';
import { lnNormalTail } from '../../../models/membership/normal-tail.ts';
import { overrides } from '../../../models/membership/opinion.ts';
import { insertProbed, nextProbed, removeProbed, type ProbeOrder } from '../../../models/membership/probe-order.ts';
import falseAlarmSwim from '../../../scenarios/false-alarm-swim.ts';
import falseWitnessSecond from '../../../scenarios/false-witness-second.ts';
import { drive } from '../../support/bare-world.ts';
import { swimWorld } from './epidemics.ts';

/** The silence at which φ reaches a level, to the microsecond. */
function silenceFor<S>(detector: FailureDetector<S>, state: S, last: number, level: number): number {
  let [low, high] = [0, s(1000)];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (detector.level(state, last + middle) < level) low = middle;
    else high = middle;
  }
  return high / 1000;
}

/** A φ detector that has seen gaps of 800 and 1200 ms in turn: mean 1000, deviation 200. */
function seasoned(options: Parameters<typeof phiAccrual>[0]) {
  const detector = phiAccrual({ window: 100, ...options });
  const state = detector.watch(0);
  let now = 0;
  for (let i = 0; i < 100; i++) detector.heard(state, (now += ms(i % 2 === 0 ? 800 : 1200)));
  return (level: number): number => silenceFor(detector, state, now, level);
}

describe('failure detectors', () => {
  const detectors: readonly FailureDetector<unknown>[] = [
    fixedTimeout({ timeout: '2s' }),
    phiAccrual({ firstGap: '300ms' }),
    phiAccrual({ firstGap: '300ms', law: 'exponential', window: 10 }),
    phiAccrual({ window: 1, acceptablePause: '1s' }),
  ] as readonly FailureDetector<unknown>[];

  test.each(detectors.map((detector) => ({ name: detector.name, detector })))(
    '$name: silence is more and more suspicious until it is suspected, and a sign of life ends that',
    ({ detector }) => {
      const gaps = fc.array(fc.integer({ min: 1, max: 2_000_000 }), { maxLength: 60 });
      fc.assert(
        fc.property(gaps, fc.integer({ min: 1, max: 10_000_000 }), (heard, silence) => {
          const state = detector.watch(0);
          let now = 0;
          for (const gap of heard) detector.heard(state, (now += gap));
          const levels = [0, silence / 2, silence].map((after) => detector.level(state, now + after));
          expect(levels).toEqual(levels.toSorted((a, b) => a - b));
          expect(levels[0]).toBeGreaterThanOrEqual(0);
          expect(suspects(detector, state, now)).toBe(false);
          expect(suspects(detector, state, now + s(1000))).toBe(true);
          expect(JSON.parse(JSON.stringify(state))).toEqual(state);
        }),
        { numRuns: 60 },
      );
    },
  );

  test('[G5] φ of a normal law with mean 1000 and deviation 200 is reached when it should be', () => {
    const at = seasoned({ minDeviation: '1ms' });
    const published = { 1: 1256.31, 2: 1465.27, 3: 1618.05, 5: 1852.98, 8: 2122.4, 12: 2406.9 };
    for (const [phi, silence] of Object.entries(published))
      expect(Math.abs(at(Number(phi)) / silence - 1)).toBeLessThan(1e-4);
  });

  test('[G5] Cassandra’s φ of 8 is 18.42 mean gaps; in between it is in proportion', () => {
    const at = seasoned({ law: 'exponential' });
    expect([at(8) / 1000, at(4) / 1000, at(1) / 1000].map((x) => Number(x.toFixed(2)))).toEqual([18.42, 9.21, 2.3]);
  });

  test('φ waits longer by the acceptable pause, and takes no deviation for less than the least', () => {
    expect(seasoned({ acceptablePause: '500ms', minDeviation: '1ms' })(8)).toBeCloseTo(2122.4 + 500, 0);
    expect(seasoned({ minDeviation: '400ms' })(1)).toBeCloseTo(1000 + 2 * 256.31, 0);
  });

  test('the normal tail is right in the middle, and where a double would be 0', () => {
    expect(lnNormalTail(0)).toBeCloseTo(Math.log(0.5), 6);
    expect(lnNormalTail(1.959964)).toBeCloseTo(Math.log(0.025), 5);
    expect(lnNormalTail(-1.959964)).toBeCloseTo(Math.log(0.975), 5);
    // The series of Mills' ratio: ln Q(y) = −y²/2 − ln(y√2π) + ln(1 − 1/y² + 3/y⁴).
    const far = -(40 * 40) / 2 - Math.log(40 * Math.sqrt(2 * Math.PI)) + Math.log(1 - 1 / 1600 + 3 / 1600 ** 2);
    expect(lnNormalTail(40)).toBeCloseTo(far, 5);
  });

  test.each([
    [() => fixedTimeout({ timeout: 0 }), /fixedTimeout\.timeout/],
    [() => phiAccrual({ threshold: 0 }), /phiAccrual\.threshold/],
    [() => phiAccrual({ window: 1.5 }), /phiAccrual\.window/],
    [() => phiAccrual({ law: 'pareto' as never }), /phiAccrual\.law/],
    [() => phiAccrual({ firstGap: 0 }), /phiAccrual\.firstGap/],
  ])('bad options are refused by name', (make, field) => {
    expect(make).toThrow(ConfigError);
    expect(make).toThrow(field);
  });
});

describe('opinions', () => {
  const opinion = fc.record<Opinion>({
    status: fc.constantFrom('alive', 'suspect', 'dead', 'left'),
    incarnation: fc.nat(3),
  });

  test('stand in a total order, so that members that hear the same end with the same', () => {
    fc.assert(
      fc.property(fc.array(opinion, { minLength: 1 }), (heard) => {
        const last = (order: readonly Opinion[]): Opinion =>
          order.reduce((now, one) => (overrides(one, now) ? one : now));
        expect(last(heard)).toEqual(last(heard.toReversed()));
        for (const one of heard) expect(overrides(one, one)).toBe(false);
      }),
    );
  });
});

describe('probe order', () => {
  const names = (n: number): string[] => Array.from({ length: n }, (_, i) => `m${i}`);

  test('[G3] each of n members is probed again within 2n − 1 periods, and on average once in n − 1', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 12 }), fc.nat(), (n, seed) => {
        const random = new RandomStream(`${seed}`, 'probes');
        const probes: ProbeOrder = { order: random.shuffle(names(n - 1)), next: 0 };
        const drawn = Array.from({ length: 10 * n }, () => nextProbed(probes, random));
        for (const name of names(n - 1)) {
          const places = drawn.flatMap((one, i) => (one === name ? [i] : []));
          const gaps = places.map((place, i) => place - (places[i - 1] ?? -1));
          expect(Math.max(...gaps)).toBeLessThanOrEqual(2 * n - 1);
          expect(places.length).toBeGreaterThanOrEqual(10);
        }
      }),
    );
  });

  test('who is put in gets its turn, who is taken out is not probed, and nobody is skipped or probed twice for that', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.boolean(), fc.nat(5)), { maxLength: 30 }), fc.nat(), (steps, seed) => {
        const random = new RandomStream(`${seed}`, 'probes');
        const probes: ProbeOrder = { order: ['a', 'b', 'c'], next: 0 };
        const since = new Map<string, number>();
        for (const [isIn, which] of steps) {
          const name = `x${which}`;
          if (isIn && !probes.order.includes(name)) insertProbed(probes, name, random);
          if (!isIn) removeProbed(probes, name);
          const next = nextProbed(probes, random) as string;
          expect(probes.order).toContain(next);
          for (const one of ['a', 'b', 'c']) since.set(one, one === next ? 0 : (since.get(one) ?? 0) + 1);
          expect(Math.max(...since.values())).toBeLessThanOrEqual(2 * 9 + steps.length);
        }
        expect(new Set(probes.order).size).toBe(probes.order.length);
      }),
    );
  });
});

describe('SWIM', () => {
  const opinionsOf = (state: SwimState): Record<string, string> =>
    Object.fromEntries(Array.from(state.members, ([id, { status, incarnation }]) => [id, `${status} ${incarnation}`]));

  test('suspects who is down within 2n − 1 periods and the answer’s, declares it dead when the suspicion is over', () => {
    for (const seed of ['a', 'b', 'c', 'd']) {
      const { world, states } = swimWorld(6, seed, { suspicion: 4 });
      drive(world, s(3) + ms(500));
      crash(world, world.named('n6'));
      drive(world, s(3 + 12) + ms(500));
      const live = states().slice(0, 5);
      expect(live.map((state) => opinionsOf(state)['n6'])).not.toContain('alive 0');
      drive(world, s(3 + 12 + 5));
      expect(live.map((state) => opinionsOf(state)['n6'])).toEqual(Array(5).fill('dead 0'));
    }
  });

  test('a crash of which one member knows is known by all O(log n) periods later', () => {
    const { world, states } = swimWorld(64, 'spread', { suspicion: 100 });
    drive(world, s(2) + ms(500));
    crash(world, world.named('n9'));
    const knowing = (): number => states().filter((state) => state?.members.get('n9')?.status === 'suspect').length;
    let first = 0;
    for (let t = 3; knowing() < 63; t++) {
      drive(world, s(t) + ms(500));
      if (first === 0 && knowing() > 0) first = t;
      expect(t - (first || t)).toBeLessThanOrEqual(6);
    }
  });

  test('who is suspected by mistake refutes it with a higher incarnation', () => {
    const { world, states } = swimWorld(3, 'refute', { indirect: 0, suspicion: 6 });
    drive(world, s(2));
    const [n1] = states() as [SwimState];
    const n2 = n1.members.get('n2');
    if (n2 === undefined) throw new Error('n1 knows n2');
    n2.status = 'suspect';
    n2.suspectedIn = n1.period;
    drive(world, s(7));
    expect(states().map(opinionsOf)).toEqual([
      { n2: 'alive 1', n3: 'alive 0' },
      { n1: 'alive 0', n3: 'alive 0' },
      { n1: 'alive 0', n2: 'alive 1' },
    ]);
    expect(world.metrics.counter('n2', 'refutations').value).toBe(1);
  });

  test('who joins, comes back after a crash, or leaves is known as that by everybody', () => {
    const world = new World({ seed: 'join' });
    world.links({ latency: constant(ms(1)) });
    const nodes = world.refs<SwimProtocol>('n', 5);
    const actor = swim({ nodes: nodes.slice(0, 4), suspicion: 3 });
    for (const node of nodes) world.node(node, { actor });
    const known = (id: string): (string | undefined)[] =>
      world.nodes.flatMap((node) => (node.id === id ? [] : [opinionsOf(node.state as SwimState)[id]]));
    drive(world, s(5));
    expect((world.named('n5').state as SwimState).status).toBe('member');
    expect(known('n5')).toEqual(Array(4).fill('alive 0'));
    crash(world, world.named('n2'));
    drive(world, s(25));
    expect(new Set(known('n2'))).toEqual(new Set(['dead 0']));
    restart(world, world.named('n2'));
    drive(world, s(35));
    expect(known('n2')).toEqual(Array(4).fill('alive 1'));
  });

  test('a member that has left is not probed, and stays known as left', () => {
    const world = new World({ seed: 'leave' });
    world.links({ latency: constant(ms(1)) });
    const nodes = world.refs<SwimProtocol>('n', 4);
    const actor = swim({ nodes });
    for (const node of nodes) world.node(node, { actor });
    world.node('operator', {
      actor: {
        role: 'operator',
        init: () => ({}),
        start: (_state, ctx) => ctx.setTimer('go', s(3)),
        timers: { go: (_state, ctx) => ctx.send(nodes[2] as never, 'leave' as never, {} as never) },
      },
    });
    drive(world, s(20));
    const others = world.nodes.filter(({ id }) => id !== 'n3' && id !== 'operator');
    expect(others.map((node) => opinionsOf(node.state as SwimState)['n3'])).toEqual(Array(3).fill('left 0'));
    expect(others.map((node) => (node.state as SwimState).unanswered.size)).toEqual([0, 0, 0]);
  });

  test('with the local health multiplier a member in trouble probes less often, and recovers its pace', () => {
    const pace = (maxHealth: number): number[] => {
      const { world, states } = swimWorld(4, 'health', { maxHealth, suspicion: 1000, indirect: 0 });
      drive(world, s(5));
      for (const id of ['n2', 'n3', 'n4']) crash(world, world.named(id));
      drive(world, s(45));
      const slow = (states()[0] as SwimState).period - 4;
      for (const id of ['n2', 'n3', 'n4']) restart(world, world.named(id));
      drive(world, s(100));
      return [slow, (states()[0] as SwimState).health];
    };
    expect(pace(0)).toEqual([41, 0]);
    const [slow, health] = pace(3);
    expect(slow).toBeLessThan(20);
    expect(health).toBe(0);
  });

  test('halves of a split group find each other again', () => {
    const [n1, n2, n3, n4, n5, n6] = ['n1', 'n2', 'n3', 'n4', 'n5', 'n6'] as const;
    const faults: Fault[] = [
      partition({
        at: s(2),
        for: s(6),
        groups: [
          [n1, n2, n3],
          [n4, n5, n6],
        ],
      }),
    ];
    const result = run(agreeing(falseAlarmSwim), { seed: 'split', faults });
    expect(result.verdicts.filter(({ status }) => status !== 'held')).toEqual([]);
  });

  test('under random schedules that heal altogether all members take each other for alive in the end', () => {
    const scenario = agreeing(falseAlarmSwim);
    for (const profile of nemesisOf(scenario).profiles.filter(({ name }) => name === 'mixed' || name === 'partitions'))
      for (const { violated } of searchSchedules(scenario, { seed: 'agree', profile, count: 5, freeze: false }))
        expect(violated).toEqual([]);
  });

  test.each<[Partial<SwimOptions>, RegExp]>([
    [{ nodes: [] }, /swim\.nodes/],
    [{ period: 1 }, /swim\.period/],
    [{ pingTimeout: '2s' }, /swim\.pingTimeout/],
    [{ indirect: -1 }, /swim\.indirect/],
    [{ suspicion: 0.5 }, /swim\.suspicion/],
    [{ retransmit: 0 }, /swim\.retransmit/],
    [{ piggyback: 0 }, /swim\.piggyback/],
    [{ probing: 'fair' as never }, /swim\.probing/],
  ])('bad options are refused by name: %j', (options, field) => {
    const nodes = new World({ seed: 'x' }).refs<SwimProtocol>('n', 2);
    expect(() => swim({ nodes, ...options })).toThrow(field);
  });
});

/** The scenario with one check more: at the end everybody is there for everybody. */
const agreeing = (scenario: Scenario): Scenario => ({
  ...scenario,
  checks: (built) => [
    ...scenario.checks(built),
    sometimes('in the end all are there', (view) => {
      if (view.now < view.end - ms(300)) return false;
      return view.nodes.every(({ state }) =>
        [...(state as SwimState).members.values()].every(({ status }) => status === 'alive'),
      );
    }),
  ],
});

describe('gossip membership', () => {
  type State = GossipState<{ last: number }>;
  const group = (options: Partial<GossipMembershipOptions<{ last: number }>> = {}, n = 6) => {
    const world = new World({ seed: 'gossip' });
    world.links({ latency: constant(ms(1)) });
    const nodes = world.refs<GossipProtocol>('n', n);
    const actor = gossipMembership({ nodes, detector: fixedTimeout({ timeout: '12s' }), ...options });
    for (const node of nodes) world.node(node, { actor });
    const statuses = (id: string): (string | undefined)[] =>
      world.nodes.flatMap((node) =>
        node.id === id || node.state === undefined ? [] : [(node.state as State).members.get(id)?.status],
      );
    return { world, statuses };
  };

  test.each(['push', 'pull', 'push-pull'] as const)(
    'by %s everybody hears of everybody; who crashes is declared dead by all, and alive again when it is back',
    (direction) => {
      const { world, statuses } = group({ direction });
      drive(world, s(30));
      expect(new Set(['n1', 'n4', 'n6'].flatMap(statuses))).toEqual(new Set(['alive']));
      crash(world, world.named('n4'));
      drive(world, s(75));
      expect(new Set(statuses('n4'))).toEqual(new Set(['dead']));
      restart(world, world.named('n4'));
      drive(world, s(110));
      expect(new Set(statuses('n4'))).toEqual(new Set(['alive']));
      expect((world.named('n4').state as State).incarnation).toBe(1);
    },
  );

  test('with one survivor there is no second witness: it suspects and declares nobody dead', () => {
    const survivor = (witnesses: number): Set<string> => {
      const { world } = group({ witnesses }, 3);
      drive(world, s(10));
      for (const id of ['n2', 'n3']) crash(world, world.named(id));
      drive(world, s(60));
      const { members } = world.named('n1').state as State;
      return new Set(Array.from(members.values(), ({ status }) => status));
    };
    expect(survivor(2)).toEqual(new Set(['suspect']));
    expect(survivor(1)).toEqual(new Set(['dead']));
  });

  test('whom two have missed for long may be declared dead by a third that has just come to miss it', () => {
    const faults: Fault[] = [
      isolate({ at: ms(1975), for: ms(3196), node: 'n2' }),
      { ...isolate({ at: ms(1989), node: 'n5' }), stays: true },
      partition({
        at: ms(2525),
        for: ms(3530),
        groups: [
          ['n3', 'n5'],
          ['n1', 'n2', 'n6'],
        ],
      }),
    ];
    const { verdicts } = run(falseWitnessSecond, { seed: 'review/13', params: { detector: 'phi' }, faults });
    expect(verdicts.filter(({ status }) => status !== 'held')).toEqual([]);
    const accuracy = verdicts.find(({ check }) => check.startsWith('no live node is declared dead'));
    expect(accuracy?.message).toMatch(/^0 mistakes, [1-9]/);
  });

  test('the time that a member was down is no gap between its heartbeats: φ notices its next crash as soon', () => {
    const faults: Fault[] = [
      crashFault({ at: ms(2898), for: ms(2869), node: 'n5' }),
      crashFault({ at: ms(5645), for: ms(736), node: 'n5' }),
      { ...crashFault({ at: ms(7143), node: 'n5' }), stays: true },
    ];
    const params = { detector: 'phi', direction: 'pull' };
    const { verdicts } = run(falseWitnessSecond, { seed: 'review/199', params, faults });
    expect(verdicts.filter(({ status }) => status !== 'held')).toEqual([]);
  });

  test.each<[Partial<GossipMembershipOptions<{ last: number }>>, RegExp]>([
    [{ period: 0 }, /gossipMembership\.period/],
    [{ direction: 'pushpull' as never }, /gossipMembership\.direction/],
    [{ witnesses: 0 }, /gossipMembership\.witnesses/],
  ])('bad options are refused by name: %j', (options, field) => {
    expect(() => group(options)).toThrow(field);
  });
});

describe('epidemics', () => {
  const group = (options: Partial<EpidemicOptions>, seed: string) => {
    const world = new World({ seed });
    const nodes = world.refs<EpidemicProtocol>('n', 30);
    const actor = epidemic({ nodes, ...options });
    for (const node of nodes) world.node(node, { actor });
    drive(world, ms(1));
    const state = (i: number): EpidemicState => world.nodes[i]?.state as EpidemicState;
    for (const i of [0, 7, 11]) {
      state(i).updates.set(`u${i}`, 'v');
      state(i).hot.set(`u${i}`, 0);
    }
    drive(world, s(60));
    return nodes.map((_, i) => state(i));
  };

  test('rumours alone leave somebody out now and then, and stop; anti-entropy reaches everybody', () => {
    const seeds = ['a', 'b', 'c', 'd', 'e'];
    const rumours = { response: 'feedback', stop: 'counter', k: 1 } as const;
    const alone = seeds.map((seed) => group({ rumours, antiEntropy: false }, seed));
    expect(alone.flat().every(({ hot }) => hot.size === 0)).toBe(true);
    expect(alone.flat().some(({ updates }) => updates.size < 3)).toBe(true);
    for (const direction of ['push', 'pull', 'push-pull'] as const) {
      const backed = seeds.map((seed) => group({ rumours, antiEntropy: { every: 5, direction } }, seed));
      expect(backed.flat().filter(({ updates }) => updates.size < 3)).toEqual([]);
    }
  });

  test.each<[Partial<EpidemicOptions>, RegExp]>([
    [{ period: 0 }, /epidemic\.period/],
    [{ rumours: { k: 0 } }, /rumours\.k/],
    [{ rumours: { stop: 'never' as never } }, /rumours\.stop/],
    [{ rumours: { response: 'some' as never } }, /rumours\.response/],
    [{ antiEntropy: { every: 0, direction: 'push' } }, /epidemic\.antiEntropy\.every/],
    [{ antiEntropy: { every: 1, direction: 'out' as never } }, /epidemic\.antiEntropy\.direction/],
  ])('bad options are refused by name: %j', (options, field) => {
    expect(() => group(options, 'x')).toThrow(field);
  });
});
