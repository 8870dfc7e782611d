/** Wilson's score interval for a proportion (E. B. Wilson, JASA 1927): it stays within 0…1 and holds for few trials, and for none or all. */

export interface Proportion {
  readonly estimate: number;
  /** Bounds of the interval, both within 0…1. */
  readonly low: number;
  readonly high: number;
}

/** 95 % confidence. */
const Z = 1.959963984540054;

/** `hits` of `trials`, at least 1. */
export function wilson(hits: number, trials: number): Proportion {
  const estimate = hits / trials;
  const square = (Z * Z) / trials;
  const centre = (estimate + square / 2) / (1 + square);
  const half = (Z * Math.sqrt((estimate * (1 - estimate)) / trials + square / (4 * trials))) / (1 + square);
  const low = hits === 0 ? 0 : Math.max(0, centre - half);
  const high = hits === trials ? 1 : Math.min(1, centre + half);
  return { estimate, low, high };
}
