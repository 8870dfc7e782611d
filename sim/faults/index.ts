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
