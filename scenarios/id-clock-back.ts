import { defineScenario, number, s, span, violates } from '../sim/index.ts';
import { clockedIds, clockFaults, idNemesis, IN_ORDER, snowflakeChecks, UNIQUE } from './worlds/id-group.ts';

/**
 * Snowflake ids are unique because time goes on. NTP sets a clock back; the generator takes its word, lives through the same
 * milliseconds again, and gives out the same ids.
 */
export default defineScenario({
  name: 'id-clock-back',
  question: 'Are Snowflake ids unique when NTP sets the clock of a generator back?',
  params: {
    rate: number(200, { min: 30, max: 3_000, doc: 'ids a second, from three generators' }),
    by: span('1s', 'how far the clock goes back'),
  },
  duration: s(7),
  recovery: s(1),
  build: ({ world, params, duration }) => clockedIds({ world, duration, rate: params.rate, clockBack: 'trust' }),
  faults: (group) => clockFaults(group, group.params.by),
  checks: snowflakeChecks,
  expect: violates([UNIQUE, IN_ORDER]),
  nemesis: idNemesis,
});
