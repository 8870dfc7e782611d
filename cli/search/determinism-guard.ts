/**
 * The determinism guard: a sample of the schedules runs again, once in a worker that has run others before and once in a fresh one,
 * and the two are compared event by event.
 */
import { firstDivergence, type Divergence } from '../../sim/index.ts';
import { SearchPool } from './search-pool.ts';
import type { SearchRun } from './search-run.ts';
import type { Recording } from './search-task.ts';

/** Schedules in the sample, at most; the last one, which met the most worn worker, is among them. */
const SAMPLE = 5;

export interface DeterminismReport {
  readonly checked: number;
  readonly diverged: readonly { readonly index: number; readonly divergence: Divergence }[];
}

/** Undefined: interrupted before anything was compared. */
export async function checkSample(search: SearchRun): Promise<DeterminismReport | undefined> {
  const { digests } = search;
  const count = Math.min(SAMPLE, digests.length);
  const positions = Array.from({ length: count }, (_, i) => Math.round(((i + 1) * digests.length) / count) - 1);
  const fresh = new SearchPool(search.setting, 1, { fresh: true });
  const diverged: { index: number; divergence: Divergence }[] = [];
  let checked = 0;
  try {
    for (const position of positions) {
      const index = search.indexOf(position);
      const both = Promise.all([search.workers.record(index), fresh.record(index)]);
      const recorded = await Promise.race([both, search.untilInterrupted]);
      if (recorded === undefined) break;
      const [worn, anew] = recorded;
      checked++;
      const divergence = compare(worn, anew) ?? compareDigests(digests[position] as string, anew);
      if (divergence !== undefined) diverged.push({ index, divergence });
    }
  } finally {
    await fresh.end();
  }
  return checked === 0 ? undefined : { checked, diverged };
}

function compare(worn: Recording, anew: Recording): Divergence | undefined {
  if ('result' in worn && 'result' in anew) return firstDivergence(worn.result, anew.result);
  const [first, second] = [errorOf(worn), errorOf(anew)];
  return first === second ? undefined : { kind: 'outcome', part: 'error', first, second };
}

const errorOf = (recording: Recording): string => ('error' in recording ? recording.error : 'none');

/** What the search itself saw of the run, on the fast path, against the fresh worker. */
function compareDigests(seen: string, anew: Recording): Divergence | undefined {
  const second = 'result' in anew ? anew.result.digest : '';
  return seen === second ? undefined : { kind: 'outcome', part: 'digest', first: seen, second };
}
