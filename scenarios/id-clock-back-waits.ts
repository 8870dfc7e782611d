import { choice, defineScenario, holds, number, s, span } from '../sim/index.ts';
import { clockedIds, clockFaults, idNemesis, snowflakeChecks } from './worlds/id-group.ts';

/**
 * The same step of the clock as in id-clock-back, with the same luck: the generator makes no ids until its clock has caught up, and its clients
 * go to another one. What it has used is reserved on disk beforehand, so that a restart does not make it forget.
 */
export default defineScenario({
  name: 'id-clock-back-waits',
  question: 'Does a generator that waits for its clock to catch up keep Snowflake ids unique?',
  params: {
    rate: number(200, { min: 30, max: 3_000, doc: 'ids a second, from three generators' }),
    by: span('1s', 'how far the clock goes back'),
    clockBack: choice<'wait' | 'refuse'>('wait', ['wait', 'refuse'], 'wait for a short time, or refuse at once'),
  },
  seed: 'id-clock-back',
  duration: s(7),
  recovery: s(1),
  build: ({ world, params, duration }) => clockedIds({ world, duration, ...params }),
  faults: (group) => clockFaults(group, group.params.by),
  checks: snowflakeChecks,
  expect: holds(),
  nemesis: idNemesis,
});
