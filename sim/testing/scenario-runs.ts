import fc from 'fast-check';
import type { RunOptions } from '../run.ts';
import type { Scenario } from '../scenario.ts';
import { faultSchedules, type FaultSchedulesOptions } from './fault-schedules.ts';
import { scenarioParams } from './scenario-params.ts';
import { seeds } from './seeds.ts';

/**
 * Any run of a scenario: parameters (those not given in `params`), and with them a schedule and a seed. What it yields goes
 * into `run` as it is.
 */
export const scenarioRuns = (scenario: Scenario, options: FaultSchedulesOptions = {}): fc.Arbitrary<RunOptions> =>
  scenarioParams(scenario, options.params).chain((params) =>
    fc.record({ seed: seeds(), params: fc.constant(params), faults: faultSchedules(scenario, { ...options, params }) }),
  );
