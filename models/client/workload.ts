/**
 * Workloads: when operations begin.
 *
 * An *open loop* sends operations at instants that do not depend on the answers, as the users of a public service do: when the
 * system slows down they keep coming. A *closed loop* has a number of users of whom each waits for the answer, thinks, and goes
 * on: when the system slows down it asks for less (B. Schroeder, A. Wierman, M. Harchol-Balter, "Open versus closed: a
 * cautionary tale", NSDI 2006). Which of the two a test uses decides whether it can see an overload at all.
 *
 * An open loop's latency counts from the *intended* arrival, also when the client was paused or had no connection free by then;
 * to count from the sending would leave out exactly the waits that matter ("coordinated omission", G. Tene). So does that of a
 * closed loop with a `pace`: its users mean to begin at fixed instants, and are late when an answer was.
 */
import { ConfigError, compile, parseDuration, toDistribution, withFunctions } from '../../sim/index.ts';
import type { Distribution, Duration, Micros, RandomSource } from '../../sim/index.ts';
import { poisson, renewal, thinned, type AnyArrivals } from './arrivals.ts';
import type { RateShape } from './rate-shape.ts';

interface Span {
  /** Operations in all (for a closed loop: of all its users), counted anew after a restart. Default: no limit. */
  readonly operations?: number;
  /** Nothing begins before this instant of the client's clock. Default 0. */
  readonly from?: Duration;
  /** Nothing begins at or after this instant of the client's clock, which is after `from`. Default: never. */
  readonly until?: Duration;
}

export interface OpenLoopOptions extends Span {
  /** Poisson arrivals, this many a second, above 0; or as many as a shape says: `diurnal`, `steps`, `ramp`, `flashCrowd`. */
  readonly rate?: number | RateShape;
  /** Or: the time between arrivals, any distribution with a mean above 0; a duration is a steady beat. */
  readonly gap?: Distribution;
  /** Or: another process: `bursts`, `replayed`. */
  readonly arrivals?: AnyArrivals;
  /** Most operations in progress; further ones wait in the client, and their latency grows. Default: no limit. */
  readonly concurrency?: number;
}

export interface ClosedLoopOptions extends Span {
  /** Users, at least 1; each has one operation in progress at most. Default 1. */
  readonly users?: number;
  /** Between an answer and the user's next operation, and before the first. Default 0. */
  readonly think?: Distribution;
  /**
   * Instead of thinking: each user means to begin an operation every `pace`, above 0, the users evenly apart. One that is late
   * begins at once, and its latency counts from when it was meant to begin.
   */
  readonly pace?: Duration;
}

/** A checked workload. */
export interface Workload {
  readonly kind: 'open' | 'closed';
  /** Of an open loop. */
  readonly arrivals: AnyArrivals;
  /** Draws a time to think: µs, not rounded. */
  readonly think: (source: RandomSource) => number;
  readonly pace: Micros | undefined;
  readonly users: number;
  readonly concurrency: number;
  readonly operations: number;
  readonly from: Micros;
  readonly until: Micros;
}

const atLeastOne = (value: number, field: string): number => {
  if (value === Infinity || (Number.isInteger(value) && value >= 1)) return value;
  throw new ConfigError(field, value, 'a whole number of at least 1');
};

function spanOf(options: Span): Pick<Workload, 'operations' | 'from' | 'until'> {
  const from = parseDuration(options.from ?? 0, 'workload.from');
  const until = options.until === undefined ? Infinity : parseDuration(options.until, 'workload.until');
  if (until <= from) throw new ConfigError('workload.until', options.until, `an instant after from (${from} µs)`);
  return { operations: atLeastOne(options.operations ?? Infinity, 'workload.operations'), from, until };
}

/** Arrivals that wait for nobody. Give `rate`, `gap` or `arrivals`. Throws ConfigError. */
export function openLoop(options: OpenLoopOptions): Workload {
  const { rate, gap, arrivals, concurrency = Infinity } = options;
  if ([rate, gap, arrivals].filter((one) => one !== undefined).length !== 1)
    throw new ConfigError(
      'workload',
      { rate, gap, arrivals: arrivals?.name },
      'either rate (operations a second) or gap (a distribution) or arrivals (a process)',
    );
  if (arrivals !== undefined)
    withFunctions(arrivals, ['init', 'gap'], 'workload.arrivals', 'a process, such as bursts([…])');
  return {
    kind: 'open',
    arrivals: arrivals ?? (gap === undefined ? ratedArrivals(rate as number | RateShape) : renewal(gap)),
    think: () => 0,
    pace: undefined,
    users: 0,
    concurrency: atLeastOne(concurrency, 'workload.concurrency'),
    ...spanOf(options),
  };
}

function ratedArrivals(rate: number | RateShape): AnyArrivals {
  if (typeof rate === 'number') return poisson(rate);
  return thinned(withFunctions(rate, ['at', 'bound'], 'workload.rate', 'a number of operations a second, or a shape'));
}

/** Users who wait for the answer. Throws ConfigError. */
export function closedLoop(options: ClosedLoopOptions = {}): Workload {
  const { users = 1, think, pace } = options;
  if (!Number.isInteger(users) || users < 1)
    throw new ConfigError('workload.users', users, 'a whole number of at least 1');
  if (think !== undefined && pace !== undefined)
    throw new ConfigError('workload.pace', pace, 'nothing where users think: either think or pace');
  const beat = pace === undefined ? undefined : parseDuration(pace, 'workload.pace');
  if (beat === 0) throw new ConfigError('workload.pace', beat, 'a duration above 0');
  return {
    kind: 'closed',
    arrivals: NOBODY,
    think: compile(toDistribution(think ?? 0, 'workload.think')).sampleReal,
    pace: beat,
    users,
    concurrency: Infinity,
    ...spanOf(options),
  };
}

/** Nobody comes by themselves in a closed loop. */
const NOBODY: AnyArrivals = { name: 'none', init: () => undefined, gap: () => Infinity };
