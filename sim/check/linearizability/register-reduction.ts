/** How a register's history is reduced to its core: see counterexample.ts. */
import type { Reduction } from './counterexample.ts';
import { decideRegister } from './register-decision.ts';
import { relaxedStep, withoutUnobserved } from './register-step.ts';
import type { RegisterStep } from './register-step.ts';
import type { UniqueConflict } from './unique-register.ts';

/** `valueCount`: all value numbers are below it. */
export const registerReduction = (valueCount: number): Reduction<RegisterStep, UniqueConflict> => ({
  decide: (steps, budget) => decideRegister(steps, valueCount, budget),
  relaxed: relaxedStep,
  trimmed: withoutUnobserved,
  rank: (step) => (step.kind === 'mismatch' ? 0 : step.kind === 'read' ? 1 : 2),
});
