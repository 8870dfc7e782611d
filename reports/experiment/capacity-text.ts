/** A search for capacity: every probe, in the order of the load, and the answer. */
import type { Capacity, Probe } from '../../sim/experiment/capacity.ts';
import { estimateText, figureText } from './figure-text.ts';
import { textTable } from './text-table.ts';

export function capacityText(load: string, probes: readonly Probe[], answer: Capacity): string {
  const [first] = probes;
  if (first === undefined) return '';
  const figures = Object.keys(first.figures);
  const rows = probes
    .toSorted((a, b) => a.load - b.load)
    .map((probe) => [
      figureText(probe.load, false),
      ...Object.entries(probe.figures).map(([name, figure]) => estimateText(figure, probe.durations.includes(name))),
      probe.met ? 'met' : `missed: ${probe.missed.map(({ figure }) => figure).join(', ')}`,
    ]);
  return `${textTable([load, ...figures, 'objectives'], rows, 0)}\n\n${capacityAnswer(load, answer)}`;
}

export function capacityAnswer(load: string, { highest, lowestMissed }: Capacity): string {
  if (highest === undefined) return `not even ${load} = ${figureText(lowestMissed ?? NaN, false)} meets the objectives`;
  if (lowestMissed === undefined)
    return `capacity: at least ${load} = ${figureText(highest, false)}, the most that was tried`;
  return `capacity: ${load} = ${figureText(highest, false)} (missed at ${figureText(lowestMissed, false)})`;
}
