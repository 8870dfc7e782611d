/**
 * The normal distribution with mean 0 and standard deviation 1. Variates come from the inverse of its distribution function: one
 * draw each, and a larger draw gives a larger value.
 */
import { PI, exp, ln, sqrt } from '../base/maths.ts';
import type { RandomSource } from './random-source.ts';

/** Coefficients of numerator and denominator, highest power first: centre, tails, far tails. */
const CENTRE = [
  [
    2509.0809287301226727, 33430.575583588128105, 67265.770927008700853, 45921.953931549871457, 13731.693765509461125,
    1971.5909503065514427, 133.14166789178437745, 3.387132872796366608,
  ],
  [
    5226.495278852854561, 28729.085735721942674, 39307.89580009271061, 21213.794301586595867, 5394.1960214247511077,
    687.1870074920579083, 42.313330701600911252, 1,
  ],
] as const;
const TAILS = [
  [
    7.7454501427834140764e-4, 0.0227238449892691845833, 0.24178072517745061177, 1.27045825245236838258,
    3.64784832476320460504, 5.7694972214606914055, 4.6303378461565452959, 1.42343711074968357734,
  ],
  [
    1.05075007164441684324e-9, 5.475938084995344946e-4, 0.0151986665636164571966, 0.14810397642748007459,
    0.68976733498510000455, 1.6763848301838038494, 2.05319162663775882187, 1,
  ],
] as const;
const FAR_TAILS = [
  [
    2.01033439929228813265e-7, 2.71155556874348757815e-5, 0.0012426609473880784386, 0.026532189526576123093,
    0.29656057182850489123, 1.7848265399172913358, 5.4637849111641143699, 6.6579046435011037772,
  ],
  [
    2.04426310338993978564e-15, 1.4215117583164458887e-7, 1.8463183175100546818e-5, 7.868691311456132591e-4,
    0.0148753612908506148525, 0.13692988092273580531, 0.59983220655588793769, 1,
  ],
] as const;

type Coefficients = readonly [number, number, number, number, number, number, number, number];

const polynomial = (c: Coefficients, x: number): number =>
  ((((((c[0] * x + c[1]) * x + c[2]) * x + c[3]) * x + c[4]) * x + c[5]) * x + c[6]) * x + c[7];

const ratio = (pair: readonly [Coefficients, Coefficients], x: number): number =>
  polynomial(pair[0], x) / polynomial(pair[1], x);

/** The value below which a share `p` lies, 0 < p < 1, to about 1e-15 (M. Wichura, algorithm AS 241, PPND16, 1988). */
export function normalQuantile(p: number): number {
  const q = p - 0.5;
  if (Math.abs(q) <= 0.425) return q * ratio(CENTRE, 0.180625 - q * q);
  const r = sqrt(-ln(q < 0 ? p : 1 - p));
  const size = r <= 5 ? ratio(TAILS, r - 1.6) : ratio(FAR_TAILS, r - 5);
  return q < 0 ? -size : size;
}

/** The density at z. */
export const normalDensity = (z: number): number => exp(-(z * z) / 2) / sqrt(2 * PI);

/** The share below z, to about 1e-15 absolute: the series of G. Marsaglia, "Evaluating the normal distribution", 2004. */
export function normalShare(z: number): number {
  if (z < -8.3) return 0;
  if (z > 8.3) return 1;
  let sum = z;
  let term = z;
  for (let i = 3; sum + term !== sum; i += 2) {
    term *= (z * z) / i;
    sum += term;
  }
  return 0.5 + sum * normalDensity(z);
}

/** A draw moved to the middle of its step, so that it is never 0 or 1. */
export const openDraw = (source: RandomSource): number => source.next() + 2 ** -33;

/** A normal variate; one draw. Reaches ±6.3. */
export const standardNormal = (source: RandomSource): number => normalQuantile(openDraw(source));
