import type { Micros } from '../sim/base/time.ts';

/** The narrowest 1-2-5 width of at least `least` µs. */
export function niceWidth(least: number): Micros {
  for (let decade = 1; ; decade *= 10) {
    for (const step of [1, 2, 5]) if (step * decade >= least) return step * decade;
  }
}
