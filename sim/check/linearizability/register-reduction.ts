/** How a register's history is reduced to its core: see counterexample.ts. */
import type { Reduction } from './counterexample.ts';
import { decideRegister } from './register-decision.ts';
import { relaxedStep, withoutUnobserved } from './register-step.ts';
import type { RegisterStep } from './register-step.ts';
import { FOREVER } from './span.ts';
import type { UniqueConflict } from './unique-register.ts';

/** `valueCount`: all value numbers are below it. */
export const registerReduction = (valueCount: number): Reduction<RegisterStep, UniqueConflict> => ({
  decide: (steps, budget) => decideRegister(steps, valueCount, budget),
  relaxed: relaxedStep,
  trimmed: withoutUnobserved,
  rank: (step) => (step.kind === 'mismatch' ? 0 : step.kind === 'read' ? 1 : 2),
});

/**
 * Of the optional writes that ended before any required step began, only the last of each value: all that they can do
 * is to leave their value there, and each can do so by itself. (Not so with a compare-and-set whose value no plain
 * write leaves: then all stay.)
 */
export function withoutSuperseded(core: readonly RegisterStep[]): readonly RegisterStep[] {
  let begin = FOREVER;
  for (const step of core) if (step.required && step.call < begin) begin = step.call;
  const last = new Map<number, RegisterStep>();
  const early = core.filter((step) => !step.required && step.ret < begin);
  for (const step of early) {
    if (step.kind !== 'write') continue;
    const other = last.get(step.to);
    if (other === undefined || other.ret < step.ret) last.set(step.to, step);
  }
  if (early.some((step) => !last.has(step.to))) return core;
  return core.filter((step) => step.required || step.ret >= begin || last.get(step.to) === step);
}
