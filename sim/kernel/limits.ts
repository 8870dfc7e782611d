/** What a run may use before it is stopped with a clear error: a runaway design must not hang a search. */
import { ConfigError } from '../base/errors.ts';
import { hours, type Micros } from '../base/time.ts';

export interface Limits {
  /** Events handled in one run. Default 50,000,000. */
  readonly maxEvents: number;
  /** Virtual time a run may reach. Default 1,000 hours. */
  readonly maxTime: Micros;
  /** Events pending at once. Default 2^24 − 1. */
  readonly maxPending: number;
  /** Events handled at one instant: beyond it, time stands still and the run is a livelock. Default 1,000,000. */
  readonly maxEventsAtOneInstant: number;
}

export const DEFAULT_LIMITS: Limits = {
  maxEvents: 50_000_000,
  maxTime: hours(1_000),
  maxPending: 0xff_ffff,
  maxEventsAtOneInstant: 1_000_000,
};

/** Fills in the defaults. Throws ConfigError for a limit that is not a whole number of at least 1. */
export function limitsFrom(given: Partial<Limits> = {}): Limits {
  const limits = { ...DEFAULT_LIMITS, ...given };
  for (const [field, value] of Object.entries(limits) as [string, number][]) {
    if (!Number.isInteger(value) || value < 1)
      throw new ConfigError(`limits.${field}`, value, 'a whole number of at least 1');
  }
  return limits;
}
