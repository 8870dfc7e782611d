/** The table of searches: schedules a second of each scenario, with one worker and with two. */
import { columns } from './columns.ts';
import type { SearchLine } from './row.ts';

const HEADER = ['schedules a second', '1 worker', '2 workers', 'speed-up', '(min–max)', ''];
const LEFT = new Set([0, 5]);

function cellsOf({ scenario, oneWorker, twoWorkers, speedUp, skipped }: SearchLine): string[] {
  if (oneWorker === undefined || twoWorkers === undefined || speedUp === undefined)
    return [scenario, '', '', '', '', `skipped: ${skipped ?? 'nothing measured'}`];
  return [
    scenario,
    oneWorker.median.toFixed(0),
    twoWorkers.median.toFixed(0),
    `${speedUp.median.toFixed(2)}×`,
    `(${speedUp.min.toFixed(2)}–${speedUp.max.toFixed(2)})`,
    '',
  ];
}

export const searchTable = (lines: readonly SearchLine[]): string => columns([HEADER, ...lines.map(cellsOf)], LEFT);
