/** The least whole number that is accepted, found by halving; what is asked is taken for monotone, and nothing breaks if it is not. */

export interface Halving {
  /** Asked at most so often. */
  readonly tries: number;
  /** Numbers asked are multiples of it. Default 1. */
  readonly grain?: number;
}

/** Between `low` (may be accepted) and `high` (known to be accepted, not asked): the last number that `accept` took, or `high`. */
export function least(
  low: number,
  high: number,
  accept: (n: number) => boolean,
  { tries, grain = 1 }: Halving,
): number {
  if (low >= high) return high;
  if (accept(low)) return low;
  let rejected = low;
  let accepted = high;
  for (let i = 1; i < tries && accepted - rejected > grain; i++) {
    const middle = whole((rejected + accepted) / 2, grain);
    if (middle <= rejected || middle >= accepted) break;
    if (accept(middle)) accepted = middle;
    else rejected = middle;
  }
  return accepted;
}

const whole = (x: number, grain: number): number => Math.max(1, Math.floor(x / grain)) * grain;
