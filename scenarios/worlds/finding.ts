/** What a world's own check has found, as a verdict. */
import type { Micros, Verdict } from '../../sim/index.ts';

export interface Finding {
  readonly sentence: string;
  readonly at: Micros;
  readonly nodes: readonly string[];
}

/** Violated by a finding, held with `held` to say for it. */
export function verdictOf(check: string, kind: Verdict['kind'], found: Finding | undefined, held: string): Verdict {
  if (found === undefined) return { check, kind, status: 'held', message: held };
  return { check, kind, status: 'violated', message: found.sentence, witness: { ...found, operations: [] } };
}
