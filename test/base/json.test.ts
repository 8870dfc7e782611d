import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { canonicalJson, copyOf } from '../../sim/base/json.ts';

/** JSON with sorted keys, by the platform's own writer. */
const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => [key, sorted(item)]),
  );
};

/** JSON values whose keys are not array indexes, which objects keep in an order of their own. */
const jsonValue = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.string({ unit: 'binary' }),
    fc.integer(),
    fc.double({ noDefaultInfinity: true, noNaN: true }).map((x) => (Object.is(x, -0) ? 0 : x)),
    fc.constantFrom(true, false, null),
    fc.array(tie('value')),
    fc.dictionary(
      fc.string({ minLength: 1 }).filter((key) => !/^\d+$/.test(key) && key !== '__proto__'),
      tie('value'),
    ),
  ),
})).value;

describe('canonical text', () => {
  test('is JSON with its keys sorted', () => {
    fc.assert(fc.property(jsonValue, (value) => expect(canonicalJson(value)).toBe(JSON.stringify(sorted(value)))));
  });

  test('does not depend on the order in which fields were made, at any depth', () => {
    expect(
      canonicalJson([
        { b: { d: 1, c: 2 }, a: 3 },
        { a: 3, b: { c: 2, d: 1 } },
      ]),
    ).toBe('[{"a":3,"b":{"c":2,"d":1}},{"a":3,"b":{"c":2,"d":1}}]');
  });

  test('keeps apart records of one array that have other keys', () => {
    expect(canonicalJson([{ a: 1 }, { b: 1 }, { a: 1, b: undefined }, { b: 2, a: 1 }])).toBe(
      '[{"a":1},{"b":1},{"a":1},{"a":1,"b":2}]',
    );
  });

  test.each([
    ['a map, in the order of insertion', new Map([['b', 1], ['a', 2]]), '{"Map":[["b",1],["a",2]]}'], // prettier-ignore
    ['a set', new Set(['x', 2]), '{"Set":["x",2]}'],
    ['bytes', new Uint8Array([1, 255]), '[1,255]'],
    ['an opaque value, by its snapshot', { snapshot: () => [1, 2] }, '[1,2]'],
    ['numbers that JSON lacks', [-0, NaN, Infinity, 1n], '[-0,"NaN","Infinity","1n"]'],
    ['nothing', [undefined, null], '[null,null]'],
    ['what must be escaped', ['"', '\\', '\n', '\ud800', 'é'], '["\\"","\\\\","\\n","\\ud800","é"]'],
  ])('writes %s', (_, value, text) => {
    expect(canonicalJson(value)).toBe(text);
  });

  test('refuses functions and cycles', () => {
    const cycle: { self?: unknown } = {};
    cycle.self = cycle;
    expect(() => canonicalJson([() => 1])).toThrow(/plain data: found a function/);
    expect(() => canonicalJson(cycle)).toThrow(/a cycle/);
  });
});

test('a deep copy is equal as data and shares nothing', () => {
  fc.assert(
    fc.property(jsonValue, (value) => {
      const copy = copyOf(value);
      expect(canonicalJson(copy)).toBe(canonicalJson(value));
      if (typeof value === 'object' && value !== null) expect(copy).not.toBe(value);
    }),
  );
});
