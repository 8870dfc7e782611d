/**
 * Another seed instead of company. Some failures hang on a coincidence of a millisecond, and then faults are left that do nothing but
 * tune the timing: none can go alone. Under another seed the same few faults may do without them. The seed is part of a repro as
 * the schedule is, so a smaller schedule under another seed is a smaller example of the same failure.
 */
import type { Minimiser } from './minimiser.ts';

/** A schedule of this size is small enough. */
const FEW = 2;
const SEEDS = 6;

/**
 * While more than two faults are left, tries each alone, then each left out, under other seeds. At most 6 runs for each fault and
 * step. Operations must not be withheld yet: under another seed they are others.
 */
export function tryOtherSeeds(m: Minimiser): void {
  if (m.trial.limited !== undefined) return;
  const { seed } = m.trial;
  const seeds = Array.from({ length: SEEDS }, (_, k) => `${seed}~${k + 1}`);
  const one = (faults: Minimiser['trial']['faults']): boolean =>
    seeds.some((other) => m.accept('seed', { ...m.trial, seed: other, faults }));
  for (let better = true; better && m.trial.faults.length > FEW;) {
    const { faults } = m.trial;
    better =
      faults.some((fault) => one([fault])) ||
      faults.toReversed().some(({ id }) => one(faults.filter((fault) => fault.id !== id)));
  }
}
