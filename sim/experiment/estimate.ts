/** A mean with its confidence interval, from independent replications. */

export interface Estimate {
  /** Replications that gave the figure. */
  readonly n: number;
  readonly mean: number;
  /** Half the width of the 95 % confidence interval of the mean (Student's t); Infinity for fewer than two replications. */
  readonly halfWidth: number;
  readonly min: number;
  readonly max: number;
}

/** NaN for all figures of nothing. */
export function estimate(figures: readonly number[]): Estimate {
  const n = figures.length;
  let [mean, squares, min, max] = [0, 0, Infinity, -Infinity];
  // Welford (1962): no cancellation however large the mean.
  for (const [i, figure] of figures.entries()) {
    const from = figure - mean;
    mean += from / (i + 1);
    squares += from * (figure - mean);
    min = Math.min(min, figure);
    max = Math.max(max, figure);
  }
  if (n === 0) return { n, mean: NaN, halfWidth: NaN, min: NaN, max: NaN };
  const halfWidth = n === 1 ? Infinity : studentT(n - 1) * Math.sqrt(squares / (n - 1) / n);
  return { n, mean, halfWidth, min, max };
}

/** The 0.975 quantile of Student's t with 1 to 30 degrees of freedom. */
const T_975: readonly number[] = [
  ...[12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.306, 2.2622, 2.2281],
  ...[2.201, 2.1788, 2.1604, 2.1448, 2.1314, 2.1199, 2.1098, 2.1009, 2.093, 2.086],
  ...[2.0796, 2.0739, 2.0687, 2.0639, 2.0595, 2.0555, 2.0518, 2.0484, 2.0452, 2.0423],
];
const Z_975 = 1.959964;

/** Beyond the table by the expansion of Cornish and Fisher, right to four places. */
export function studentT(degrees: number): number {
  const known = T_975[degrees - 1];
  if (known !== undefined) return known;
  const z = Z_975;
  const z3 = z * z * z;
  const z5 = z3 * z * z;
  return (
    z +
    (z3 + z) / (4 * degrees) +
    (5 * z5 + 16 * z3 + 3 * z) / (96 * degrees * degrees) +
    (3 * z5 * z * z + 19 * z5 + 17 * z3 - 15 * z) / (384 * degrees * degrees * degrees)
  );
}
