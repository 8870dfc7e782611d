/** A sweep as a table on the terminal. */
import type { SweepPlace } from '../../sim/experiment/sweep.ts';
import { sweepCells } from './rows.ts';
import { textTable } from './text-table.ts';

export function sweepText(places: readonly SweepPlace[]): string {
  const { head, rows } = sweepCells(places);
  return textTable(head, rows, 0);
}
