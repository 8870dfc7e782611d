/** One register's answer: the comparison of blocks where values are unique, the guided search where they are not. */
import type { Decision } from './counterexample.ts';
import { searchRegister } from './guided-search.ts';
import type { RegisterStep } from './register-step.ts';
import { checkUniqueRegister } from './unique-register.ts';
import type { UniqueConflict } from './unique-register.ts';

/** `steps` in order of invocation; all value numbers below `valueCount`; `budget` in search steps. */
export function decideRegister(
  steps: readonly RegisterStep[],
  valueCount: number,
  budget: number,
): Decision<UniqueConflict> {
  const unique = checkUniqueRegister(steps, valueCount);
  if (unique.status === 'violated') return { status: 'violated', steps: 0, conflict: unique.conflict };
  if (unique.status === 'held' && !steps.some((step) => step.kind === 'mismatch')) return { status: 'held', steps: 0 };
  const { status, steps: taken, reached } = searchRegister(steps, valueCount, budget);
  return { status, steps: taken, reached };
}
