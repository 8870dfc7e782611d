/** The contract of concurrency limits: how many calls may be in progress, fixed or learnt from how they end. */
import { ConfigError } from '../../sim/index.ts';
import type { Ending } from './policy.ts';

export interface ConcurrencyLimit<S = unknown> {
  readonly name: string;
  init(): S;
  /** Calls that may be in progress now, at least 1. */
  current(state: S): number;
  /** A call has ended; `inFlight` counts it too. */
  ended(state: S, ending: Ending, inFlight: number): void;
}

/** Always `limit`, at least 1. Throws ConfigError. */
export function fixedLimit(limit: number): ConcurrencyLimit<null> {
  atLeastOne(limit, 'limit');
  return { name: 'fixed', init: () => null, current: () => limit, ended: () => {} };
}

/** Bounds of a limit that adapts. */
export interface AdaptiveBounds {
  /** At the beginning. Default 20. */
  readonly initial?: number;
  /** At least 1. Default 1. */
  readonly min?: number;
  /** Default 200. */
  readonly max?: number;
}

/** Throws ConfigError. */
export function checkedBounds({ initial = 20, min = 1, max = 200 }: AdaptiveBounds): Required<AdaptiveBounds> {
  atLeastOne(min, 'limit.min');
  if (!(max >= min)) throw new ConfigError('limit.max', max, `at least limit.min (${min})`);
  if (!(initial >= min && initial <= max)) throw new ConfigError('limit.initial', initial, `from ${min} to ${max}`);
  return { initial, min, max };
}

export function atLeastOne(value: number, field: string): number {
  if (value === Infinity || (Number.isInteger(value) && value >= 1)) return value;
  throw new ConfigError(field, value, 'a whole number of at least 1');
}
