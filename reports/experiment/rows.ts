/** Experiments as tables: the same cells on the terminal and on the page. */
import type { Probe } from '../../sim/experiment/capacity.ts';
import type { Comparison } from '../../sim/experiment/compare.ts';
import type { Replicated } from '../../sim/experiment/replications.ts';
import type { SweepPlace } from '../../sim/experiment/sweep.ts';
import { answersText, estimateText, figureText, paramText } from './figure-text.ts';

export interface Cells {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** A row for each place of the grid: what varies, means with 95 % confidence intervals, answers. */
export function sweepCells(places: readonly SweepPlace[]): Cells {
  const varied = Object.keys(places[0]?.at ?? {});
  return {
    head: [...varied, ...Object.keys(places[0]?.figures ?? {}), 'answers'],
    rows: places.map((place) => [
      ...varied.map((name) => paramText(name, place.at[name], place)),
      ...figureCells(place),
      answersText(place.answers),
    ]),
  };
}

/** A row for each figure. `names`: of the first and of the second design. */
export function comparisonCells({ first, figures }: Comparison, names: readonly [string, string]): Cells {
  return {
    head: ['figure', ...names, 'difference', `${names[1]} is`],
    rows: figures.map(({ name, first: a, second: b, difference, secondIs }) => [
      name,
      ...[a, b, difference].map((one) => estimateText(one, first.durations.includes(name))),
      secondIs,
    ]),
  };
}

/** A row for each probe, in the order of the load. */
export function capacityCells(load: string, probes: readonly Probe[]): Cells {
  return {
    head: [load, ...Object.keys(probes[0]?.figures ?? {}), 'objectives'],
    rows: probes
      .toSorted((a, b) => a.load - b.load)
      .map((probe) => [
        figureText(probe.load, false),
        ...figureCells(probe),
        probe.met ? 'met' : `missed: ${probe.missed.map(({ figure }) => figure).join(', ')}`,
      ]),
  };
}

const figureCells = ({ figures, durations }: Replicated): string[] =>
  Object.entries(figures).map(([name, figure]) => estimateText(figure, durations.includes(name)));
