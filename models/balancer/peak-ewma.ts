/**
 * Peak EWMA (Finagle's `PeakEwma`; also Linkerd's and the NGINX Ingress Controller's): two candidates at random, the cheaper
 * one gets the request. The cost of a backend is a moving average of its latency that jumps *up* at once and comes down slowly,
 * times the requests that would then be in progress: cost · (inFlight + 1). So a backend that turns slow is left within one
 * answer (or one timeout), where round robin goes on feeding it and least connections first has to fill it up.
 *
 * The average decays with time, also while nothing is sent: after a few `decay` times the backend looks cheap again and gets a
 * request that finds out. A backend that has never answered is free to be tried once, and costs a `PENALTY` while that first
 * request is out.
 *
 * What it cannot see: a backend that fails *quickly* looks cheap. That is what ejection is for.
 */
import { ConfigError, maths, parseDuration, type Duration, type Micros } from '../../sim/index.ts';
import { choicesFrom, drawDistinct } from './choices.ts';
import type { BackendView, BalancerPolicy } from './policy.ts';

export interface PeakEwmaOptions {
  /** After this time an old latency counts 1/e of what it did, above 0. Default 10 s, as in Finagle. */
  readonly decay?: Duration;
  /** Candidates compared, at least 1; Infinity: all. Default 2. */
  readonly choices?: number;
}

export interface PeakEwmaState {
  /** By backend index: the average, µs, and when it was brought up to date. */
  cost: number[];
  at: Micros[];
}

/** More than any latency: about four years. */
const PENALTY = 2 ** 47;

/** Throws ConfigError. */
export function peakEwma(options: PeakEwmaOptions = {}): BalancerPolicy<PeakEwmaState> {
  const decay = parseDuration(options.decay ?? '10s', 'peakEwma.decay');
  if (decay === 0) throw new ConfigError('peakEwma.decay', decay, 'a duration above 0');
  const choices = choicesFrom(options.choices ?? 2, 'peakEwma.choices');
  const observe = ({ cost, at }: PeakEwmaState, index: number, latency: number, now: Micros): number => {
    const old = cost[index] as number;
    const kept = maths.exp(-Math.max(0, now - (at[index] as number)) / decay);
    const average = latency > old ? latency : old * kept + latency * (1 - kept);
    cost[index] = average;
    at[index] = now;
    return average;
  };
  return {
    name: 'peak-ewma',
    init(backends) {
      const size = Math.max(...backends.map(({ index }) => index)) + 1;
      return { cost: Array.from({ length: size }, () => 0), at: Array.from({ length: size }, () => 0) };
    },
    pick(state, candidates, { now, random }) {
      const load = ({ index, inFlight, weight }: BackendView): number => {
        // Nothing is observed: time alone brings the average down.
        const cost = observe(state, index, 0, now);
        return (cost === 0 && inFlight > 0 ? PENALTY + inFlight : cost * (inFlight + 1)) / weight;
      };
      if (candidates.length === 1) return (candidates[0] as BackendView).index;
      let best = -1;
      let least = Infinity;
      for (const candidate of drawDistinct(candidates, choices, random)) {
        const mine = load(candidate);
        if (best >= 0 && mine >= least) continue;
        best = candidate.index;
        least = mine;
      }
      return best;
    },
    ended: (state, backend, { latency, now }) => void observe(state, backend, latency, now),
  };
}
