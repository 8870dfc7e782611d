/**
 * Workloads: when operations begin.
 *
 * An *open loop* sends operations at instants that do not depend on the answers, as the users of a public service do: when the
 * system slows down they keep coming. A *closed loop* has a number of users of whom each waits for the answer, thinks, and goes
 * on: when the system slows down it asks for less (B. Schroeder, A. Wierman, M. Harchol-Balter, "Open versus closed: a
 * cautionary tale", NSDI 2006). Which of the two a test uses decides whether it can see an overload at all.
 *
 * An open loop's latency counts from the *intended* arrival, also when the client was paused or had no connection free by then;
 * to count from the sending would leave out exactly the waits that matter ("coordinated omission", G. Tene).
 */
import { ConfigError, compile, exponential, parseDuration, s, toDistribution } from '../../sim/index.ts';
import type { Distribution, Duration, Micros, RandomSource } from '../../sim/index.ts';

interface Span {
  /** Operations in all (for a closed loop: of all its users), counted anew after a restart. Default: no limit. */
  readonly operations?: number;
  /** Nothing begins before this instant of the client's clock. Default 0. */
  readonly from?: Duration;
  /** Nothing begins at or after this instant of the client's clock. Default: never. */
  readonly until?: Duration;
}

export interface OpenLoopOptions extends Span {
  /** Poisson arrivals, this many a second, above 0. */
  readonly rate?: number;
  /** Or: the time between arrivals, any distribution with a mean above 0. */
  readonly gap?: Distribution;
  /** Most operations in progress; further ones wait in the client, and their latency grows. Default: no limit. */
  readonly concurrency?: number;
}

export interface ClosedLoopOptions extends Span {
  /** Users, at least 1; each has one operation in progress at most. Default 1. */
  readonly users?: number;
  /** Between an answer and the user's next operation, and before the first. Default 0. */
  readonly think?: Distribution;
}

/** A checked workload. */
export interface Workload {
  readonly kind: 'open' | 'closed';
  /** Mean of the gap or of the thinking, µs. */
  readonly mean: number;
  /** Draws a gap or a time to think: µs, not rounded. */
  readonly draw: (source: RandomSource) => number;
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

const spanOf = ({ operations = Infinity, from = 0, until }: Span): Pick<Workload, 'operations' | 'from' | 'until'> => ({
  operations: atLeastOne(operations, 'workload.operations'),
  from: parseDuration(from, 'workload.from'),
  until: until === undefined ? Infinity : parseDuration(until, 'workload.until'),
});

/** Arrivals that wait for nobody. Give `rate` or `gap`. Throws ConfigError. */
export function openLoop(options: OpenLoopOptions): Workload {
  const { rate, gap, concurrency = Infinity } = options;
  if ((rate === undefined) === (gap === undefined)) {
    throw new ConfigError('workload', { rate, gap }, 'either rate (operations a second) or gap (a distribution)');
  }
  const rest = { users: 0, concurrency: atLeastOne(concurrency, 'workload.concurrency'), ...spanOf(options) };
  if (rate !== undefined) {
    if (!(rate > 0 && rate <= 1e9))
      throw new ConfigError('workload.rate', rate, 'a number of operations a second above 0, at most 1e9');
    // The mean of the gap need not be a whole number of microseconds.
    const second = compile(exponential({ mean: s(1) }));
    return { kind: 'open', mean: s(1) / rate, draw: (source) => second.sampleReal(source) / rate, ...rest };
  }
  const law = compile(toDistribution(gap, 'workload.gap'));
  if (!(law.mean > 0)) throw new ConfigError('workload.gap', gap, 'a distribution with a mean above 0');
  return { kind: 'open', mean: law.mean, draw: law.sampleReal, ...rest };
}

/** Users who wait for the answer. Throws ConfigError. */
export function closedLoop(options: ClosedLoopOptions = {}): Workload {
  const { users = 1, think = 0 } = options;
  if (!Number.isInteger(users) || users < 1)
    throw new ConfigError('workload.users', users, 'a whole number of at least 1');
  const law = compile(toDistribution(think, 'workload.think'));
  return { kind: 'closed', mean: law.mean, draw: law.sampleReal, users, concurrency: Infinity, ...spanOf(options) };
}
