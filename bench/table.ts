/** The benchmark's one table, as text. */
import { isMet, type Line, type Unit } from './row.ts';
import type { Spread } from './statistics.ts';

const HEADER = ['work', 'ns', 'reference', 'result', '(min–max)', 'budget', ''];
/** The first and the last column are text; numbers stand right. */
const LEFT = new Set([0, 6]);

const digits = (value: number, unit: Unit): string => {
  if (unit === 'MiB') return value.toFixed(0);
  return value.toFixed(unit === '×' ? 2 : 1);
};

const amount = (value: number, unit: Unit): string =>
  unit === '×' || unit === '%' ? `${digits(value, unit)}${unit}` : `${digits(value, unit)} ${unit}`;

const range = ({ min, max }: Spread, unit: Unit): string => `(${digits(min, unit)}–${digits(max, unit)})`;

const nanoseconds = (spread: Spread | undefined): string => (spread === undefined ? '' : spread.median.toFixed(0));

function cellsOf(line: Line): string[] {
  const { work, cost, reference, figure, unit, budget, skipped } = line;
  if (figure === undefined) return [work, '', '', '', '', '', `skipped: ${skipped ?? 'nothing measured'}`];
  const asked = budget === undefined ? '–' : `${budget.sense === 'at least' ? '≥' : '≤'} ${amount(budget.limit, unit)}`;
  const met = isMet(line);
  const verdict = met === undefined ? '' : met ? 'met' : 'NOT MET';
  return [
    work,
    nanoseconds(cost),
    nanoseconds(reference),
    amount(figure.median, unit),
    range(figure, unit),
    asked,
    verdict,
  ];
}

/** Columns as wide as their widest cell; a line per row below a header. */
export function table(lines: readonly Line[]): string {
  const cells = [HEADER, ...lines.map(cellsOf)];
  const widths = HEADER.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  const text = cells.map((row) =>
    row
      .map((cell, column) => (LEFT.has(column) ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
  return `${text.join('\n')}\n`;
}

/** `18 of 20 budgets met`, and the names of those that were not. */
export function summary(lines: readonly Line[]): string {
  const judged = lines.filter((line) => isMet(line) !== undefined);
  const missed = judged.filter((line) => isMet(line) === false);
  const names = missed.length === 0 ? '' : `; NOT MET: ${missed.map((line) => line.work).join('; ')}`;
  return `${judged.length - missed.length} of ${judged.length} budgets met${names}\n`;
}
