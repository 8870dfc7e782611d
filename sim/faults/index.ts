/** The door of the room: faults as data, schedules of them, and the injector. */
export * from './constructors.ts';
export { FAULT_KINDS, parseFault, type Fault, type FaultKind, type FaultOf } from './fault.ts';
export {
  faultText,
  healedAt,
  parseSchedule,
  schedule,
  scheduleJson,
  targetsOf,
  withoutFault,
  type FaultSchedule,
} from './schedule.ts';
export { Injector } from './injector.ts';
export type { Known, Place } from './targets.ts';
export { drawSchedule, scheduleStream } from './nemesis.ts';
export { FAULT_FAMILIES, type FaultFamily } from './nemesis/family.ts';
export type { NemesisLimits } from './nemesis/limits.ts';
export type { NemesisProfile } from './nemesis/profile.ts';
export { PROFILES, profileNamed } from './nemesis/profiles.ts';
export type { NemesisNode, NemesisTopology } from './nemesis/topology.ts';
