/**
 * Every sound bundled design holds under random schedules of each profile that it claims to withstand. Ten schedules of each
 * here; `npm run bench:survival` runs 2,000 of each, which takes hours, and leaves in bench/survival.json what came of it.
 */
import { afterAll, describe, expect, test } from '@jest/globals';
import { nemesisOf, readParams, searchSchedules } from '../../sim/index.ts';
import { scenarios } from '../../scenarios/index.ts';
import { codeOf } from '../../bench/survival/designs.ts';
import { readLedger, SEED } from '../../bench/survival/ledger.ts';

const SCHEDULES = Number(process.env.ORRERY_SCHEDULES ?? 10);
if (!Number.isSafeInteger(SCHEDULES) || SCHEDULES < 1)
  throw new Error('ORRERY_SCHEDULES: a whole number of at least 1');

const sound = scenarios.filter((scenario) => scenario.expect(readParams(scenario.params)).kind === 'holds');

const table: string[] = [];
afterAll(() => console.log(['design | profile | schedules | held | virtual hours | events', ...table].join('\n')));

const ledger = readLedger('bench/survival.json');

test('what the ledger has of the present code held, every schedule of it', async () => {
  let [designs, schedules] = [0, 0];
  const failures: unknown[] = [];
  for (const scenario of sound) {
    const { name } = scenario;
    const code = await codeOf(name);
    const entries = Object.entries(ledger[name] ?? {}).filter(([, entry]) => entry.code === code);
    if (entries.length === nemesisOf(scenario).profiles.length) designs++;
    for (const [profile, entry] of entries) {
      schedules += entry.schedules;
      failures.push(...entry.failures.map((failure) => ({ name, profile, ...failure })));
    }
  }
  console.log(
    `bench/survival.json: ${designs} of ${sound.length} designs in full, ${schedules} schedules with the present code`,
  );
  expect(failures).toEqual([]);
});

describe.each(sound.map((scenario) => ({ name: scenario.name, scenario })))('$name', ({ name, scenario }) => {
  test.each(nemesisOf(scenario).profiles.map((profile) => ({ profile: profile.name, drawn: profile })))(
    `holds under ${SCHEDULES} schedules of $profile`,
    ({ profile, drawn }) => {
      const failures: unknown[] = [];
      let held = 0;
      let hours = 0;
      let events = 0;
      for (const outcome of searchSchedules(scenario, { seed: SEED, profile: drawn, count: SCHEDULES })) {
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
