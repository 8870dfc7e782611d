/**
 * The failure detector that everybody writes first: silence of a fixed length is death. Right when the network's delays are known and
 * keep to what is known; too quick for a slow link, too slow for a quick one.
 */
import { ConfigError, parseDuration, type Duration, type Micros } from '../../sim/index.ts';
import type { FailureDetector } from './failure-detector.ts';

export interface FixedTimeoutOptions {
  /** Silence that is suspected; above 0. Default 3 s. */
  readonly timeout?: Duration;
}

export interface FixedTimeoutState {
  /** When a sign of life came last. */
  last: Micros;
}

/** Its level is the share of the timeout that is over, its threshold 1. Throws ConfigError. */
export function fixedTimeout(options: FixedTimeoutOptions = {}): FailureDetector<FixedTimeoutState> {
  const timeout = parseDuration(options.timeout ?? '3s', 'fixedTimeout.timeout');
  if (timeout < 1) throw new ConfigError('fixedTimeout.timeout', options.timeout, 'a duration above 0');
  return {
    name: 'fixed-timeout',
    threshold: 1,
    watch: (now) => ({ last: now }),
    heard(state, now) {
      state.last = now;
    },
    level: ({ last }, now) => Math.max(0, now - last) / timeout,
  };
}
