/** The benchmark's main table, as text. */
import { columns } from './columns.ts';
import { isMet, type Line, type Unit } from './row.ts';
import type { Spread } from './statistics.ts';

const HEADER = ['work', 'ns', 'reference', 'result', '(min–max)', 'budget', 'peak MiB', ''];
const LEFT = new Set([0, 7]);

const digits = (value: number, unit: Unit): string => {
  if (unit === 'MiB' || unit === '/s') return value.toFixed(0);
  const small = unit === 'ms' && Math.abs(value) < 1;
  return value.toFixed(unit === '×' || small ? 2 : 1);
};

const TIGHT: ReadonlySet<Unit> = new Set(['×', '%', '/s', '× real time']);

const amount = (value: number, unit: Unit): string => `${digits(value, unit)}${TIGHT.has(unit) ? '' : ' '}${unit}`;

const range = ({ min, max }: Spread, unit: Unit): string => `(${digits(min, unit)}–${digits(max, unit)})`;

const nanoseconds = (spread: Spread | undefined): string => (spread === undefined ? '' : spread.median.toFixed(0));

function cellsOf(line: Line): string[] {
  const { work, cost, reference, figure, unit, budget, skipped, peak } = line;
  if (figure === undefined) return [work, '', '', '', '', '', '', `skipped: ${skipped ?? 'nothing measured'}`];
  const asked = budget === undefined ? '–' : `${budget.sense === 'at least' ? '≥' : '≤'} ${amount(budget.limit, unit)}`;
  const met = isMet(line);
  return [
    work,
    nanoseconds(cost),
    nanoseconds(reference),
    amount(figure.median, unit),
    range(figure, unit),
    asked,
    peak === undefined ? '' : peak.toFixed(0),
    met === undefined ? '' : met ? 'met' : 'NOT MET',
  ];
}

/** A line per row below a header. Peak: resident memory of the row's process, Node's own 45 or so included. */
export const table = (lines: readonly Line[]): string => columns([HEADER, ...lines.map(cellsOf)], LEFT);

/** `18 of 20 budgets met`, and the names of those that were not. */
export function summary(lines: readonly Line[]): string {
  const judged = lines.filter((line) => isMet(line) !== undefined);
  const missed = judged.filter((line) => isMet(line) === false);
  const names = missed.length === 0 ? '' : `; NOT MET: ${missed.map((line) => line.work).join('; ')}`;
  return `${judged.length - missed.length} of ${judged.length} budgets met${names}\n`;
}
