/** A sweep as a table: a line for each place of the grid. */
import type { SweepPlace } from '../../sim/experiment/sweep.ts';
import { answersText, estimateText, paramText } from './figure-text.ts';
import { textTable } from './text-table.ts';

/** Means with 95 % confidence intervals. */
export function sweepText(places: readonly SweepPlace[]): string {
  const [first] = places;
  if (first === undefined) return '';
  const varied = Object.keys(first.at);
  const figures = Object.keys(first.figures);
  const rows = places.map((place) => [
    ...varied.map((name) => paramText(name, place.at[name], place)),
    ...Object.entries(place.figures).map(([name, figure]) => estimateText(figure, place.durations.includes(name))),
    answersText(place.answers),
  ]);
  return textTable([...varied, ...figures, 'answers'], rows, 0);
}
