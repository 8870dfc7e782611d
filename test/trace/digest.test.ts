import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Digest, textDigest } from '../../sim/trace/digest.ts';

const digestOf = (values: readonly number[]): string => {
  const digest = new Digest();
  for (const value of values) digest.fold(value);
  return digest.hex();
};

const changedBits = (a: string, b: string): number => {
  let difference = BigInt(`0x${a}`) ^ BigInt(`0x${b}`);
  let bits = 0;
  for (; difference !== 0n; difference &= difference - 1n) bits += 1;
  return bits;
};

describe('a digest', () => {
  test('keeps its golden values', () => {
    expect(digestOf([])).toBe('6243d858073c505d');
    expect(digestOf([0])).toBe('c83b7332fdfd6c04');
    expect(digestOf([1, 2, 3, -4, 2 ** 31, 0.1, Infinity, NaN])).toBe('06a60618aa08192d');
    expect(textDigest('')).toBe('bd3962d751b5b982');
    expect(textDigest('the orrery turns: a→b ✓')).toBe('6513d962265e6ede');
  });

  test('is equal for equal sequences and different for different ones', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.integer(), fc.double({ noNaN: true }))), fc.array(fc.nat(3)), (a, b) => {
        expect(digestOf(a)).toBe(digestOf([...a]));
        expect(digestOf(b) === digestOf(a)).toBe(a.length === b.length && a.every((x, i) => x === b[i]));
      }),
    );
  });

  test('tells all short sequences of small numbers apart', () => {
    const seen = new Set<string>();
    let sequences = 0;
    for (let a = -1; a < 24; a++) {
      for (let b = -1; b < 24; b++) {
        for (let c = -1; c < 24; c++, sequences++) seen.add(digestOf([a, b, c]));
      }
    }
    for (let length = 0; length < 3; length++, sequences++) seen.add(digestOf(new Array<number>(length).fill(0)));
    expect(seen.size).toBe(sequences);
  });

  test('notices order', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer(), fc.array(fc.integer()), (a, b, rest) => {
        expect(digestOf([a, b, ...rest]) === digestOf([b, a, ...rest])).toBe(a === b);
      }),
    );
  });

  test('one flipped bit, early or late, changes each bit of the digest half of the time', () => {
    for (const place of [0, 5, 9]) {
      let changed = 0;
      const perBit = new Array<number>(64).fill(0);
      for (let round = 0; round < 60; round++) {
        const values = Array.from({ length: 10 }, (_, i) => Math.imul(round * 10 + i, 0x2545f491));
        const before = digestOf(values);
        for (let bit = 0; bit < 32; bit++) {
          const after = digestOf(values.with(place, values[place]! ^ (1 << bit)));
          changed += changedBits(before, after);
          const difference = BigInt(`0x${before}`) ^ BigInt(`0x${after}`);
          for (let i = 0; i < 64; i++) perBit[i]! += Number((difference >> BigInt(i)) & 1n);
        }
      }
      const trials = 60 * 32;
      expect(Math.abs(changed / trials - 32)).toBeLessThan(4 * Math.sqrt(16 / trials));
      for (const count of perBit) expect(Math.abs(count - trials / 2)).toBeLessThan(4.5 * Math.sqrt(trials / 4));
    }
  });

  test('takes doubles whole: every bit of the fraction counts, and no two integers pass for one', () => {
    expect(digestOf([0.1])).not.toBe(digestOf([0.1 + 2 ** -56]));
    expect(digestOf([2 ** 52])).not.toBe(digestOf([2 ** 52 - 1]));
    expect(digestOf([2 ** 32])).not.toBe(digestOf([0]));
    expect(digestOf([-0])).toBe(digestOf([0]));
    expect(digestOf([NaN])).not.toBe(digestOf([Infinity]));
  });

  test('texts are told apart, also where one ends and the next begins', () => {
    fc.assert(
      fc.property(fc.tuple(fc.string(), fc.string()), fc.tuple(fc.string(), fc.string()), (left, right) => {
        const [a, b] = [left, right].map((pair) => {
          const digest = new Digest();
          for (const text of pair) digest.foldText(text);
          return digest.hex();
        });
        expect(a === b).toBe(left[0] === right[0] && left[1] === right[1]);
      }),
    );
    expect(textDigest('a')).not.toBe(textDigest('a\0'));
  });

  test('reading does not disturb folding', () => {
    const [read, unread] = [new Digest(), new Digest()];
    read.fold(1);
    read.hex();
    read.fold(2);
    unread.fold(1);
    unread.fold(2);
    expect(read.hex()).toBe(unread.hex());
    expect(read.hex()).toMatch(/^[0-9a-f]{16}$/);
  });
});
