/**
 * The testing door: arbitraries for fast-check and matchers for Jest. fast-check is a peer dependency: the version is yours.
 *
 *     fc.assert(fc.property(faultSchedules(store), seeds(), (faults, seed) => expect(run(store, { faults, seed })).toHold()));
 */
export { faultSchedules, type FaultSchedulesOptions } from './fault-schedules.ts';
export { orreryMatchers, type HoldOptions, type MatcherAnswer, type ReplayOptions } from './matchers.ts';
export { scenarioParams, type ScenarioParams } from './scenario-params.ts';
export { scenarioRuns } from './scenario-runs.ts';
export { seeds } from './seeds.ts';
export { topologies, type TopologiesOptions } from './topologies.ts';
export { workloads, type PlannedOperation, type WorkloadsOptions } from './workloads.ts';
