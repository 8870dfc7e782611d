import { describe, expect, test } from '@jest/globals';
import { ms, s } from '../../sim/base/time.ts';
import * as plan from '../../sim/faults/constructors.ts';
import { FAULT_KINDS, type Fault, type FaultKind } from '../../sim/faults/fault.ts';
import { Injector } from '../../sim/faults/injector.ts';
import { schedule, withoutFault } from '../../sim/faults/schedule.ts';
import { exponential } from '../../sim/random/distribution.ts';
import { Trace } from '../../sim/trace/trace.ts';
import type { Flow } from '../../sim/world/actor.ts';
import type { Context } from '../../sim/world/context.ts';
import { drive, newWorld, runner } from '../support/bare-world.ts';
import { busyWorld, heardFrom, runUnder, within } from './busy-world.ts';
import { at, FELT, lasts, statusOf, withPending } from './felt.ts';

/** Takes every node away before a fault can hit it. */
const gone = ['a', 'b', 'c'].map((node) => plan.destroy({ at: '10ms', node }));

describe('the effect of a fault', () => {
  test.each(FAULT_KINDS)('is counted where there is one: %s', (kind) => {
    const fault = { ...FELT[kind], id: 'it' };
    const { counts, injector } = runUnder(kind === 'torn-write' ? [fault, withPending] : [fault]);
    expect(counts['it']).toBeGreaterThan(0);
    expect(injector.ineffective()).toEqual([]);
  });

  test.each(FAULT_KINDS)('is 0 where nothing could feel it: %s', (kind) => {
    const fault = { ...FELT[kind], id: 'it' };
    const { counts, injector } = runUnder([...gone, fault], { idle: true });
    expect(counts['it']).toBe(0);
    expect(injector.ineffective().map(({ id }) => id)).toEqual(['it']);
  });

  const idle: FaultKind[] = FAULT_KINDS.filter(
    (kind) => !/crash|pause|restart|destroy|outage|correlated|ntp/.test(kind),
  );
  test.each(idle)('is 0 while nobody does anything: %s', (kind) => {
    expect(runUnder([{ ...FELT[kind], id: 'it' }], { idle: true }).counts['it']).toBe(0);
  });

  test('is 0 before the fault begins', () => {
    expect(runUnder([FELT.crash], { until: ms(99) }).counts).toEqual({ F1: 0 });
  });
});

describe('faults that overlap', () => {
  const first = { at: '100ms', for: '60ms' } as const;
  const second = { at: '130ms', for: '70ms' } as const;

  test.each([
    'pause',
    'crash',
    'isolate',
    'disk-full',
    'clock-freeze',
    'clock-drift',
    'slow',
    'disk-slow',
    'ntp-loss',
  ] as const)('of one kind, %s, leave nothing behind, whichever ends first', (kind) => {
    const around = { at: ms(100), for: ms(100) };
    const inside = { at: ms(120), for: ms(30) };
    const after = { at: ms(130), for: ms(100) };
    for (const other of [inside, after]) {
      const faults = [around, other].map((when, i) => ({ ...FELT[kind], ...when, id: `F${i}` }) as Fault);
      const { world } = runUnder(faults);
      const node = world.named('a');
      expect(node.status).toBe('up');
      expect(node.clock.rate).toBe(1);
      expect([node.cpu.slowdown, node.disk.slowdown]).toEqual([1, 1]);
      expect([node.pauseEffects, node.clock.wallEffects, node.clock.monotonicEffects, node.disk.faults.full]).toEqual([
        [],
        [],
        [],
        [],
      ]);
      expect(node.ntp?.cutOff).toEqual([]);
      expect(world.network.mayIntercept).toBe(false);
    }
  });

  test('two pauses: the node goes on when the last has ended', () => {
    const faults = [plan.pause({ ...first, node: 'a' }), plan.pause({ ...second, node: 'a' })];
    expect(statusOf(faults, ms(170))).toBe('paused');
    expect(statusOf(faults, ms(200))).toBe('up');
  });

  test('a crash inside a zone outage: the node restarts with the last', () => {
    const outage = plan.zoneOutage({ at, for: '100ms', zone: 'z1' });
    const inside = plan.crash({ at: '120ms', for: '30ms', node: 'a' });
    const after = plan.crash({ at: '120ms', for: '130ms', node: 'a' });
    expect(statusOf([outage, inside], ms(170))).toBe('crashed');
    expect(statusOf([outage, inside], ms(205))).toBe('up');
    expect(statusOf([outage, after], ms(240))).toBe('crashed');
    expect(statusOf([outage, after], ms(255))).toBe('up');
    expect(runUnder([outage, inside]).counts['F2']).toBe(0);
    expect(runUnder([outage, after]).counts['F2']).toBe(1);
  });

  test('a crash without end inside a crash that ends: the node stays down', () => {
    expect(statusOf([plan.crash({ ...lasts, node: 'a' }), plan.crash({ at: '150ms', node: 'a' })], ms(300))).toBe(
      'crashed',
    );
  });

  test('a restart inside a crash does not bring the node up early', () => {
    const faults = [plan.crash({ ...lasts, node: 'a' }), plan.restart({ at: '150ms', node: 'a' })];
    expect(statusOf(faults, ms(180))).toBe('crashed');
    expect(runUnder(faults).counts['F2']).toBe(0);
  });

  test('destroy during a crash: the node never comes back', () => {
    expect(statusOf([plan.crash({ ...lasts, node: 'a' }), plan.destroy({ at: '150ms', node: 'a' })], ms(300))).toBe(
      'gone',
    );
  });

  test('a crash during a pause ends it, and the pauses that begin after the restart are whole', () => {
    const faults = [
      plan.pause({ at, for: '100ms', node: 'a' }),
      plan.crash({ at: '110ms', for: '10ms', node: 'a' }),
      plan.pause({ at: '150ms', for: '100ms', node: 'a' }),
    ];
    expect(statusOf(faults, ms(130))).toBe('up');
    expect(statusOf(faults, ms(210))).toBe('paused');
    expect(statusOf(faults, ms(250))).toBe('up');
  });

  test('two drifts add up, and each takes back exactly its own', () => {
    const drifts = [
      plan.clockDrift({ ...first, node: 'a', ppm: 0.1 }),
      plan.clockDrift({ ...second, node: 'a', ppm: 0.2 }),
    ];
    const rate = (until: number): number => runUnder(drifts, { until: ms(until) }).world.named('a').clock.rate;
    expect([rate(110), rate(150), rate(170), rate(210)]).toEqual(
      [1 + 0.1e-6, 1 + 0.3e-6, 1 + 0.2e-6, 1].map((r) => expect.closeTo(r, 12)),
    );
    expect(rate(210)).toBe(1);
  });

  test('two partitions: a link is whole when neither cuts it', () => {
    const faults = [plan.isolate({ ...first, node: 'a' }), plan.partition({ ...second, groups: [['a', 'c'], ['b']] })];
    const run = runUnder(faults);
    expect(within(heardFrom(run, 'b', 'a'), ms(100), ms(200))).toBe(0);
    expect(within(heardFrom(run, 'c', 'a'), ms(160), ms(200))).toBe(4);
  });

  test('two delays on one node add up', () => {
    const faults = [plan.slow({ ...lasts, node: 'a', delay: '3ms' }), plan.slow({ ...lasts, node: 'a', delay: '4ms' })];
    expect(heardFrom(runUnder(faults), 'a', 'b')[10]).toBe(ms(118));
  });

  test('back to back crashes leave no gap', () => {
    const faults = [plan.crash({ at, for: '50ms', node: 'a' }), plan.crash({ at: '150ms', for: '50ms', node: 'a' })];
    expect(statusOf(faults, ms(160))).toBe('crashed');
    expect(statusOf(faults, ms(205))).toBe('up');
  });
});

describe('the injector', () => {
  test('leaves no caller waiting for a handler to tidy up after a reset', () => {
    const log: number[] = [];
    const world = newWorld();
    world.links({ transport: 'stream' });
    const server = world.ref<{ ask(p: object): void }>('b');
    world.node('a', {
      actor: runner(function* (ctx) {
        ctx.spawn(waitForSignal(ctx, log));
        try {
          yield* ctx.call(server, 'ask', {});
        } catch {
          ctx.signal('lost');
          log.push(world.now);
        }
      }),
    });
    world.node(server, { actor: { role: 'server', init: () => ({}), on: { ask: () => undefined } } });
    const injector = new Injector(world, schedule([plan.isolate({ at: 0, node: 'b' })]));
    injector.arm();
    drive(world, s(60));
    expect(log).toHaveLength(2);
    expect(log[1]).toBe(log[0]);

    function* waitForSignal(ctx: Context<string[]>, times: number[]): Flow {
      yield* ctx.wait('lost', s(100));
      times.push(world.now);
    }
  });

  test('takes delays that are later than any run', () => {
    const late = plan.jitter({ at: 0, extra: { kind: 'pareto', scale: s(1_000_000), alpha: 0.05 } });
    const { counts, world } = runUnder([late, plan.slow({ at: 0, node: 'a', delay: '100000h' })]);
    expect(counts['F1']).toBeGreaterThan(0);
    expect(world.countInFlight()).toBe(world.network.inFlight);
  });

  test('refuses a fault that aims at what is not there', () => {
    const inject = (fault: Fault) => () => new Injector(busyWorld(), schedule([fault]));
    expect(inject(plan.isolate({ at, node: 'd' }))).toThrow(
      'faults[0].node: got "d", expected a node of this world: a, b, c',
    );
    expect(inject(plan.zoneOutage({ at, zone: 'z3' }))).toThrow('faults[0].zone: got "z3"');
    expect(inject(plan.regionOutage({ at, region: 'mars' }))).toThrow('faults[0].region: got "mars"');
  });

  test('takes faults that end after the run, and those without end', () => {
    const { counts } = runUnder([plan.pause({ at, for: '1h', node: 'a' }), plan.isolate({ at, node: 'b' })]);
    expect(Object.values(counts).every((count) => count > 0)).toBe(true);
  });

  test('writes begin and end into the trace, as the cause of what follows', () => {
    const trace = new Trace();
    const world = newWorld('traced', trace);
    world.node('a', { actor: { role: 'idle', init: () => ({}) } });
    const injector = new Injector(world, schedule([plan.crash({ at, for: '50ms', node: 'a' })]));
    world.start();
    injector.arm();
    drive(world, s(1));
    const { kind, kinds, label, strings, cause, detail } = trace.toData(['a'], {}, s(1));
    const rows = kind.map((k, i) => [i + 1, kinds[k], strings[label[i] as number], cause[i]] as const);
    const row = (name: string) => rows.find(([, k]) => k === name) as (typeof rows)[number];
    const [begin, , id] = row('fault-begin');
    const [end, , , endCause] = row('fault-end');
    expect([id, endCause, detail[begin]]).toEqual(['F1', begin, 'crash a']);
    expect(row('crash')[3]).toBe(begin);
    expect(row('restart')[3]).toBe(end);
  });

  test('gives the same run twice, recorded or not', () => {
    const digest = (recorded: boolean): string => {
      const world = recorded ? newWorld('x', new Trace()) : newWorld('x');
      for (const id of ['a', 'b']) world.node(id, { actor: { role: 'idle', init: () => ({}) } });
      const injector = new Injector(
        world,
        schedule([plan.crash({ ...lasts, node: 'a' }), plan.isolate({ ...lasts, node: 'b' })]),
      );
      world.start();
      injector.arm();
      drive(world, s(1));
      return world.digest.hex();
    };
    expect(digest(true)).toBe(digest(false));
  });
});

describe('removing a fault', () => {
  const latency = exponential({ mean: '1ms' });
  const planned = schedule([
    plan.loss({ at: '20ms', from: 'c', to: 'a', probability: 0.3 }),
    plan.jitter({ at: '20ms', from: 'b', extra: exponential({ mean: '3ms' }) }),
    plan.duplicate({ at: '30ms', to: 'c', probability: 0.4 }),
    plan.slow({ at: '40ms', node: 'a', delay: exponential({ mean: '2ms' }) }),
    plan.hotKey({ at: '50ms', key: 'hot', share: 0.5 }),
    plan.hotKey({ at: '50ms', key: 'warm', share: 0.5 }),
    plan.partition({ at: '200ms', for: '50ms', groups: [['a'], ['b']] }),
  ]);
  const run = (faults: readonly Fault[]) => runUnder(faults, { links: { latency }, calls: false, until: s(1) });
  const links = ['a', 'b', 'c'].flatMap((to) =>
    ['a', 'b', 'c'].filter((from) => from !== to).map((from) => [from, to] as const),
  );

  /** For each fault, the links whose deliveries it may change. */
  const touches: Record<string, (from: string, to: string) => boolean> = {
    F1: (from, to) => from === 'c' && to === 'a',
    F2: (from) => from === 'b',
    F3: (_, to) => to === 'c',
    F4: (_, to) => to === 'a',
    F5: () => false,
    F6: () => false,
    F7: (from, to) => from !== 'c' && to !== 'c',
  };

  test.each(Object.keys(touches))('changes no draw on any link that it does not bend: %s', (id) => {
    const whole = run(planned);
    const less = run(withoutFault(planned, id));
    const changed = links.filter(([from, to]) => {
      const pings = (of: typeof whole) => of.seen(to).heard.filter((ping) => ping.from === from);
      return JSON.stringify(pings(whole)) !== JSON.stringify(pings(less));
    });
    expect(changed.filter(([from, to]) => !(touches[id] as (x: string, y: string) => boolean)(from, to))).toEqual([]);
    expect(less.injector.effects.map((effect) => effect.id)).toEqual(
      planned.map((fault) => fault.id).filter((other) => other !== id),
    );
  });

  test('such as one brown-out leaves the luck of the other', () => {
    const first = plan.brownOut({ at: 0, node: 'a', probability: 0.3, id: 'one' });
    const second = plan.brownOut({ at: 0, node: 'a', probability: 0.3, id: 'two' });
    const alone = [first, second].map((fault) => runUnder([fault], { until: s(2) }).counts[fault.id]);
    expect(runUnder([first, second], { until: s(2) }).counts).toEqual({ one: alone[0], two: alone[1] });
  });

  test('such as one hot key leaves the luck of the other', () => {
    const keys = (faults: readonly Fault[]) =>
      run(faults)
        .seen('a')
        .ticks.map(({ key }) => key);
    const both = keys(planned);
    const warm = keys(withoutFault(planned, 'F5'));
    expect(both.every((key, i) => key === 'hot' || key === warm[i])).toBe(true);
    expect(both.filter((key) => key === 'warm').length).toBeGreaterThan(10);
  });
});
