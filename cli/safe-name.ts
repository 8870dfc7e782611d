/** Names of files for a run. */
import { canonicalJson, textDigest, type RunResult } from '../sim/index.ts';

/** A seed as part of a file name. */
export const safe = (seed: string): string => seed.replace(/[^A-Za-z0-9._-]+/g, '_').slice(0, 40);

/** `scenario-seed`; with parameters or faults of its own also what tells them apart, so that no run overwrites another. */
export function nameOfRun(result: RunResult, varied: boolean): string {
  const name = `${result.scenario}-${safe(result.seed)}`;
  return varied ? `${name}-${textDigest(canonicalJson([result.params, result.schedule])).slice(0, 6)}` : name;
}
