/**
 * Deterministic maths: the same bits on every JavaScript engine.
 *
 * The language leaves `Math.log`, `exp`, `pow`, `**`, `sin` and `cos` "implementation-approximated", and they do differ between
 * engines and between versions of one engine. A last bit that differs becomes another microsecond, another order of
 * events, another run. These functions use only operations that IEEE 754 fixes (+ − × ÷ √, and reading the bits of a double),
 * so everything that feeds a result goes through here. `ln`, `pow` and `cos` are ports of FreeBSD's msun (fdlibm), within 1 ulp;
 * they take two to three times as long as the engine's own. `exp`, which every log-normal latency needs, is a table of our own.
 */
import stdlibCos from '@stdlib/math-base-special-cos';
import stdlibExp from '@stdlib/math-base-special-exp';
import stdlibLn from '@stdlib/math-base-special-ln';
import stdlibPow from '@stdlib/math-base-special-pow';

/** π as a double. */
export const PI = 3.141592653589793;
/** ln 2 as a double. */
export const LN2 = 0.6931471805599453;

const HALF_PI = 1.5707963267948966;
/** π/2 − HALF_PI: what the double leaves out. */
const HALF_PI_REST = 6.123233995736766e-17;

/** Natural logarithm. −Infinity at 0, NaN below. */
export const ln: (x: number) => number = stdlibLn;

/** 2^(j/64), and 2^k for every normal exponent k, from −1023 on. */
const FRACTIONS = Float64Array.from({ length: 64 }, (_, j) => stdlibPow(2, j / 64));
const POWERS = Float64Array.from({ length: 2047 }, (_, i) => stdlibPow(2, i - 1023));
/** (ln 2) / 64 in two parts; the first is short enough for its product with a whole number to be exact. */
const STEP_HIGH = 0.6931471803691238 / 64;
const STEP_LOW = 1.9082149292705877e-10 / 64;

/**
 * e to the power x, within 2 ulp. x is n·(ln 2)/64 + r with |r| < 0.0055: e^x is 2^(n/64) from the tables, times a short series
 * in r (P. T. P. Tang, "Table-driven implementation of the exponential function", 1989).
 */
export function exp(x: number): number {
  if (!(x > -700 && x < 700)) return stdlibExp(x);
  const n = Math.floor(x * (64 / LN2) + 0.5);
  const r = x - n * STEP_HIGH - n * STEP_LOW;
  const growth = r + r * r * (1 / 2 + r * (1 / 6 + r * (1 / 24 + r * (1 / 120))));
  const fraction = FRACTIONS[n & 63] as number;
  return (fraction + fraction * growth) * (POWERS[(n >> 6) + 1023] as number);
}

/** x to the power y; use it instead of `**` and `Math.pow`. */
export const pow: (x: number, y: number) => number = stdlibPow;

/** Cosine; x in radians. */
export const cos: (x: number) => number = stdlibCos;

/** Square root; IEEE 754 rounds it correctly everywhere, so this is the engine's own. */
export const sqrt: (x: number) => number = Math.sqrt;

/** Sine; x in radians. Absolute error below 2⁻⁵¹ + |x|·2⁻⁵³. */
export function sin(x: number): number {
  if (Math.abs(x) < 2 ** -9) {
    const square = x * x; // four terms of the series: what they leave out is below 2⁻⁸⁰ of the result
    return x - x * square * (1 / 6 - square * (1 / 120 - square / 5040));
  }
  return cos(x - HALF_PI - HALF_PI_REST);
}

/** Logarithm to base 2; exact at powers of two, elsewhere within 2 ulp. */
export function log2(x: number): number {
  const approximate = ln(x) / LN2;
  const whole = Math.round(approximate);
  return Math.abs(approximate - whole) < 1e-12 && pow(2, whole) === x ? whole : approximate;
}
