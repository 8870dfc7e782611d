/**
 * Opens after so many failures in a row, and again after any failed probe: M. Nygard's circuit breaker ("Release It!", 2007), the
 * simplest one. It is blind to a dependency that fails half of the time, since each success begins the count anew.
 */
import { ConfigError } from '../../sim/index.ts';
import type { TripRule } from './trip-rule.ts';

export interface ConsecutiveFailuresOptions {
  /** Failures in a row, at least 1. Default 5. */
  readonly failures?: number;
}

/** Throws ConfigError. */
export function consecutiveFailures({ failures = 5 }: ConsecutiveFailuresOptions = {}): TripRule<{ inRow: number }> {
  if (!Number.isInteger(failures) || failures < 1)
    throw new ConfigError('breaker.failures', failures, 'a whole number of at least 1');
  return {
    name: 'consecutive-failures',
    init: () => ({ inRow: 0 }),
    opens(state, { ok }) {
      state.inRow = ok ? 0 : state.inRow + 1;
      return state.inRow >= failures;
    },
    failsAgain: ({ failed }) => failed > 0,
    isSlow: () => false,
  };
}
