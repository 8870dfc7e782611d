/**
 * Every sound bundled design holds under random schedules of each profile that it claims to withstand. Ten schedules of each
 * here; `ORRERY_SCHEDULES=2000 npm run validate -- test/search/sound` takes the whole, about seven hours on one core.
 */
import { afterAll, describe, expect, test } from '@jest/globals';
import { nemesisOf, readParams, searchSchedules } from '../../sim/index.ts';
import { scenarios } from '../../scenarios/index.ts';

const SCHEDULES = Number(process.env.ORRERY_SCHEDULES ?? 10);
if (!Number.isSafeInteger(SCHEDULES) || SCHEDULES < 1)
  throw new Error('ORRERY_SCHEDULES: a whole number of at least 1');

const sound = scenarios.filter((scenario) => scenario.expect(readParams(scenario.params)).kind === 'holds');

const table: string[] = [];
afterAll(() => console.log(['design | profile | schedules | held | virtual hours | events', ...table].join('\n')));

describe.each(sound.map((scenario) => ({ name: scenario.name, scenario })))('$name', ({ name, scenario }) => {
  test.each(nemesisOf(scenario).profiles.map((profile) => ({ profile: profile.name, drawn: profile })))(
    `holds under ${SCHEDULES} schedules of $profile`,
    ({ profile, drawn }) => {
      const failures: unknown[] = [];
      let held = 0;
      let hours = 0;
      let events = 0;
      for (const outcome of searchSchedules(scenario, { seed: 'survive', profile: drawn, count: SCHEDULES })) {
        hours += outcome.virtualTime / 3.6e9;
        events += outcome.events;
        if (outcome.status === 'held') held++;
        else
          failures.push({
            index: outcome.index,
            status: outcome.status,
            violated: outcome.violated,
            error: outcome.error,
          });
      }
      table.push([name, profile, SCHEDULES, held, hours.toFixed(1), events].join(' | '));
      expect(failures).toEqual([]);
      expect(held).toBe(SCHEDULES);
    },
    7_200_000,
  );
});
