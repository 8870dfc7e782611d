/** What is said of repeated measurements: the median, and how far they spread. */

export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** The middle value; of an even number the mean of the two in the middle. Throws RangeError for none. */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError('the median of no values');
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] as number;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] as number) + upper) / 2;
}

/** Throws RangeError for no values. */
export const spreadOf = (values: readonly number[]): Spread => ({
  median: median(values),
  min: Math.min(...values),
  max: Math.max(...values),
});

/** Combines two series round by round, so that what slowed a whole round down falls out of a ratio. */
export function perRound(
  xs: readonly number[],
  ys: readonly number[],
  combine: (x: number, y: number) => number,
): number[] {
  if (xs.length !== ys.length) throw new RangeError(`${xs.length} rounds of one and ${ys.length} of the other`);
  return xs.map((x, i) => combine(x, ys[i] as number));
}
