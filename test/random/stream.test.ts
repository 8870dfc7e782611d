import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { KeyedDraws } from '../../sim/random/keyed-draws.ts';
import { PairKeys } from '../../sim/random/pair-keys.ts';
import type { RandomSource } from '../../sim/random/random-source.ts';
import { RandomStream } from '../../sim/random/stream.ts';

const draws = (source: RandomSource, n: number): number[] => Array.from({ length: n }, () => source.next());

/** Pearson's statistic of values in [0, 1) over equal cells, as standard deviations from its mean. */
function unevenness(values: readonly number[], cells: number): number {
  const counts = new Array<number>(cells).fill(0);
  for (const value of values) counts[Math.floor(value * cells)]! += 1;
  const expected = values.length / cells;
  const chiSquare = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
  return (chiSquare - (cells - 1)) / Math.sqrt(2 * (cells - 1));
}

/** Correlation of two columns of uniforms, as standard deviations from 0. */
function correlation(xs: readonly number[], ys: readonly number[]): number {
  const sum = xs.reduce((total, x, i) => total + (x - 0.5) * (ys[i]! - 0.5), 0);
  return (sum * 12) / Math.sqrt(xs.length);
}

describe('a random stream', () => {
  test('repeats itself for the same seed and name', () => {
    expect(draws(new RandomStream('7', 'net'), 50)).toEqual(draws(new RandomStream('7', 'net'), 50));
  });

  test('keeps its golden values', () => {
    const stream = new RandomStream('golden', 'stream');
    expect(Array.from({ length: 5 }, () => stream.uint32())).toEqual([
      2212560564, 876081761, 2509856642, 3460614905, 3277702686,
    ]);
    expect(Array.from({ length: 8 }, () => stream.int(10))).toEqual([3, 3, 7, 0, 0, 8, 4, 0]);
    expect(stream.shuffle([1, 2, 3, 4, 5, 6, 7])).toEqual([2, 7, 1, 3, 4, 6, 5]);
  });

  test('does not mistake one split of the same letters for another', () => {
    const pairs = [
      ['ab', 'c'],
      ['a', 'bc'],
      ['', 'abc'],
      ['abc', ''],
      ['a/b', 'c'],
      ['a', 'b/c'],
      ['1:a', 'b'],
      ['abab', 'c'],
    ];
    const firsts = pairs.map(([seed, name]) => new RandomStream(seed!, name!).next());
    expect(new Set(firsts).size).toBe(pairs.length);
  });

  test('first draws of numbered streams are even and unrelated to their neighbours', () => {
    const firsts = Array.from({ length: 20_000 }, (_, i) => new RandomStream('seed', `node/${i}`).next());
    expect(Math.abs(unevenness(firsts, 256))).toBeLessThan(4);
    expect(Math.abs(correlation(firsts.slice(1), firsts.slice(0, -1)))).toBeLessThan(4);
    const bySeed = Array.from({ length: 20_000 }, (_, i) => new RandomStream(`${i}`, 'node').next());
    expect(Math.abs(unevenness(bySeed, 256))).toBeLessThan(4);
    expect(Math.abs(correlation(bySeed.slice(1), bySeed.slice(0, -1)))).toBeLessThan(4);
  });

  test.each([2, 3, 6, 7, 100])('int(%i) gives every value equally often', (n) => {
    const stream = new RandomStream('even', `int/${n}`);
    const values = Array.from({ length: 20_000 }, () => (stream.int(n) + 0.5) / n);
    expect(Math.abs(unevenness(values, n))).toBeLessThan(4);
  });

  test('int beyond 32 bits stays even: three quarters of 2^32 would show a bias of a third', () => {
    const stream = new RandomStream('even', 'wide');
    for (const n of [3 * 2 ** 30, 3 * 2 ** 40, 2 ** 52]) {
      const values = Array.from({ length: 20_000 }, () => stream.int(n) / n);
      expect(Math.abs(unevenness(values, 12))).toBeLessThan(4);
    }
  });

  test('every draw stays in its range', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 1, max: 2 ** 32 }), fc.integer(), fc.nat(), (seed, n, lo, width) => {
        const stream = new RandomStream(seed, 'range');
        const drawn = stream.int(n);
        const within = stream.between(lo, lo + width);
        return Number.isInteger(drawn) && drawn >= 0 && drawn < n && within >= lo && within <= lo + width;
      }),
    );
  });

  test('draws nothing where there is no choice', () => {
    const stream = new RandomStream('s', 'n');
    expect([stream.int(1), stream.between(4, 4), stream.chance(0), stream.chance(1)]).toEqual([0, 4, false, true]);
    expect([stream.pick(['x']), stream.shuffle(['y']), stream.shuffle([])]).toEqual(['x', ['y'], []]);
    expect(stream.next()).toBe(new RandomStream('s', 'n').next());
  });

  test('chance(p) comes true p of the time', () => {
    const stream = new RandomStream('s', 'chance');
    let hits = 0;
    for (let i = 0; i < 40_000; i++) if (stream.chance(0.2)) hits += 1;
    expect(Math.abs(hits - 8_000)).toBeLessThan(4 * Math.sqrt(40_000 * 0.2 * 0.8));
  });

  test('all orders of a shuffle are equally likely, and the input stays as it was', () => {
    const stream = new RandomStream('s', 'shuffle');
    const input = Object.freeze([0, 1, 2, 3]);
    const orders = new Map<string, number>();
    for (let i = 0; i < 24_000; i++) {
      const order = stream.shuffle(input).join('');
      orders.set(order, (orders.get(order) ?? 0) + 1);
    }
    expect(orders.size).toBe(24);
    const chiSquare = [...orders.values()].reduce((sum, n) => sum + (n - 1_000) ** 2 / 1_000, 0);
    expect(Math.abs(chiSquare - 23)).toBeLessThan(4 * Math.sqrt(46));
  });

  test('refuses what has no meaning, and says which field', () => {
    const stream = new RandomStream('s', 'n');
    expect(() => stream.int(0)).toThrow('n: got 0, expected a whole number from 1 to 2^52');
    expect(() => stream.int(2.5)).toThrow('n: got 2.5');
    expect(() => stream.between(3, 2)).toThrow('hi: got 2, expected a whole number of at least 3');
    expect(() => stream.chance(1.01)).toThrow('p: got 1.01, expected a probability from 0 to 1');
    expect(() => stream.chance(NaN)).toThrow('p: got');
    expect(() => stream.pick([])).toThrow('items: got []');
  });
});

describe('keyed draws', () => {
  const keys = [
    ['seed', 'net/a→b'],
    ['seed', 'net/b→a'],
    ['0', ''],
    ['1', ''],
  ] as const;

  test('keep their golden values', () => {
    const keyed = new KeyedDraws('golden', 'net/a→b');
    const values = [0, 1, 2 ** 32, 2 ** 40 + 5].flatMap((index) => draws(keyed.at(index), 2).map((u) => u * 2 ** 32));
    expect(values).toEqual([
      778213925, 1477109739, 677488571, 3212924745, 389324383, 3730022473, 1482761716, 2752546206,
    ]);
  });

  test('a draw depends on key, index and lane, not on what was drawn before', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(1_000), fc.nat(5))), fc.nat(2 ** 31), fc.nat(8), (before, index, lane) => {
        const fresh = draws(new KeyedDraws('s', 'l').at(index), lane + 1);
        const used = new KeyedDraws('s', 'l');
        for (const [i, n] of before) draws(used.at(i), n);
        expect(draws(used.at(index), lane + 1)).toEqual(fresh);
      }),
    );
  });

  test.each(keys)('lanes of (%s, %s) are even and unrelated to each other and to their neighbours', (seed, name) => {
    const keyed = new KeyedDraws(seed, name);
    const rows = Array.from({ length: 30_000 }, (_, i) => draws(keyed.at(i), 4));
    const lanes = [0, 1, 2, 3].map((lane) => rows.map((row) => row[lane]!));
    let worst = 0;
    for (const [i, lane] of lanes.entries()) {
      worst = Math.max(worst, Math.abs(unevenness(lane, 256)));
      for (const gap of [1, 2, 16, 256]) worst = Math.max(worst, Math.abs(correlation(lane.slice(gap), lane)) * 1);
      for (const other of lanes.slice(i + 1)) worst = Math.max(worst, Math.abs(correlation(lane, other)));
      const lowBits = lane.map((u) => (u * 2 ** 24) % 1);
      worst = Math.max(worst, Math.abs(unevenness(lowBits, 256)));
    }
    expect(worst).toBeLessThan(4.5);
  });

  test('pairs of neighbouring draws fill the square evenly', () => {
    const keyed = new KeyedDraws('seed', 'square');
    const cells = Array.from({ length: 50_000 }, (_, i) => {
      const [x, y] = draws(keyed.at(i), 2) as [number, number];
      const next = keyed.at(i + 1).next();
      return (Math.floor(x * 8) * 64 + Math.floor(y * 8) * 8 + Math.floor(next * 8) + 0.5) / 512;
    });
    expect(Math.abs(unevenness(cells, 512))).toBeLessThan(4);
  });

  test('two links share no luck', () => {
    const [a, b] = [new KeyedDraws('seed', 'net/a→b'), new KeyedDraws('seed', 'net/a→c')];
    const xs = Array.from({ length: 30_000 }, (_, i) => a.at(i).next());
    const ys = Array.from({ length: 30_000 }, (_, i) => b.at(i).next());
    expect(Math.abs(correlation(xs, ys))).toBeLessThan(4);
  });

  test('one changed bit of the index changes each bit of the draw half of the time', () => {
    const keyed = new KeyedDraws('seed', 'avalanche');
    const bitsOf = (index: number): number => (keyed.at(index).next() * 2 ** 32) | 0;
    for (let flipped = 0; flipped < 40; flipped++) {
      let changed = 0;
      for (let i = 0; i < 1_000; i++) {
        const index = i * 64_019;
        const bit = Math.floor(index / 2 ** flipped) % 2;
        let difference = bitsOf(index) ^ bitsOf(index + (bit === 1 ? -1 : 1) * 2 ** flipped);
        for (; difference !== 0; difference &= difference - 1) changed += 1;
      }
      expect(Math.abs(changed - 16_000)).toBeLessThan(4.5 * Math.sqrt(32_000 / 4));
    }
  });
});

describe('keys of pairs', () => {
  const first = (keys: PairKeys, from: number, to: number, index = 0): number =>
    new KeyedDraws('', '').under(keys.first(from, to), keys.second(from, to), index).next();
  const named = (seed: string, names: readonly string[]): PairKeys => {
    const keys = new PairKeys(seed, 'net');
    names.forEach((name, place) => keys.set(place, name));
    return keys;
  };

  test('keep their golden values', () => {
    const keys = named('golden', ['a', 'b']);
    expect([keys.first(0, 1), keys.second(0, 1), keys.first(1, 0), keys.second(1, 0)]).toEqual([
      -1304789063, -1721861363, 676855472, -2083330526,
    ]);
  });

  test('depend on the seed and the two names, not on the places or on other names', () => {
    const few = named('s', ['a', 'b']);
    const many = named('s', ['c', 'b', 'd', 'a']);
    expect([few.first(0, 1), few.second(0, 1)]).toEqual([many.first(3, 1), many.second(3, 1)]);
    expect(first(few, 0, 1)).not.toBe(first(few, 1, 0));
    expect(first(few, 0, 1)).not.toBe(first(named('t', ['a', 'b']), 0, 1));
  });

  test('the links of 300 numbered nodes share no luck, and it is even', () => {
    const names = Array.from({ length: 300 }, (_, i) => `n${i + 1}`);
    const keys = named('seed', names);
    const column = (index: number): number[] =>
      names.flatMap((_, from) => names.map((__, to) => first(keys, from, to, index)));
    const [xs, ys] = [column(0), column(1)];
    let worst = Math.max(Math.abs(unevenness(xs, 256)), Math.abs(unevenness(ys, 256)), Math.abs(correlation(xs, ys)));
    // Neighbours in both directions, the way back, and a bit more.
    const back = names.flatMap((_, from) => names.map((__, to) => xs[to * 300 + from]!));
    const oneWay = xs.filter((_, i) => Math.floor(i / 300) < i % 300);
    worst = Math.max(
      worst,
      Math.abs(
        correlation(
          oneWay,
          back.filter((_, i) => Math.floor(i / 300) < i % 300),
        ),
      ),
    );
    for (const gap of [1, 2, 299, 300, 301]) {
      worst = Math.max(worst, Math.abs(correlation(xs.slice(gap), xs.slice(0, xs.length - gap))));
    }
    expect(worst).toBeLessThan(4.5);
    // 90,000 pairs of keys of 64 bits: none twice.
    const seen = new Set(
      names.flatMap((_, from) => names.map((__, to) => `${keys.first(from, to)} ${keys.second(from, to)}`)),
    );
    expect(seen.size).toBe(90_000);
  });
});
