/** A search for capacity: every probe, in the order of the load, and the answer. */
import type { Capacity, Probe } from '../../sim/experiment/capacity.ts';
import { figureText } from './figure-text.ts';
import { capacityCells } from './rows.ts';
import { textTable } from './text-table.ts';

export function capacityText(load: string, probes: readonly Probe[], answer: Capacity): string {
  const { head, rows } = capacityCells(load, probes);
  return `${textTable(head, rows, 0)}\n\n${capacityAnswer(load, answer)}`;
}

export function capacityAnswer(load: string, { highest, lowestMissed }: Capacity): string {
  if (highest === undefined) return `not even ${load} = ${figureText(lowestMissed ?? NaN, false)} meets the objectives`;
  if (lowestMissed === undefined)
    return `capacity: at least ${load} = ${figureText(highest, false)}, the most that was tried`;
  return `capacity: ${load} = ${figureText(highest, false)} (missed at ${figureText(lowestMissed, false)})`;
}
