/** Runs a sound design under the schedules of one search, in a thread of its own. */
import { createHash } from 'node:crypto';
import { nemesisOf, searchSchedules, type SearchOutcome } from '../../sim/index.ts';
import { scenarios } from '../../scenarios/index.ts';
import { SAMPLE, SEED, type Endured, type Task } from './ledger.ts';

export default function endure(task: Task): Endured {
  const { code, schedules } = task;
  const failures: Endured['failures'][number][] = [];
  const first: SearchOutcome[] = [];
  let events = 0;
  for (const outcome of outcomesOf(task, schedules)) {
    events += outcome.events;
    if (first.length < SAMPLE) first.push(outcome);
    const { index, status, violated, undecided, error } = outcome;
    if (status !== 'held')
      failures.push({ index, found: [...violated, ...undecided, ...(error === undefined ? [] : [String(error)])] });
  }
  return { code, schedules, held: schedules - failures.length, failures, events, sample: digestOf(first) };
}

/** What `endure` would give as `sample`. */
export const sampleOf = (task: Task): string => digestOf([...outcomesOf(task, Math.min(SAMPLE, task.schedules))]);

function outcomesOf({ scenario: name, profile: named }: Task, count: number): Iterable<SearchOutcome> {
  const scenario = scenarios.find((one) => one.name === name);
  const profile = scenario && nemesisOf(scenario).profiles.find((one) => one.name === named);
  if (scenario === undefined || profile === undefined) throw new Error(`there is no ${name} under ${named}`);
  return searchSchedules(scenario, { seed: SEED, profile, count });
}

function digestOf(outcomes: readonly SearchOutcome[]): string {
  const hash = createHash('sha256');
  for (const { digest, status } of outcomes) hash.update(`${digest} ${status}\n`);
  return hash.digest('hex').slice(0, 16);
}
