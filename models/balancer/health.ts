/**
 * Which backends may be used.
 *
 * *Passively*, from what requests find out, as in Envoy's outlier detection: so many failures in a row eject a backend for
 * `ejectFor` times the number of its ejections, at most `longest`; each `interval` without an ejection takes one off that
 * number. With `successRate` a backend whose share of successes in an interval is far below that of the others is ejected too
 * (gray: some of its requests fail, never enough in a row). No more than `maxEjected` of the backends are out at a time, though
 * one always may be.
 *
 * *Actively*: a probe each interval; so many failures in a row and it is down, so many successes and it is up again. A backend
 * that dies is found after (k−1)·I + t at the earliest and k·I + t at the latest, with k failures, interval I and timeout t.
 */
import { ConfigError, maths, parseDuration } from '../../sim/index.ts';
import type { Duration, Micros } from '../../sim/index.ts';
import type { BackendIdentity } from './policy.ts';

export interface PassiveHealth {
  /** Failures in a row that eject a backend, at least 1. Default 3 (Envoy: 5). */
  readonly failures?: number;
  /** Whether refusals count as failures too. A backend that says no is alive, but may be of no use. Default false. */
  readonly refusals?: boolean;
  /** First ejection, above 0; the second in a row lasts twice as long, the third three times. Default 5 s (Envoy: 30 s). */
  readonly ejectFor?: Duration;
  /** Longest ejection. Default 60 s (Envoy: 300 s). */
  readonly longest?: Duration;
  /** Share of the backends that may be out at a time, 0…1; one may be in any case. Default 0.5 (Envoy: 0.1). */
  readonly maxEjected?: number;
  /** Length of an interval, above 0: success rates are compared at its end. Default 10 s. */
  readonly interval?: Duration;
  /** Default: success rates are not compared. */
  readonly successRate?: SuccessRate;
}

export interface SuccessRate {
  /** Below the mean less so many standard deviations is an outlier, above 0. Default 1.9. */
  readonly deviations?: number;
  /** Backends with fewer requests in the interval are not judged, at least 1. Default 100. */
  readonly requests?: number;
  /** With fewer backends to compare none is judged, at least 2. Default 5. */
  readonly backends?: number;
}

export interface ActiveHealth {
  /** Between the beginnings of two probes of a backend, above 0. Default 5 s. */
  readonly interval?: Duration;
  /** Default 2 s. */
  readonly timeout?: Duration;
  /** Failed probes in a row after which a backend is down, at least 1. Default 2. */
  readonly down?: number;
  /** Successful probes in a row after which it is up again, at least 1. Default 2. */
  readonly up?: number;
  /** The message that backends answer to a probe; its payload is `{}`. Default `health`. */
  readonly message?: string;
}

export interface BackendState extends BackendIdentity {
  inFlight: number;
  /** Failures in a row. */
  failures: number;
  /** Ejections, less one for each interval without. */
  ejections: number;
  /** Not used before this instant of the balancer's clock. */
  ejectedUntil: Micros;
  /** What probes say. */
  up: boolean;
  /** Probes in a row that contradict `up`. */
  contrary: number;
  /** When it came back last, or will: its slow start begins; undefined: it was never away. */
  backAt: Micros | undefined;
  /** Since the interval began: requests that ended, and those of them that failed. */
  ended: number;
  failed: number;
}

/** Checked passive health. */
export interface PassiveRules {
  readonly refusals: boolean;
  readonly interval: Micros;
  readonly comparesRates: boolean;
  /** Whether this failure makes the backend one to eject. */
  failed(backend: BackendState): boolean;
  succeeded(backend: BackendState): void;
  /** Ejects it, unless too many are out already. */
  eject(backend: BackendState, all: readonly BackendState[], now: Micros): boolean;
  /** An interval is over: those whose success rate is an outlier. */
  outliers(all: readonly BackendState[]): readonly BackendState[];
}

export const freshBackend = ({ index, id, weight }: BackendIdentity): BackendState => ({
  index,
  id,
  weight,
  inFlight: 0,
  failures: 0,
  ejections: 0,
  ejectedUntil: 0,
  up: true,
  contrary: 0,
  backAt: undefined,
  ended: 0,
  failed: 0,
});

export const isUsable = ({ up, ejectedUntil }: BackendState, now: Micros): boolean => up && ejectedUntil <= now;

export const counted = (value: number, field: string, least = 1): number => {
  if (Number.isInteger(value) && value >= least) return value;
  throw new ConfigError(field, value, `a whole number of at least ${least}`);
};

export const above0 = (value: Duration, field: string): Micros => {
  const duration = parseDuration(value, field);
  if (duration === 0) throw new ConfigError(field, duration, 'a duration above 0');
  return duration;
};

/** Throws ConfigError. */
export function passiveRules(options: PassiveHealth): PassiveRules {
  const field = 'balancer.passive';
  const failures = counted(options.failures ?? 3, `${field}.failures`);
  const ejectFor = above0(options.ejectFor ?? '5s', `${field}.ejectFor`);
  const longest = parseDuration(options.longest ?? '60s', `${field}.longest`);
  const interval = above0(options.interval ?? '10s', `${field}.interval`);
  const { maxEjected = 0.5, refusals = false, successRate } = options;
  if (!(maxEjected >= 0 && maxEjected <= 1))
    throw new ConfigError(`${field}.maxEjected`, maxEjected, 'a share from 0 to 1');
  const isOutlier = successRate === undefined ? () => [] : rateOutliers(successRate);
  return {
    refusals,
    interval,
    comparesRates: successRate !== undefined,
    failed(backend) {
      backend.ended++;
      backend.failed++;
      backend.failures++;
      return backend.failures >= failures;
    },
    succeeded(backend) {
      backend.ended++;
      backend.failures = 0;
    },
    eject(backend, all, now) {
      backend.failures = 0;
      if (backend.ejectedUntil > now) return false;
      const out = all.filter(({ ejectedUntil }) => ejectedUntil > now).length;
      if (out > 0 && out + 1 > maxEjected * all.length) return false;
      const quiet = Math.floor((now - backend.ejectedUntil) / interval);
      backend.ejections = Math.max(0, backend.ejections - quiet) + 1;
      backend.ejectedUntil = now + Math.min(longest, ejectFor * backend.ejections);
      backend.backAt = backend.ejectedUntil;
      return true;
    },
    outliers(all) {
      const found = isOutlier(all);
      for (const backend of all) backend.ended = backend.failed = 0;
      return found;
    },
  };
}

/** Envoy's success rate outliers: below mean − factor · deviation of those with enough requests. */
function rateOutliers({ deviations = 1.9, requests = 100, backends = 5 }: SuccessRate) {
  const field = 'balancer.passive.successRate';
  if (!(deviations > 0 && deviations < Infinity))
    throw new ConfigError(`${field}.deviations`, deviations, 'a number above 0');
  counted(requests, `${field}.requests`);
  counted(backends, `${field}.backends`, 2);
  return (all: readonly BackendState[]): readonly BackendState[] => {
    const judged = all.filter(({ ended }) => ended >= requests);
    if (judged.length < backends) return [];
    const rate = ({ ended, failed }: BackendState): number => 1 - failed / ended;
    const mean = judged.reduce((sum, one) => sum + rate(one), 0) / judged.length;
    const variance = judged.reduce((sum, one) => sum + (rate(one) - mean) * (rate(one) - mean), 0) / judged.length;
    const least = mean - deviations * maths.sqrt(variance);
    return judged.filter((one) => rate(one) < least);
  };
}

/** Checked active health. */
export interface ActiveRules {
  readonly interval: Micros;
  readonly timeout: Micros;
  readonly message: string;
  /** What a probe found. True: the backend is now down, or up again. */
  probed(backend: BackendState, healthy: boolean, now: Micros): boolean;
}

/** Throws ConfigError. */
export function activeRules(options: ActiveHealth): ActiveRules {
  const interval = above0(options.interval ?? '5s', 'balancer.active.interval');
  const timeout = parseDuration(options.timeout ?? '2s', 'balancer.active.timeout');
  const down = counted(options.down ?? 2, 'balancer.active.down');
  const up = counted(options.up ?? 2, 'balancer.active.up');
  return {
    interval,
    timeout,
    message: options.message ?? 'health',
    probed(backend, healthy, now) {
      backend.contrary = healthy === backend.up ? 0 : backend.contrary + 1;
      if (backend.contrary < (backend.up ? down : up)) return false;
      backend.up = healthy;
      backend.contrary = 0;
      if (healthy) backend.backAt = Math.max(now, backend.ejectedUntil);
      return true;
    },
  };
}
