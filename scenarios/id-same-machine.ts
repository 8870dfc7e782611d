import { defineScenario, number, s, violates } from '../sim/index.ts';
import { leasedNemesis, IN_ORDER, numberedIds, restartFaults, snowflakeChecks, UNIQUE } from './worlds/id-group.ts';

/**
 * Two generators were made from the same image and have the same machine number. Each is right by itself; whenever both make an id in
 * the same millisecond, it is the same id.
 */
export default defineScenario({
  name: 'id-same-machine',
  question: 'Are Snowflake ids unique when two generators are configured with the same machine number?',
  params: { rate: number(200, { min: 30, max: 3_000, doc: 'ids a second, from three generators' }) },
  duration: s(7),
  recovery: s(1),
  build: ({ world, params, duration }) => numberedIds({ world, duration, rate: params.rate, numbers: 'configured' }),
  faults: restartFaults,
  checks: snowflakeChecks,
  expect: violates([UNIQUE, IN_ORDER]),
  nemesis: leasedNemesis,
});
