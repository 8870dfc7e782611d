import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { canonicalJson, copyOf } from '../../sim/base/json.ts';
import { isSameData } from '../../sim/base/same-data.ts';
import { Digest } from '../../sim/trace/digest.ts';
import { StateDigest } from '../../sim/trace/state-digest.ts';

const digestOf = (value: unknown): string => {
  const digest = new Digest();
  new StateDigest(digest).fold(value);
  return digest.hex();
};

/** State as a node may hold it; −0, which a digest takes for 0, and NaN, which JSON text quotes, are left out. */
const state = fc.letrec((tie) => ({
  value: fc.oneof({ maxDepth: 4 }, tie('leaf'), tie('array'), tie('record'), tie('map'), tie('set')),
  leaf: fc.oneof(
    fc.constantFrom(null, true, false, '', 'x', '1', 0, 1, -1, 0.5, 2 ** 40),
    fc.string(),
    fc.integer(),
    fc.double({ noNaN: true }).filter((x) => !Object.is(x, -0)),
  ),
  array: fc.array(tie('value'), { maxLength: 4 }),
  record: fc.dictionary(fc.constantFrom('a', 'b', 'c', 'constructor'), tie('value')),
  map: fc
    .array(fc.tuple(fc.string({ maxLength: 2 }), tie('value')), { maxLength: 3 })
    .map((entries) => new Map(entries)),
  set: fc.uniqueArray(fc.string({ maxLength: 2 }), { maxLength: 3 }).map((items) => new Set(items)),
})).value;

/** The same data with the fields of every record made in the opposite order. */
function turned(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(turned);
  if (value instanceof Map) return new Map([...value].map(([key, item]) => [key, turned(item)]));
  if (typeof value !== 'object' || value === null || value instanceof Set) return value;
  return Object.fromEntries(Object.entries(value).reverse().map(([key, item]) => [key, turned(item)])); // prettier-ignore
}

describe('the digest of a state', () => {
  test('is equal exactly when the canonical text is', () => {
    fc.assert(
      fc.property(state, state, (a, b) =>
        expect(digestOf(a) === digestOf(b)).toBe(canonicalJson(a) === canonicalJson(b)),
      ),
      { numRuns: 1_000 },
    );
  });

  test('does not depend on the order in which fields were made', () => {
    fc.assert(fc.property(state, (value) => expect(digestOf(turned(value))).toBe(digestOf(value))));
  });

  test('keeps apart what is nested otherwise', () => {
    const apart = [
      [],
      [[]],
      [[], []],
      {},
      [{}],
      { a: {} },
      { a: [] },
      { a: null },
      new Map(),
      new Set(),
      '',
      'a',
      ['a'],
      null,
    ];
    expect(new Set(apart.map(digestOf)).size).toBe(apart.length);
  });

  test('does not tell an undefined field from an absent one, bytes from an array, an opaque value from its snapshot', () => {
    expect(digestOf({ a: 1, b: undefined })).toBe(digestOf({ a: 1 }));
    expect(digestOf(new Uint8Array([1, 2]))).toBe(digestOf([1, 2]));
    expect(digestOf([{ snapshot: () => [1] }])).toBe(digestOf([[1]]));
    expect(digestOf(10n)).not.toBe(digestOf(10));
  });

  test('refuses functions and cycles', () => {
    const cycle: { self?: unknown } = {};
    cycle.self = cycle;
    expect(() => digestOf([() => 1])).toThrow(/plain data: found a function/);
    expect(() => digestOf(cycle)).toThrow(/a cycle/);
  });
});

describe('a glance at two values', () => {
  test('sees that copies are the same, whatever the order of their fields', () => {
    const plain = fc.jsonValue();
    fc.assert(fc.property(plain, (value) => expect(isSameData(value, turned(copyOf(value)))).toBe(true)));
  });

  test('never takes different data for the same', () => {
    fc.assert(
      fc.property(state, state, (a, b) => {
        if (isSameData(a, b)) expect(canonicalJson(a)).toBe(canonicalJson(b));
      }),
      { numRuns: 1_000 },
    );
    expect(isSameData({ a: 1 }, { a: 1, b: 2 })).toBe(false);
    expect(isSameData({ a: 1, b: 2 }, { a: 1 })).toBe(false);
    expect(isSameData(new Map([['a', 1]]), new Map([['a', 2]]))).toBe(false);
    expect(isSameData({}, { constructor: 1 })).toBe(false);
    expect(isSameData({}, [])).toBe(false);
  });
});
