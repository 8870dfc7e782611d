import { defineScenario, holds, number, s } from '../sim/index.ts';
import { leasedNemesis, numberedIds, restartFaults, snowflakeChecks } from './worlds/id-group.ts';

/**
 * The same restart as in id-same-machine, with the same luck; each generator leases its number, together with the timestamps that it may use,
 * from a registry. After the restart it goes on behind the last of them, whatever its clock says.
 */
export default defineScenario({
  name: 'id-same-machine-leased',
  question: 'Do leased machine numbers keep Snowflake ids unique across restarts?',
  params: { rate: number(200, { min: 30, max: 3_000, doc: 'ids a second, from three generators' }) },
  seed: 'id-same-machine',
  duration: s(7),
  recovery: s(1),
  build: ({ world, params, duration }) => numberedIds({ world, duration, rate: params.rate, numbers: 'leased' }),
  faults: restartFaults,
  checks: snowflakeChecks,
  expect: holds(),
  nemesis: leasedNemesis,
});
