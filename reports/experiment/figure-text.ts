/** Figures for people: latencies with their unit, everything else with four digits or all of its whole part. */
import type { Estimate } from '../../sim/experiment/estimate.ts';
import type { Replicated } from '../../sim/experiment/replications.ts';
import { valueText } from '../plain-value.ts';
import { length } from '../quantity.ts';

/** `1234.5`, `0.9987`, `12.4 ms`; `–` for what is not known. */
export function figureText(value: number, isDuration: boolean): string {
  if (Number.isNaN(value)) return '–';
  if (isDuration) return value < 0 ? `−${length(Math.round(-value))}` : length(Math.round(value));
  const size = Math.abs(value);
  const digits = size === 0 || Number.isInteger(value) ? 0 : size >= 1000 ? 0 : size >= 10 ? 1 : size >= 1 ? 3 : 4;
  return value.toFixed(digits);
}

/** `12.4 ms ± 0.3 ms`; without the interval when one replication gives none. */
export function estimateText({ n, mean, halfWidth }: Estimate, isDuration: boolean): string {
  const middle = figureText(mean, isDuration);
  return n < 2 ? middle : `${middle} ± ${figureText(halfWidth, isDuration)}`;
}

/** The values of parameters as one would write them. */
export const paramText = (name: string, value: unknown, { durations }: Pick<Replicated, 'durations'>): string =>
  durations.includes(name) ? length(value as number) : valueText(value);

/** `5 held`, `3 held, 2 violated`. */
export const answersText = (answers: Replicated['answers']): string =>
  Object.entries(answers)
    .filter(([, count]) => count > 0)
    .map(([answer, count]) => `${count} ${answer}`)
    .join(', ');
