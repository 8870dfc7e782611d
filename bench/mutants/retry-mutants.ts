/** Mistakes in what keeps a retry storm away. */
import type { Mutant } from './mutant.ts';

const STORM = {
  scenario: 'retry-storm-budgeted',
  property: 'retries stay within their budget',
  profile: 'load',
} as const;

export const RETRY_MUTANTS: readonly Mutant[] = [
  {
    ...STORM,
    name: 'budget-never-spent',
    bug: 'Retries are looked up in the budget and never paid from it.',
    file: 'models/client/retry-budget.ts',
    find: 'level >= TOKEN ? level - TOKEN : undefined',
    replace: 'level >= TOKEN ? level : undefined',
  },
];
