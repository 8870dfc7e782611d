/**
 * A time axis for a few operations: true to scale where many events are shown, bent where few are, so that a millisecond of
 * contradiction can be seen beside a second of waiting. Bent means: between two neighbouring instants it is linear, and longer
 * stretches get more room than shorter ones, but not in proportion.
 */
import type { Micros } from '../sim/base/time.ts';

export interface BentAxis {
  readonly from: Micros;
  readonly to: Micros;
  readonly bent: boolean;
  /** From 0 to 1; outside the axis its ends. */
  place(at: Micros): number;
}

/** More instants than this are not bent: their neighbours are close anyway. */
const MOST_BENT = 90;

/** `instants`: everything that must be told apart, at least one. */
export function bentAxis(instants: readonly Micros[]): BentAxis {
  const marks = [...new Set(instants)].sort((a, b) => a - b);
  const [from, to] = [marks[0] ?? 0, marks.at(-1) ?? 0];
  const bent = marks.length <= MOST_BENT;
  const places = [0];
  for (let i = 1; i < marks.length; i++) {
    const stretch = (marks[i] as Micros) - (marks[i - 1] as Micros);
    places.push((places[i - 1] as number) + (bent ? Math.sqrt(stretch) : stretch));
  }
  const all = Math.max(1e-9, places.at(-1) ?? 0);
  const place = (at: Micros): number => {
    if (at <= from) return 0;
    if (at >= to) return 1;
    let i = 1;
    while ((marks[i] as Micros) < at) i++;
    const [before, after] = [marks[i - 1] as Micros, marks[i] as Micros];
    const share = (at - before) / (after - before);
    return ((places[i - 1] as number) + share * ((places[i] as number) - (places[i - 1] as number))) / all;
  };
  return { from, to, bent, place };
}
