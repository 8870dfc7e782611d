import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ms, s } from '../../sim/base/time.ts';
import { defineActor, type NodeRef } from '../../sim/world/actor.ts';
import { reject, type CallError } from '../../sim/world/call-error.ts';
import { PairKeys } from '../../sim/random/pair-keys.ts';
import { crash } from '../../sim/world/lifecycle.ts';
import type { Condition, Disturbance } from '../../sim/world/link.ts';
import { LinkTable } from '../../sim/world/link-table.ts';
import type { NetworkOptions } from '../../sim/world/topology.ts';
import { World } from '../../sim/world/world.ts';
import { drive, runner } from '../support/bare-world.ts';

interface Sink {
  put(n: number): void;
  ask(n: number): number;
}

const sink = (world: () => World) =>
  defineActor<{ got: number[]; at: number[] }, Sink>({
    role: 'sink',
    init: () => ({ got: [], at: [] }),
    on: {
      put(state, n) {
        state.got.push(n);
        state.at.push(world().now);
      },
    },
    flows: {
      *ask(n, ctx) {
        yield* ctx.sleep(ms(20));
        return n;
      },
    },
  });

/** Node a sends `count` numbers to node b, one each `gap` µs. */
function sending(count: number, gap: number, links: NetworkOptions, seed = 'net') {
  const world: World = new World({ seed });
  world.links({ latency: { kind: 'constant', value: 1_000 }, ...links });
  const to = world.node<{ got: number[]; at: number[] }, Sink>('b', { actor: sink(() => world) });
  world.node('a', {
    actor: runner(function* (ctx) {
      for (let n = 0; n < count; n++) {
        ctx.send(to, 'put', n);
        yield* ctx.sleep(gap);
      }
    }),
  });
  world.start();
  return { world, to, received: () => world.named('b').state as { got: number[]; at: number[] } };
}

const between = (world: World, disturbance: Disturbance, from: number, to: number) => {
  const condition: Condition = {
    name: 'F',
    disturbance,
    effect: { count: 0 },
    applies: (x, y) => x.id === 'a' && y.id === 'b',
  };
  world.at(from, { fire: () => world.network.impose(condition) });
  world.at(to, { fire: () => world.network.lift(condition) });
  return condition.effect;
};

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);
const conserved = (world: World): boolean =>
  world.countInFlight() === world.network.inFlight && world.network.inFlight === 0;

describe('a datagram link', () => {
  test('loses with its probability', () => {
    const { world, received } = sending(10_000, 10, { loss: 0.1 });
    drive(world, s(1));
    expect(Math.abs(received().got.length - 9_000)).toBeLessThan(4 * 30);
    expect(conserved(world)).toBe(true);
  });

  test('duplicates with its probability', () => {
    const { world, received } = sending(10_000, 10, { duplicate: 0.1 });
    drive(world, s(1));
    expect(Math.abs(received().got.length - 11_000)).toBeLessThan(4 * 30);
    expect(world.network.duplicated).toBe(received().got.length - 10_000);
    expect(conserved(world)).toBe(true);
  });

  test.each([
    [0, true],
    [1, false],
  ])('with copies at %p, a refusal is definite: %p', (duplicate, definite) => {
    const world = new World({ seed: 'doubled' });
    world.links({ latency: { kind: 'constant', value: 1_000 }, duplicate });
    // Refuses the one and serves the other: so it is with whoever sees the two at different times.
    const picky = defineActor<{ seen: number }, { ask(n: number): number }>({
      role: 'picky',
      init: () => ({ seen: 0 }),
      on: {
        ask(state, n) {
          if (state.seen++ === 0) throw reject('not-now');
          return n;
        },
      },
    });
    const b = world.node('b', { actor: picky });
    const a = world.node('a', {
      actor: runner(function* (ctx, log) {
        try {
          yield* ctx.call(b, 'ask', 1);
        } catch (error) {
          log(`${(error as CallError).code} ${(error as CallError).definite}`);
        }
      }),
    });
    drive(world, s(1));
    expect(world.named(a.id).state).toEqual([`not-now ${definite}`]);
  });

  test('that reorders lets messages overtake, and loses none', () => {
    const { world, received } = sending(1_000, 10, { reorder: 0.2, reorderWindow: ms(5) });
    drive(world, s(1));
    const { got } = received();
    expect(got).not.toEqual(range(0, 1_000));
    expect(got.toSorted((x, y) => x - y)).toEqual(range(0, 1_000));
  });

  test('with a bandwidth sends one message after the other', () => {
    const { world, received } = sending(3, 0, { bytesPerSecond: 512_000 });
    drive(world, s(1));
    expect(received().at).toEqual([2_000, 3_000, 4_000]);
  });

  test('that is cut loses what is sent and what is in flight', () => {
    const { world, received } = sending(10, 500, {});
    const effect = between(world, { kind: 'drop' }, 1_250, 3_100);
    drive(world, s(1));
    // Sent at 0, 500, 1000 …; delivered 1 ms later. In flight at the cut: 1 and 2; sent during it: 3 to 6.
    expect(received().got).toEqual([0, 7, 8, 9]);
    expect(effect.count).toBe(6);
    expect(world.network.dropped).toBe(6);
  });

  test('that is clogged holds everything and releases it in order', () => {
    const { world, received } = sending(10, 500, {});
    const effect = between(world, { kind: 'hold' }, 1_250, 3_100);
    drive(world, s(1));
    expect(received().got).toEqual(range(0, 10));
    // The two that were in flight have paid their latency; the four that were sent into the clog pay it now.
    expect(received().at.slice(1, 7)).toEqual([3_100, 3_100, 4_100, 4_100, 4_100, 4_100]);
    expect(effect.count).toBe(6);
    expect(conserved(world)).toBe(true);
  });

  test('that is slowed delays what is sent then, and nothing else', () => {
    const { world, received } = sending(4, 1_000, {});
    between(world, { kind: 'delay', factor: 3 }, 500, 1_500);
    drive(world, s(1));
    expect(received().at).toEqual([1_000, 3_000, 4_000, 4_000]);
  });
});

describe('a stream', () => {
  test('delivers in order, without gap or duplicate, whatever the loss and the cuts', () => {
    const cut = fc.record({ from: fc.integer({ min: 0, max: 400_000 }), length: fc.integer({ min: 1, max: 900_000 }) });
    fc.assert(
      fc.property(
        fc.array(cut, { maxLength: 3 }),
        fc.double({ min: 0, max: 0.15, noNaN: true }),
        fc.string({ minLength: 1 }),
        (cuts, loss, seed) => {
          const latency = { kind: 'uniform', min: 100, max: 9_000 } as const;
          const { world, received } = sending(60, 7_000, { transport: 'stream', loss, latency }, seed);
          for (const { from, length } of cuts) between(world, { kind: 'drop' }, from, from + length);
          drive(world, s(60));
          return received().got.join() === range(0, 60).join() && conserved(world);
        },
      ),
      { numRuns: 60 },
    );
  });

  test('that stays cut is reset, and an open call learns it', () => {
    const world: World = new World({ seed: 'reset' });
    world.links({ latency: { kind: 'constant', value: 1_000 }, transport: 'stream' });
    const to: NodeRef<Sink> = world.node<{ got: number[]; at: number[] }, Sink>('b', { actor: sink(() => world) });
    world.node('a', {
      actor: runner(function* (ctx, say) {
        try {
          yield* ctx.call(to, 'ask', 1, { deadline: s(60) });
        } catch (error) {
          say(`${(error as CallError).code} after ${Math.round(ctx.clock.monotonic / s(1))} s`);
        }
      }),
    });
    world.start();
    between(world, { kind: 'drop' }, 0, s(100));
    drive(world, s(50));
    expect(world.named('a').state).toEqual(['reset after 15 s']);
  });

  test.each(['datagram', 'stream'] as const)(
    'the crash of the callee over %s is seen as its transport shows it',
    (transport) => {
      const world: World = new World({ seed: 'crash' });
      world.links({ latency: { kind: 'constant', value: 1_000 }, transport });
      const to: NodeRef<Sink> = world.node<{ got: number[]; at: number[] }, Sink>('b', { actor: sink(() => world) });
      world.node('a', {
        actor: runner(function* (ctx, say) {
          for (const _ of [1, 2]) {
            try {
              yield* ctx.call(to, 'ask', 1, { deadline: ms(500) });
            } catch (error) {
              say(`${(error as CallError).code} at ${ctx.clock.monotonic}`);
            }
          }
        }),
      });
      world.start();
      world.at(ms(5), { fire: () => void crash(world, world.named('b')) });
      drive(world, s(5));
      const expected =
        transport === 'stream' ? ['reset at 6000', 'reset at 8000'] : ['timeout at 500000', 'timeout at 1000000'];
      expect(world.named('a').state).toEqual(expected);
    },
  );
});

describe('draws of the network', () => {
  test('on one link do not depend on what happens on another', () => {
    const times = (others: number): number[] => {
      const world: World = new World({ seed: 'keyed' });
      world.links({ latency: { kind: 'exponential', mean: 1_000 } });
      const b = world.node<{ got: number[]; at: number[] }, Sink>('b', { actor: sink(() => world) });
      const c = world.node<{ got: number[]; at: number[] }, Sink>('c', { actor: sink(() => world) });
      world.node('a', {
        actor: runner(function* (ctx) {
          for (let n = 0; n < 50; n++) {
            ctx.send(b, 'put', n);
            for (let i = 0; i < others; i++) ctx.send(c, 'put', i);
            yield* ctx.sleep(100);
          }
        }),
      });
      drive(world, s(1));
      return (world.named('b').state as { at: number[] }).at;
    };
    expect(times(3)).toEqual(times(0));
  });
});

describe('links', () => {
  test('each counts its own messages and keeps its key, however many there are', () => {
    const keys = new PairKeys('seed', 'net');
    const table = new LinkTable(keys);
    const counts = new Map<string, number>();
    let wrong = 0;
    for (let i = 0; i < 30_000; i++) {
      const [from, to] = [(i * 7) % 61, (i * i) % 101];
      const link = `${from}→${to}`;
      const row = table.row(from, to);
      if (table.key(row) !== keys.first(from, to) || table.count(row) !== (counts.get(link) ?? 0)) wrong++;
      counts.set(link, (counts.get(link) ?? 0) + 1);
    }
    expect(wrong).toBe(0);
    expect(table.size).toBe(counts.size);
    expect(table.size).toBeGreaterThan(2_000);
  });

  test('draw the same luck and count on through a fault that changes nothing', () => {
    const arrivals = (isBent: boolean): readonly number[] => {
      const { world, received } = sending(20, 5_000, { latency: { kind: 'exponential', mean: 1_000 } });
      // Messages then go by another path, and take as long.
      if (isBent) between(world, { kind: 'delay', factor: 1 }, ms(22), ms(42));
      drive(world, s(1));
      return received().at;
    };
    expect(arrivals(true)).toEqual(arrivals(false));
  });
});
