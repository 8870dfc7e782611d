import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ms, s } from '../../sim/base/time.ts';
import type { CallError } from '../../sim/world/call-error.ts';
import { crash, destroy, pause, restart, resume } from '../../sim/world/lifecycle.ts';
import { NodeClock } from '../../sim/world/node-clock.ts';
import { defineActor } from '../../sim/world/actor.ts';
import type { NodeOptions } from '../../sim/world/node.ts';
import type { World } from '../../sim/world/world.ts';
import { drive, logOf, newWorld } from '../support/bare-world.ts';

const at = (world: World, when: number, act: () => void): void => void world.at(when, { fire: act });

/** Ticks every 10 ms on its own clock and keeps the true times; counts boots on its disk. */
const ticker = (world: () => World) =>
  defineActor<{ ticks: number[]; boots: number }, { poke(p: object): void }>({
    role: 'ticker',
    init: () => ({ ticks: [], boots: 1 }),
    recover: (disk) => ({ ticks: [], boots: (disk.read<number>('boots') ?? 0) + 1 }),
    start(state, ctx) {
      ctx.disk.write('boots', state.boots);
      ctx.setTimer('tick', ms(10));
    },
    on: {
      poke(state) {
        state.ticks.push(-world().now);
      },
    },
    timers: {
      tick(state, ctx) {
        state.ticks.push(world().now);
        ctx.setTimer('tick', ms(10));
      },
    },
  });

function tickerWorld(options: Partial<NodeOptions<never, never>> = {}): World {
  const world: World = newWorld();
  world.node('n', { ...options, actor: ticker(() => world) });
  world.start();
  return world;
}

const ticksOf = (world: World): number[] => (world.named('n').state as { ticks: number[] }).ticks;

describe('a node clock', () => {
  test('with drift lets timers fire at its own rate', () => {
    const world = tickerWorld({ clock: { driftPpm: 250_000 } });
    drive(world, ms(25));
    expect(ticksOf(world)).toEqual([8_000, 16_000, 24_000]);
  });

  test('that changes its rate moves the timers that are armed', () => {
    const world = tickerWorld();
    at(world, ms(5), () => world.named('n').clock.addDrift(-500_000));
    at(world, ms(17), () => world.named('n').clock.addDrift(500_000));
    drive(world, ms(40));
    // 5 ms left at half rate: due at 15; then 10 ms armed at half rate, 9 left of them at 17.
    expect(ticksOf(world)).toEqual([15_000, 26_000, 36_000]);
  });

  test('that is frozen fires no timer, and goes on where it stopped', () => {
    const world = tickerWorld();
    at(world, ms(4), () => world.named('n').clock.freeze('monotonic'));
    at(world, ms(100), () => world.named('n').clock.unfreeze('monotonic'));
    drive(world, ms(120));
    expect(ticksOf(world)).toEqual([106_000, 116_000]);
  });

  test('reads offset plus drift plus steps, exactly, whatever is done to it', () => {
    const step = fc.record({
      wait: fc.integer({ min: 0, max: 1_000_000 }),
      by: fc.integer({ min: -500_000, max: 500_000 }),
    });
    fc.assert(
      fc.property(fc.integer({ min: -1_000, max: 1_000 }), fc.array(step, { maxLength: 8 }), (offset, steps) => {
        const virtual = { now: 0 };
        const clock = new NodeClock(virtual, { offset, driftPpm: 0 });
        let expected = offset;
        for (const { wait, by } of steps) {
          virtual.now += wait;
          clock.step(by);
          expected += by;
        }
        return clock.wall === virtual.now + expected && clock.monotonic === virtual.now && clock.wallError === expected;
      }),
    );
  });

  test('kept by NTP stays within the slew’s reach of true time', () => {
    const world = tickerWorld({ clock: { offset: 50_000, driftPpm: 100 }, ntp: { every: s(10), uncertainty: 0 } });
    drive(world, s(300));
    expect(Math.abs(world.named('n').clock.wallError)).toBeLessThan(1_100);
  });

  test('far off is stepped by NTP', () => {
    const world = tickerWorld({ clock: { offset: s(5) }, ntp: { uncertainty: 0 } });
    drive(world, 1);
    expect(world.named('n').clock.wallError).toBe(0);
  });
});

describe('the life cycle', () => {
  test('a crash stops timers, a restart boots from the disk and brings them back', () => {
    const world = tickerWorld({ disk: { crashKeeps: 'prefix' }, bootTime: ms(5) });
    const node = world.named('n');
    at(world, ms(25), () => crash(world, node));
    at(world, ms(60), () => restart(world, node));
    drive(world, ms(80));
    expect(node.status).toBe('up');
    expect(ticksOf(world)).toEqual([75_000]);
  });

  test('what arrives at a crashed node is lost, and counted', () => {
    const world = tickerWorld();
    const target = world.ref<{ poke(p: object): void }>('n');
    at(world, ms(1), () => crash(world, world.named('n')));
    at(world, ms(2), () => world.named('n').ctx.send(target, 'poke', {}));
    drive(world, ms(10));
    expect(world.network.dropped).toBe(1);
    expect(world.countInFlight()).toBe(world.network.inFlight);
  });

  test('a pause holds what arrives and what falls due, in order, until it ends', () => {
    const world = tickerWorld();
    const node = world.named('n');
    const effect = { count: 0 };
    at(world, ms(1), () => pause(world, node, effect));
    at(world, ms(2), () => world.named('n').ctx.send(world.ref<{ poke(p: object): void }>('n'), 'poke', {}));
    at(world, ms(50), () => resume(world, node, effect));
    drive(world, ms(55));
    expect(ticksOf(world)).toEqual([-50_000, 50_000]);
    expect(effect.count).toBe(2);
  });

  test('pauses nest: the last to end lets it go on', () => {
    const world = tickerWorld();
    const node = world.named('n');
    const [a, b] = [{ count: 0 }, { count: 0 }];
    at(world, 1, () => pause(world, node, a));
    at(world, 2, () => pause(world, node, b));
    at(world, ms(20), () => resume(world, node, a));
    at(world, ms(40), () => resume(world, node, b));
    drive(world, ms(45));
    expect(ticksOf(world)).toEqual([40_000]);
  });

  test('a crash in a pause forgets the timers that were held', () => {
    const world = tickerWorld({ bootTime: 1 });
    const node = world.named('n');
    at(world, ms(1), () => pause(world, node, { count: 0 }));
    at(world, ms(20), () => crash(world, node));
    at(world, ms(30), () => restart(world, node));
    drive(world, ms(45));
    expect(ticksOf(world)).toEqual([40_001]);
  });

  test('a node that is gone never comes back', () => {
    const world = tickerWorld();
    const node = world.named('n');
    at(world, ms(1), () => destroy(world, node));
    at(world, ms(2), () => restart(world, node));
    drive(world, s(1));
    expect(node.status).toBe('gone');
    expect(node.disk.read('boots')).toBeUndefined();
  });
});

/** How much work a server gets done between two instants, with these spans of pause or slowness. */
const workedBy =
  (faults: readonly (readonly [from: number, length: number, what: 'pause' | 2 | 4])[]) =>
  (from: number, to: number): number => {
    let work = 0;
    for (let now = from; now < to; now++) {
      const inForce = faults
        .filter(([start, length]) => start <= now && now < start + length)
        .map(([, , what]) => what);
      if (!inForce.includes('pause')) work += inForce.reduce((pace: number, what) => pace / (what as number), 1);
    }
    return work;
  };

describe('the CPU', () => {
  const working = (
    amounts: number[],
    cpu: NodeOptions<never, never>['cpu'],
    during?: (world: World) => void,
  ): string[] => {
    const world = newWorld();
    world.node('n', {
      ...(cpu === undefined ? {} : { cpu }),
      actor: {
        role: 'worker',
        init: () => [] as string[],
        start(_state, ctx) {
          amounts.forEach((amount, i) =>
            ctx.spawn(
              (function* () {
                let line = `${i}`;
                try {
                  yield* ctx.work(amount);
                } catch (error) {
                  line += ` ${(error as CallError).code}`;
                }
                ctx.update((state) => void state.push(`${line} at ${world.now}`));
              })(),
            ),
          );
        },
      },
    });
    world.start();
    during?.(world);
    drive(world, s(10));
    return world.named('n').state as string[];
  };

  test('works on as many pieces as it has servers, the rest queue in order', () => {
    expect(working([100, 50, 30], { servers: 2 })).toEqual(['1 at 50', '2 at 80', '0 at 100']);
  });

  test('refuses what does not fit into its queue', () => {
    expect(working([100, 50, 30], { servers: 1, queue: 1 })).toEqual(['2 queue-full at 0', '0 at 100', '1 at 150']);
  });

  test('stands still in a pause: work in progress is done that much later', () => {
    const log = working([100, 100], { servers: 1 }, (world) => {
      const effect = { count: 0 };
      at(world, 40, () => pause(world, world.named('n'), effect));
      at(world, 90, () => resume(world, world.named('n'), effect));
    });
    expect(log).toEqual(['0 at 150', '1 at 250']);
  });

  test('does what is left of its work slower while it is slow, and as fast as before when that ends', () => {
    const log = working([100, 100], { servers: 1 }, (world) => {
      const { cpu } = world.named('n');
      at(world, 40, () => (cpu.slowdown = 10));
      at(world, 240, () => (cpu.slowdown = 1));
    });
    // 60 left at 40; 40 left at 240.
    expect(log).toEqual(['0 at 280', '1 at 380']);
  });

  test('works off the same however slowness and pauses overlap', () => {
    const spans = fc.array(
      fc.tuple(fc.nat(400), fc.integer({ min: 1, max: 200 }), fc.constantFrom<'pause' | 2 | 4>('pause', 2, 4)),
      {
        maxLength: 4,
      },
    );
    fc.assert(
      fc.property(spans, (faults) => {
        const effect = { count: 0 };
        let books: { readonly workOverTime: number; readonly timeOfWork: number } | undefined;
        const log = working([200, 100, 300], { servers: 2 }, (world) => {
          const node = world.named('n');
          at(world, 450, () => (books = node.cpu.books));
          for (const [from, length, what] of faults) {
            at(world, from, () => (what === 'pause' ? pause(world, node, effect) : void (node.cpu.slowdown *= what)));
            at(world, from + length, () =>
              what === 'pause' ? resume(world, node, effect) : void (node.cpu.slowdown /= what),
            );
          }
        });
        // Little's law, with some of the work still there.
        expect(books?.workOverTime).toBe(books?.timeOfWork);
        const done = workedBy(faults);
        const ends = [200, 100, 300].map((_, i) =>
          Number(log.find((line) => line.startsWith(`${i} `))?.split(' at ')[1]),
        );
        // Two servers: the third begins when the second ends. Each change rounds to a microsecond.
        const worked = [
          done(0, ends[0] as number),
          done(0, ends[1] as number),
          done(ends[1] as number, ends[2] as number),
        ];
        worked.forEach((work, i) => expect(Math.abs(work - ([200, 100, 300][i] as number))).toBeLessThanOrEqual(5));
      }),
    );
  });

  test('loses everything in a crash', () => {
    const log = working([100, 100], { servers: 1 }, (world) =>
      at(world, 40, () => void crash(world, world.named('n'))),
    );
    expect(log).toEqual([]);
  });
});

describe('the disk', () => {
  test('flushes what is left of a flush slower while it is slow, and as fast as before when that ends', () => {
    const world = newWorld();
    world.node('n', {
      disk: { fsync: { kind: 'constant', value: 100 } },
      actor: {
        role: 'writer',
        init: () => [] as number[],
        start(_state, ctx) {
          for (let i = 0; i < 2; i++) {
            ctx.spawn(
              (function* () {
                yield* ctx.sleep(i);
                ctx.disk.append('log', i);
                yield* ctx.disk.fsync();
                ctx.update((state) => void state.push(world.now));
              })(),
            );
          }
        },
      },
    });
    world.start();
    const node = world.named('n');
    at(world, 40, () => (node.disk.slowdown = 10));
    at(world, 240, () => (node.disk.slowdown = 1));
    // Done at 280 while the node is paused: that it comes back to speed later must not move it.
    const effect = { count: 0 };
    at(world, 270, () => pause(world, node, effect));
    at(world, 290, () => (node.disk.slowdown = 2));
    at(world, 300, () => resume(world, node, effect));
    drive(world, s(1));
    // 60 left at 40, 40 left at 240; the second flush begins when the node hears of the first, at half speed.
    expect(node.state).toEqual([280 + 20, 300 + 200]);
  });

  const diskAfterCrash = (
    crashKeeps: 'nothing' | 'prefix' | 'subset' | 'torn',
    seed: string,
  ): { log: number[]; damage: string[] } => {
    const world = newWorld(seed);
    world.node('n', {
      disk: { crashKeeps, fsync: { kind: 'constant', value: 100 } },
      actor: {
        role: 'writer',
        init: () => ({}),
        recover: () => ({}),
        start(_state, ctx) {
          ctx.spawn(
            (function* () {
              for (let i = 0; i < 3; i++) ctx.disk.append('log', i);
              yield* ctx.disk.fsync();
              for (let i = 3; i < 8; i++) ctx.disk.append('log', i);
            })(),
          );
        },
      },
    });
    world.start();
    at(world, 500, () => void crash(world, world.named('n')));
    drive(world, s(1));
    const { disk } = world.named('n');
    return { log: disk.log<number>('log'), damage: disk.damage() };
  };
  const seeds = Array.from({ length: 30 }, (_, i) => `seed ${i}`);

  test('keeps what was synced and, of the rest, nothing', () => {
    expect(diskAfterCrash('nothing', 'x').log).toEqual([0, 1, 2]);
  });

  test('keeps a prefix of what was pending', () => {
    const lengths = new Set(seeds.map((seed) => diskAfterCrash('prefix', seed).log.length));
    expect([...lengths].every((n) => n >= 3 && n <= 8) && lengths.size > 3).toBe(true);
  });

  test('keeps a subset of what was pending', () => {
    const logs = seeds.map((seed) => diskAfterCrash('subset', seed).log.slice(3));
    expect(logs.some((log) => log.length > 0 && log[0] !== 3)).toBe(true);
  });

  test('tears the last record that it keeps, and reading stops before it', () => {
    for (const seed of seeds) {
      const { log, damage } = diskAfterCrash('torn', seed);
      expect(damage).toEqual([`log[${log.length}]`]);
      expect(log.slice(0, 3)).toEqual([0, 1, 2]);
    }
  });

  test('groups the flushes that wait for a running one', () => {
    const log = logOf(
      function* (ctx, say) {
        const flush = function* (name: string) {
          ctx.disk.write(name, 1);
          yield* ctx.disk.fsync();
          say(`${name} at ${ctx.clock.monotonic}`);
        };
        yield* ctx.all([flush('a'), flush('b'), flush('c')]);
      },
      { disk: { fsync: { kind: 'constant', value: 100 } } },
    );
    expect(log).toEqual(['a at 100', 'b at 200', 'c at 200']);
  });
});
