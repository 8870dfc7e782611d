/**
 * The contract of arrival processes: when the operations of an open loop are intended.
 *
 * A process is plain functions over a plain state that the client keeps for it. Every process: takes what it draws for an arrival
 * from that arrival's own source, so that one operation more or less leaves the others' luck as it was; depends on nothing that
 * the system under load does; and goes by the client's clock, so that a client that restarts comes back to the same outside
 * world, with its rush hours and bursts where they were.
 */
import { ConfigError, NEVER, compile, exponential, s, toDistribution } from '../../sim/index.ts';
import type { Distribution, KeyedDraws, Micros, RandomSource, Sampler } from '../../sim/index.ts';
import type { RateShape } from './rate-shape.ts';

/** The arrival to place. */
export interface Arriving {
  /** Where the last one was, or the beginning: µs on the client's clock, not rounded. */
  readonly after: number;
  /** The beginning of the workload. */
  readonly from: Micros;
  /** A traffic spike: arrivals come this many times as often. 1 without. */
  readonly factor: number;
  /** This arrival's own draws. */
  readonly draws: RandomSource;
  /** Draws of the client that belong to no arrival. */
  readonly shared: KeyedDraws;
}

export interface ArrivalProcess<S> {
  readonly name: string;
  init(): S;
  /** The time from `after` to the next arrival, µs, not rounded; NEVER: there is none. */
  gap(state: S, arriving: Arriving): number;
  /** Which entry of a recording the arrival just placed is. */
  entry?(state: S): number;
}

/** A process as a workload holds it. */
export type AnyArrivals = ArrivalProcess<unknown>;

const ONE_SECOND = compile(exponential({ mean: s(1) }));

/** The gap of a Poisson process of so many arrivals a second. */
export const poissonGap = (rate: number, source: RandomSource): number => ONE_SECOND.sampleReal(source) / rate;

/** Poisson arrivals at a constant rate a second, above 0. Throws ConfigError. */
export function poisson(rate: number): AnyArrivals {
  if (!(rate > 0 && rate <= 1e9))
    throw new ConfigError('workload.rate', rate, 'a number of operations a second above 0, at most 1e9');
  return {
    name: 'poisson',
    init: () => undefined,
    gap: (_state, { draws, factor }) => poissonGap(rate, draws) / factor,
  };
}

/** Independent gaps of one law: constant, or anything with a mean above 0. Throws ConfigError. */
export function renewal(gap: Distribution): AnyArrivals {
  const law: Sampler = compile(toDistribution(gap, 'workload.gap'));
  if (!(law.mean > 0)) throw new ConfigError('workload.gap', gap, 'a distribution with a mean above 0');
  return { name: 'renewal', init: () => undefined, gap: (_state, { draws, factor }) => law.sampleReal(draws) / factor };
}

/**
 * Poisson arrivals at a rate that changes with time, by thinning (P. A. W. Lewis, G. S. Shedler, "Simulation of nonhomogeneous
 * Poisson processes by thinning", 1979): candidates come at a rate that is never exceeded, and one at time t is taken with
 * probability rate(t) / that rate. Exact for any rate.
 */
export function thinned(shape: RateShape): AnyArrivals {
  return {
    name: shape.name,
    init: () => undefined,
    gap(_state, { after, factor, draws }) {
      let at = after;
      while (at < NEVER) {
        const { rate, until } = shape.bound(at);
        // A bound holds for a while; a candidate beyond that is drawn again from there, since an exponential does not remember.
        const candidate = rate > 0 ? at + poissonGap(rate * factor, draws) : Infinity;
        if (candidate >= until) {
          at = until;
          continue;
        }
        at = candidate;
        if (draws.next() * rate < shape.at(at)) return at - after;
      }
      return NEVER;
    },
  };
}
