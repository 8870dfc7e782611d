/** One register's answer: the comparison of blocks where values are unique, the guided search where they are not. */
import type { Decision } from './counterexample.ts';
import { registerSearch } from './guided-search.ts';
import { learnNearby } from './refuted-nearby.ts';
import type { RegisterStep } from './register-step.ts';
import { checkUniqueRegister } from './unique-register.ts';
import type { UniqueConflict } from './unique-register.ts';

/** Search steps before the first look at where the search is stuck; twice as many after each look that told nothing. */
const PORTION = 10_000;

/** `steps` in order of invocation; all value numbers below `valueCount`; `budget`, and `first` before the first look, in search steps. */
export function decideRegister(
  steps: readonly RegisterStep[],
  valueCount: number,
  budget: number,
  first = PORTION,
): Decision<UniqueConflict> {
  const unique = checkUniqueRegister(steps, valueCount);
  if (unique.status === 'violated') return { status: 'violated', steps: 0, conflict: unique.conflict };
  if (unique.status === 'held' && !steps.some((step) => step.kind === 'mismatch')) return { status: 'held', steps: 0 };
  const search = registerSearch(steps, valueCount, budget);
  let aside = 0;
  let portion = first;
  for (let limit = portion; ;) {
    const { status, steps: taken, reached } = search.run(Math.min(limit, budget - aside));
    if (status !== 'undecided' || taken + aside >= budget) return { status, steps: taken + aside, reached };
    const lesson = learnNearby(search, valueCount, portion, budget - aside - taken);
    aside += lesson.steps;
    portion = lesson.isNew ? first : 2 * portion;
    limit = taken + portion;
  }
}
