/** Two designs under the same draws, figure by figure. */
import type { Comparison } from '../../sim/experiment/compare.ts';
import { answersText } from './figure-text.ts';
import { comparisonCells } from './rows.ts';
import { textTable } from './text-table.ts';

/** `names`: of the first and of the second design. */
export function comparisonText(comparison: Comparison, names: readonly [string, string]): string {
  const { head, rows } = comparisonCells(comparison, names);
  const { first, second } = comparison;
  const answers = ['answers', answersText(first.answers), answersText(second.answers), '', ''];
  return textTable(head, [...rows, answers], 1);
}
