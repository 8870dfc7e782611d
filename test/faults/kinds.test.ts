import { describe, expect, test } from '@jest/globals';
import { ms, s } from '../../sim/base/time.ts';
import * as plan from '../../sim/faults/constructors.ts';
import type { Fault } from '../../sim/faults/fault.ts';
import { uniform } from '../../sim/random/distribution.ts';
import { heardFrom, runUnder, within } from './busy-world.ts';
import { ALL, at, FELT, lasts, statusOf, withPending } from './felt.ts';

describe('a network fault', () => {
  test('partition cuts groups from each other both ways, and nobody else', () => {
    const run = runUnder([plan.partition({ ...lasts, groups: [['a'], ['b']] })]);
    expect(within(heardFrom(run, 'b', 'a'), ms(100), ms(200))).toBe(0);
    expect(within(heardFrom(run, 'a', 'b'), ms(100), ms(200))).toBe(0);
    expect(within(heardFrom(run, 'c', 'a'), ms(100), ms(200))).toBe(ALL);
    expect(within(heardFrom(run, 'b', 'c'), ms(100), ms(200))).toBe(ALL);
    expect(within(heardFrom(run, 'b', 'a'), ms(200), ms(300))).toBe(ALL);
  });

  test('partition drops what is in flight when it would arrive', () => {
    const run = runUnder([plan.partition({ at: '100.5ms', for: '5ms', groups: [['a'], ['b']] })]);
    expect(heardFrom(run, 'b', 'a').filter((time) => time > ms(90) && time < ms(120))).toEqual([ms(91), ms(111)]);
  });

  test('partition with the rest cuts those who are not named', () => {
    const run = runUnder([plan.partition({ ...lasts, groups: [['a'], ['*']] })]);
    expect(within(heardFrom(run, 'c', 'a'), ms(100), ms(200))).toBe(0);
    expect(within(heardFrom(run, 'c', 'b'), ms(100), ms(200))).toBe(ALL);
  });

  test('partition-one-way lets the other direction through', () => {
    const run = runUnder([FELT['partition-one-way']]);
    expect(within(heardFrom(run, 'b', 'a'), ms(100), ms(200))).toBe(0);
    expect(within(heardFrom(run, 'a', 'b'), ms(100), ms(200))).toBe(ALL);
  });

  test('partition-partial cuts each pair both ways, and leaves a way round', () => {
    const run = runUnder([FELT['partition-partial']]);
    expect(within(heardFrom(run, 'b', 'a'), ms(100), ms(200))).toBe(0);
    expect(within(heardFrom(run, 'a', 'b'), ms(100), ms(200))).toBe(0);
    expect(within(heardFrom(run, 'c', 'a'), ms(100), ms(200))).toBe(ALL);
  });

  test('flapping begins cut and alternates until it ends whole', () => {
    const run = runUnder([
      plan.flapping({ at: '95ms', for: '100ms', groups: [['a'], ['b']], down: '30ms', up: '20ms' }),
    ]);
    // Cut 95…125 and 145…175.
    const heard = heardFrom(run, 'b', 'a').filter((time) => time > ms(90) && time < ms(220));
    expect(heard).toEqual([91, 131, 141, 181, 191, 201, 211].map(ms));
  });

  test('flapping that ends while it is cut ends whole', () => {
    const run = runUnder([plan.flapping({ ...lasts, groups: [['a'], ['b']], down: '80ms', up: '10ms' })]);
    expect(within(heardFrom(run, 'b', 'a'), ms(201), ms(300))).toBe(9);
  });

  test('isolate cuts one node from everybody', () => {
    const run = runUnder([FELT.isolate]);
    for (const other of ['b', 'c']) {
      expect(within(heardFrom(run, 'a', other), ms(100), ms(200))).toBe(0);
      expect(within(heardFrom(run, other, 'a'), ms(100), ms(200))).toBe(0);
    }
    expect(within(heardFrom(run, 'c', 'b'), ms(100), ms(200))).toBe(ALL);
  });

  test('clog holds messages and releases all of them in order', () => {
    const run = runUnder([plan.clog({ at: '100.5ms', for: '100ms', nodes: ['b'] })]);
    const pings = run.seen('b').heard.filter(({ from }) => from === 'a');
    expect(
      within(
        pings.map(({ at: time }) => time),
        ms(100),
        ms(200),
      ),
    ).toBe(0);
    expect(pings.map(({ n }) => n)).toEqual(Array.from({ length: 29 }, (_, i) => i));
    expect(pings[9]?.at).toBe(ms(200.5));
    expect(pings[10]?.at).toBe(ms(201.5));
  });

  test('link-delay adds one draw per link, so that order is kept', () => {
    const run = runUnder([plan.linkDelay({ ...lasts, from: 'a', extra: uniform('1ms', '40ms'), factor: 2 })]);
    const delays = (to: string) =>
      run
        .seen(to)
        .heard.flatMap(({ from, n, at: time }) => (from === 'a' && n >= 9 && n < 19 ? [time - ms(10 * n + 10)] : []));
    expect(delays('b')).toEqual(Array.from({ length: ALL }, () => delays('b')[0]));
    expect(delays('b')[0]).toBeGreaterThanOrEqual(ms(3));
    expect(delays('c')[0]).not.toBe(delays('b')[0]);
  });

  test('jitter draws for each message, so that messages overtake', () => {
    const run = runUnder([FELT.jitter]);
    const order = run
      .seen('b')
      .heard.filter(({ from }) => from === 'a')
      .map(({ n }) => n);
    expect(order).toHaveLength(29);
    expect(order).not.toEqual(order.toSorted((x, y) => x - y));
  });

  test('loss loses the share that it says', () => {
    const run = runUnder([plan.loss({ at: 0, from: 'a', to: 'b', probability: 0.3 })], { until: s(10) });
    const share = heardFrom(run, 'b', 'a').length / 999;
    expect(Math.abs(share - 0.7)).toBeLessThan(0.05);
    expect(heardFrom(run, 'a', 'b')).toHaveLength(999);
  });

  test('loss on a stream shows as delay only', () => {
    const run = runUnder([plan.loss({ ...lasts, from: 'a', to: 'b', probability: 1 })], {
      links: { transport: 'stream' },
      until: s(3),
    });
    const numbers = run
      .seen('b')
      .heard.filter(({ from }) => from === 'a')
      .map(({ n }) => n);
    expect(numbers).toEqual(Array.from({ length: 299 }, (_, i) => i));
    expect(within(heardFrom(run, 'b', 'a'), ms(101), ms(200))).toBe(0);
  });

  test('duplicate delivers twice', () => {
    expect(within(heardFrom(runUnder([FELT.duplicate]), 'b', 'a'), ms(100), ms(200))).toBe(2 * ALL);
  });

  test('reorder delays by up to its window', () => {
    const run = runUnder([FELT.reorder]);
    const late = run
      .seen('b')
      .heard.filter(({ from, n }) => from === 'a' && n >= 9 && n < 19)
      .map(({ n, at: time }) => time - ms(10 * n + 11));
    expect(Math.max(...late)).toBeLessThanOrEqual(ms(40));
    expect(Math.max(...late)).toBeGreaterThan(ms(10));
  });

  test('bandwidth lets messages queue for the link', () => {
    // 512 bytes at 25,600 bytes per second: 20 ms each. A round sends a ping and, every other time, a call.
    const run = runUnder([plan.bandwidth({ ...lasts, from: 'a', to: 'b', bytesPerSecond: 25_600 })]);
    expect(within(heardFrom(run, 'b', 'a'), ms(100), ms(200))).toBeLessThan(5);
    expect(heardFrom(run, 'b', 'a')[9]).toBe(ms(121));
  });
});

describe('a node fault', () => {
  test('crash restarts the node at its end, after the boot time', () => {
    expect(statusOf([FELT.crash], ms(150))).toBe('crashed');
    expect(statusOf([FELT.crash], ms(202))).toBe('restarting');
    expect(statusOf([FELT.crash], ms(205))).toBe('up');
  });

  test('crash without end, or without restart, leaves the node down', () => {
    expect(statusOf([plan.crash({ at, node: 'a' })], s(1))).toBe('crashed');
    expect(statusOf([plan.crash({ ...lasts, node: 'a', restart: false })], s(1))).toBe('crashed');
  });

  test('restart crashes and boots at once, and starts a node that was left down', () => {
    expect(statusOf([FELT.restart], ms(101))).toBe('restarting');
    expect(statusOf([FELT.restart], ms(105))).toBe('up');
    expect(statusOf([plan.crash({ at: '50ms', node: 'a' }), FELT.restart], ms(105))).toBe('up');
  });

  test('crash-loop crashes again and again and ends up', () => {
    const { counts } = runUnder([FELT['crash-loop']]);
    expect(counts['F1']).toBe(3);
    for (const down of [105, 145, 185]) expect(statusOf([FELT['crash-loop']], ms(down))).toBe('crashed');
    for (const up of [120, 160, 220]) expect(statusOf([FELT['crash-loop']], ms(up))).toBe('up');
  });

  test('crash-loop that ends while the node is down ends with a restart', () => {
    const loop = plan.crashLoop({ at, for: '45ms', node: 'a', every: '40ms', down: '20ms' });
    expect(statusOf([loop], ms(144))).toBe('crashed');
    expect(statusOf([loop], ms(150))).toBe('up');
  });

  test('pause lets everything wait and then happen', () => {
    const run = runUnder([FELT.pause]);
    expect(within(heardFrom(run, 'a', 'b'), ms(101), ms(199))).toBe(0);
    expect(within(heardFrom(run, 'a', 'b'), ms(199), ms(200))).toBe(ALL);
    expect(
      run
        .seen('a')
        .ticks.map(({ at: time }) => time)
        .filter((time) => time > ms(90) && time < ms(220)),
    ).toEqual([200, 210].map(ms));
  });

  test('slow stretches work and delays messages', () => {
    const worked = (fault?: Fault): number =>
      runUnder(fault === undefined ? [] : [fault]).seen('a').worked[10] as number;
    expect(worked(FELT.slow) - worked()).toBe(ms(4));
    const run = runUnder([plan.slow({ ...lasts, node: 'a', delay: '3ms' })]);
    expect(heardFrom(run, 'a', 'b')[10]).toBe(ms(114));
    expect(heardFrom(run, 'a', 'b')[25]).toBe(ms(261));
  });

  test('destroy loses the node with its data', () => {
    const { world } = runUnder([FELT.destroy]);
    expect(world.named('a').status).toBe('gone');
    expect(world.named('a').disk.snapshot()).toEqual([]);
  });
});

describe('a clock fault', () => {
  const tick = (fault: Fault, i: number) =>
    runUnder([fault]).seen('a').ticks[i] as { at: number; wall: number; monotonic: number };

  test('clock-offset makes the wall clock read wrong, which NTP does not see', () => {
    expect(tick(FELT['clock-offset'], 18).wall).toBe(ms(1_190));
    expect(tick(FELT['clock-offset'], 25).wall).toBe(ms(260));
  });

  test('clock-step jumps, and NTP corrects it', () => {
    const step = plan.clockStep({ at: '105ms', node: 'a', by: '-1s' });
    expect(tick(step, 11).wall).toBe(ms(120 - 1_000));
    expect(tick(step, 16).wall).toBe(ms(170));
  });

  test('clock-step with an end jumps back', () => {
    const faults = [plan.ntpLoss({ at: 0, node: 'a' }), plan.clockStep({ ...lasts, node: 'a', by: '-1s' })];
    const { ticks } = runUnder(faults).seen('a');
    expect([ticks[12]?.wall, ticks[22]?.wall]).toEqual([ms(130 - 1_000), ms(230)]);
  });

  test('clock-drift slows both clocks and the timers', () => {
    const { ticks } = runUnder([FELT['clock-drift']]).seen('a');
    expect(ticks.filter(({ at: time }) => time > ms(100) && time <= ms(200)).map(({ at: time }) => time)).toEqual(
      [120, 140, 160, 180, 200].map(ms),
    );
    expect(ticks.find(({ at: time }) => time === ms(140))?.monotonic).toBe(ms(120));
  });

  test('clock-freeze stops one clock: the wall clock alone stops no timer', () => {
    const wall = runUnder([
      plan.ntpLoss({ at: 0, node: 'a' }),
      plan.clockFreeze({ ...lasts, node: 'a', clock: 'wall' }),
    ]).seen('a');
    expect(wall.ticks[15]).toMatchObject({ at: ms(160), wall: ms(100), monotonic: ms(160) });
    expect(wall.ticks[25]).toMatchObject({ at: ms(260), wall: ms(160) });
    const monotonic = runUnder([plan.clockFreeze({ ...lasts, node: 'a', clock: 'monotonic' })]).seen('a');
    expect(
      within(
        monotonic.ticks.map(({ at: time }) => time),
        ms(99),
        ms(199),
      ),
    ).toBe(0);
    expect(monotonic.ticks.at(-1)).toMatchObject({ monotonic: ms(200), wall: ms(300) });
  });

  test('ntp-loss lets a drifting clock drift', () => {
    const faults = [plan.clockDrift({ at: 0, node: 'a', ppm: 100_000 })];
    const error = (more: Fault[]): number =>
      Math.abs(runUnder([...faults, ...more], { until: s(5) }).world.named('a').clock.wallError);
    expect(error([plan.ntpLoss({ at: 0, node: 'a' })])).toBe(ms(500));
    expect(error([])).toBeLessThan(ms(200));
  });
});

describe('a disk fault', () => {
  const recovered = (faults: Fault[]): number[] =>
    runUnder([...faults, plan.restart({ at: '155ms', node: 'a' })]).seen('a').recovered;
  const numbers = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

  test('disk-slow stretches flushes', () => {
    expect(runUnder([FELT['disk-slow']]).seen('a').flushed[10]).toBe(ms(115));
  });

  test('disk-full fails writes and keeps what is there', () => {
    expect(new Set(runUnder([FELT['disk-full']]).seen('a').errors)).toEqual(new Set(['disk-full']));
    expect(recovered([FELT['disk-full']])).toEqual(numbers(9));
  });

  test('fsync-fail fails flushes, and what they were for is never durable', () => {
    expect(new Set(runUnder([FELT['fsync-fail']]).seen('a').errors)).toEqual(new Set(['fsync-failed']));
    expect(recovered([FELT['fsync-fail']])).toEqual(numbers(9));
  });

  test('lost-writes shows only at the next crash', () => {
    expect(runUnder([FELT['lost-writes']]).seen('a').errors).toEqual([]);
    expect(recovered([FELT['lost-writes']])).toEqual(numbers(9));
  });

  test('torn-write tears the last write at the next crash, and at no other', () => {
    const crashes = [withPending, plan.crash({ at: '166ms', for: '20ms', node: 'a' })];
    const run = runUnder([plan.tornWrite({ at, node: 'a' }), ...crashes.slice(0, 1)]);
    expect(run.seen('a').damaged).toEqual(['log[10]']);
    expect(runUnder([plan.tornWrite({ at, node: 'a' }), ...crashes]).counts['F1']).toBe(1);
  });

  test('bit-rot damages the share that it says, and the same records every time', () => {
    const rot = plan.bitRot({ at: '2s', node: 'a', probability: 0.25 });
    const damaged = (): string[] =>
      runUnder([rot, plan.restart({ at: '2.001s', node: 'a' })], { until: s(2.1) }).seen('a').damaged;
    expect(Math.abs(damaged().length / 199 - 0.25)).toBeLessThan(0.1);
    expect(damaged()).toEqual(damaged());
  });
});

describe('a fault of many nodes', () => {
  test('zone-outage takes a zone down, or cuts it off with its insides whole', () => {
    const crashed = runUnder([FELT['zone-outage']], { until: ms(150) }).world.nodes.map(({ status }) => status);
    expect(crashed).toEqual(['crashed', 'crashed', 'up']);
    const isolated = runUnder([plan.zoneOutage({ ...lasts, zone: 'z1', mode: 'isolate' })]);
    expect(within(heardFrom(isolated, 'b', 'a'), ms(100), ms(200))).toBe(ALL);
    expect(within(heardFrom(isolated, 'c', 'a'), ms(100), ms(200))).toBe(0);
    expect(within(heardFrom(isolated, 'a', 'c'), ms(100), ms(200))).toBe(0);
  });

  test('region-outage takes every zone of the region', () => {
    const { world } = runUnder([FELT['region-outage']], { until: ms(150) });
    expect(world.nodes.map(({ status }) => status)).toEqual(['crashed', 'crashed', 'crashed']);
  });

  test('correlated hits one after the other and ends for all at once', () => {
    const states = (mode: 'crash' | 'pause', until: number) =>
      runUnder([plan.correlated({ ...lasts, nodes: ['c', 'a'], mode, stagger: '20ms' })], {
        until: ms(until),
      }).world.nodes.map(({ status }) => status);
    expect(states('crash', 110)).toEqual(['up', 'up', 'crashed']);
    expect(states('crash', 130)).toEqual(['crashed', 'up', 'crashed']);
    expect(states('crash', 205)).toEqual(['up', 'up', 'up']);
    expect(states('pause', 130)).toEqual(['paused', 'up', 'paused']);
    expect(states('pause', 200)).toEqual(['up', 'up', 'up']);
  });
});

describe('a load fault', () => {
  test('traffic-spike multiplies the rate, and spikes multiply each other', () => {
    const spikes = [
      plan.trafficSpike({ ...lasts, factor: 3 }),
      plan.trafficSpike({ at: '150ms', for: '100ms', nodes: 'a', factor: 2 }),
    ];
    const rates = runUnder(spikes)
      .seen('a')
      .ticks.map(({ rate }) => rate);
    expect([rates[5], rates[12], rates[17], rates[22], rates[27]]).toEqual([1, 3, 6, 2, 1]);
  });

  test('hot-key sends its share to one key', () => {
    const run = runUnder([plan.hotKey({ at: 0, key: 'hot', share: 0.4, nodes: ['a'] })], { until: s(10) });
    const share = run.seen('a').ticks.filter(({ key }) => key === 'hot').length / run.seen('a').ticks.length;
    expect(Math.abs(share - 0.4)).toBeLessThan(0.05);
    expect(run.seen('b').ticks.every(({ key }) => key === 'own')).toBe(true);
  });

  test('brown-out refuses its share of the requests and slows the rest', () => {
    const run = runUnder([plan.brownOut({ at: 0, node: 'a', probability: 0.5, factor: 3 })], { until: s(10) });
    const refused = run.seen('b').errors.filter((code) => code === 'unavailable').length;
    expect(Math.abs(refused / 500 - 0.5)).toBeLessThan(0.07);
    expect(run.seen('a').worked[0]).toBe(ms(17));
  });
});
