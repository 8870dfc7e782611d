/**
 * Compares simulated figures with published ones: the mean over seeds, within max(tolerance, 4 standard errors). `npm run validate` prints
 * what all files have compared as one table (test/support/one-table.js).
 */
import { expect } from '@jest/globals';
import { appendFileSync } from 'node:fs';

export interface Cell {
  /** As in the source: row, setting, quantity. */
  readonly name: string;
  readonly published: number;
  /** One figure for each seed. */
  readonly figures: readonly number[];
  /** Relative, 0.02 for 2 %. */
  readonly tolerance?: number;
  /** In the figure's own unit, instead of a relative one. */
  readonly absolute?: number;
}

export interface Compared {
  readonly line: string;
  readonly agrees: boolean;
}

export function compared({ name, published, figures, tolerance = 0, absolute }: Cell): Compared {
  const n = figures.length;
  const mean = figures.reduce((sum, x) => sum + x, 0) / n;
  const variance = figures.reduce((sum, x) => sum + (x - mean) * (x - mean), 0) / Math.max(1, n - 1);
  const error = 4 * Math.sqrt(variance / n);
  const allowed = Math.max(absolute ?? tolerance * Math.abs(published), n > 1 ? error : 0);
  const agrees = Math.abs(mean - published) <= allowed;
  const line = [
    name.replace(/^([A-Z]\d+) /, '[$1] ').padEnd(44),
    published.toPrecision(6).padStart(11),
    `${mean.toPrecision(6)} ± ${error.toPrecision(2)}`.padStart(22),
    agrees ? 'agrees' : `OFF BY ${(mean - published).toPrecision(2)}, ${allowed.toPrecision(2)} ALLOWED`,
  ].join('  ');
  return { line, agrees };
}

/** Expects that all agree; each is a line of the table. */
export function judge(cells: readonly Cell[]): void {
  const verdicts = cells.map(compared);
  for (const { line } of verdicts) tell(line);
  expect(verdicts.filter(({ agrees }) => !agrees).map(({ line }) => line)).toEqual([]);
}

/** A line of the table for what is no figure to be met, such as a shape. */
export function tell(line: string): void {
  const file = process.env['ORRERY_ORACLE_LINES'];
  if (file !== undefined) appendFileSync(file, `${line}\n`);
}

/** `count` seeds, named after the cell so that no two cells share their luck. */
export const seedsFor = (cell: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, i) => `${cell}/${i + 1}`);
