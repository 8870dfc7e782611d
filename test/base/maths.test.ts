import { describe, expect, test } from '@jest/globals';
import { PI, cos, exp, ln, log2, pow, sin, sqrt } from '../../sim/base/maths.ts';

const bits = (x: number): string => {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, x);
  return view.getBigUint64(0).toString(16).padStart(16, '0');
};

const functions = { ln, exp, pow, sin, cos, log2, sqrt } as Record<string, (...x: number[]) => number>;

describe('deterministic maths', () => {
  test.each<[string, number[], string]>([
    ['ln', [2], '3fe62e42fefa39ef'],
    ['ln', [0.1], 'c0026bb1bbb55515'],
    ['ln', [1e-300], 'c085963447f87fb5'],
    ['ln', [5e-324], 'c0874385446d71c3'],
    ['ln', [1.0000001], '3e7ad7f2847b6492'],
    ['ln', [12345.678], '4022d79559791e31'],
    ['ln', [1e300], '4085963447f87fb5'],
    ['exp', [1], '4005bf0a8b145769'],
    ['exp', [-1], '3fd78b56362cef38'],
    ['exp', [0.1], '3ff1aec7b35a00d3'],
    ['exp', [-20.5], '3e157a3afeed00ab'],
    ['exp', [700.25], '7f12fd8e4cbfa413'],
    ['exp', [1e-9], '3ff000000044b830'],
    ['pow', [2, 0.5], '3ff6a09e667f3bcd'],
    ['pow', [10, -3], '3f50624dd2f1a9fc'],
    ['pow', [1.0000001, 1e7], '4005bf0a790ce6f2'],
    ['pow', [0.3, 7.7], '3f18ae7e5b4e6bae'],
    ['pow', [1234.5, -1.25], '3f21e97e2d9b2371'],
    ['pow', [2, 1023], '7fe0000000000000'],
    ['sin', [1], '3feaed548f090cee'],
    ['sin', [0.001], '3f50624da5218a62'],
    ['sin', [-2], 'bfed18f6ead1b446'],
    ['sin', [PI], '3c91a62633145c07'],
    ['sin', [1e6], 'bfd6664b25772c5f'],
    ['cos', [1], '3fe14a280fb5068c'],
    ['cos', [PI / 2], '3c91a62633145c07'],
    ['cos', [1e6], '3fedf9df9906d32c'],
    ['cos', [1e22], '3fe0be2cef01c8f4'],
    ['log2', [3], '3ff95c01a39fbd68'],
    ['log2', [0.1], 'c00a934f0979a371'],
    ['sqrt', [2], '3ff6a09e667f3bcd'],
  ])('%s(%p) has the same bits on every engine', (name, args, expected) => {
    expect(bits(functions[name]!(...args))).toBe(expected);
  });

  test('ln, exp and pow agree with the engine to the last places', () => {
    let [worstLn, worstExp, worstPow] = [0, 0, 0];
    for (let i = 1; i < 5_000; i++) {
      const x = i * 0.0137;
      worstLn = Math.max(worstLn, Math.abs(ln(x) - Math.log(x)) / Math.max(Math.abs(Math.log(x)), 2 ** -20));
      worstExp = Math.max(worstExp, Math.abs(exp(-x) / Math.exp(-x) - 1));
      worstPow = Math.max(worstPow, Math.abs(pow(x, 1.7) / Math.pow(x, 1.7) - 1));
    }
    expect(worstLn).toBeLessThanOrEqual(2 ** -52);
    expect(worstExp).toBeLessThanOrEqual(2 ** -51);
    expect(worstPow).toBeLessThanOrEqual(2 ** -51);
  });

  test('sin keeps its stated error, also across the switch to the series', () => {
    let worst = 0;
    for (let i = -5_000; i < 5_000; i++) {
      for (const x of [i * 0.00037, i * 0.333]) {
        worst = Math.max(worst, Math.abs(sin(x) - Math.sin(x)) / (2 ** -51 + Math.abs(x) * 2 ** -53));
      }
    }
    expect(worst).toBeLessThan(1);
  });

  test('log2 is exact at every power of two', () => {
    const powers = Array.from({ length: 2098 }, (_, i) => i - 1074);
    expect(powers.map((k) => log2(2 ** k))).toEqual(powers);
  });

  test('edges are those of the language', () => {
    expect([ln(0), ln(-1), exp(-1e9), exp(1e9), pow(0, 0), pow(-8, 1 / 3)]).toEqual([
      -Infinity,
      NaN,
      0,
      Infinity,
      1,
      NaN,
    ]);
  });
});
