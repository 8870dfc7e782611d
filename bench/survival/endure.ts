/** Runs a sound design under the schedules of one search, in a thread of its own. */
import { nemesisOf, searchSchedules } from '../../sim/index.ts';
import { scenarios } from '../../scenarios/index.ts';
import { SEED, type Endured, type Task } from './ledger.ts';

export default function endure({ scenario: name, profile: named, code, schedules }: Task): Endured {
  const scenario = scenarios.find((one) => one.name === name);
  const profile = scenario && nemesisOf(scenario).profiles.find((one) => one.name === named);
  if (scenario === undefined || profile === undefined) throw new Error(`there is no ${name} under ${named}`);
  const failures: Endured['failures'][number][] = [];
  let events = 0;
  for (const outcome of searchSchedules(scenario, { seed: SEED, profile, count: schedules })) {
    events += outcome.events;
    const { index, status, violated, undecided, error } = outcome;
    if (status !== 'held')
      failures.push({ index, found: [...violated, ...undecided, ...(error === undefined ? [] : [String(error)])] });
  }
  return { code, schedules, held: schedules - failures.length, failures, events };
}
