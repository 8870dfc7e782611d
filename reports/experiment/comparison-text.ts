/** Two designs under the same draws, figure by figure. */
import type { Comparison } from '../../sim/experiment/compare.ts';
import { answersText, estimateText } from './figure-text.ts';
import { textTable } from './text-table.ts';

/** `names`: of the first and of the second design. */
export function comparisonText({ first, second, figures }: Comparison, names: readonly [string, string]): string {
  const rows = figures.map(({ name, first: a, second: b, difference, secondIs }) => {
    const isDuration = first.durations.includes(name);
    return [name, ...[a, b, difference].map((one) => estimateText(one, isDuration)), secondIs];
  });
  const answers = ['answers', answersText(first.answers), answersText(second.answers), '', ''];
  return textTable(['', ...names, 'difference', `${names[1]} is`], [...rows, answers], 1);
}
