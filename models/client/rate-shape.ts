/**
 * Rates that change with time: what the load of a day, a launch, a load test looks like. A shape is a pure function of an
 * instant of the client's clock; arrivals follow it as a Poisson process (`openLoop({ rate: diurnal({ … }) })`).
 */
import { ConfigError, maths, parseDuration, type Duration, type Micros } from '../../sim/index.ts';

export interface RateShape {
  readonly name: string;
  /** Arrivals a second at an instant, at least 0. */
  at(t: number): number;
  /** A rate that is not exceeded from `t` until an instant beyond it, which may be Infinity. */
  bound(t: number): { readonly rate: number; readonly until: number };
}

/** An instant of the client's clock, and a rate in operations a second. */
export type RatePoint = readonly [at: Duration, rate: number];

const rateOf = (rate: number, field: string): number => {
  if (rate >= 0 && rate <= 1e9) return rate;
  throw new ConfigError(field, rate, 'a number of operations a second from 0 to 1e9');
};

interface Points {
  readonly at: readonly Micros[];
  readonly rate: readonly number[];
}

/** Points in ascending order of time. */
function pointsOf(points: readonly RatePoint[], field: string): Points {
  if (points.length === 0) throw new ConfigError(field, points, 'at least one point');
  const at = points.map(([time], i) => parseDuration(time, `${field}[${i}]`));
  const late = at.findIndex((time, i) => i > 0 && time <= (at[i - 1] as number));
  if (late >= 0) throw new ConfigError(`${field}[${late}]`, points[late], 'an instant after the one before it');
  return { at, rate: points.map(([, rate], i) => rateOf(rate, `${field}[${i}]`)) };
}

/** The index of the last point at or before `t`; −1: there is none. */
function lastAt({ at }: Points, t: number): number {
  let index = at.length - 1;
  while (index >= 0 && (at[index] as number) > t) index--;
  return index;
}

/** Steps: from each instant on its rate; nothing before the first. `steps([['0s', 100], ['30s', 400]])`. Throws ConfigError. */
export function steps(points: readonly RatePoint[]): RateShape {
  const known = pointsOf(points, 'steps');
  const at = (t: number): number => known.rate[lastAt(known, t)] ?? 0;
  return { name: 'steps', at, bound: (t) => ({ rate: at(t), until: known.at[lastAt(known, t) + 1] ?? Infinity }) };
}

/** A ramp: straight lines between the points, level before the first and after the last. Throws ConfigError. */
export function ramp(points: readonly RatePoint[]): RateShape {
  const known = pointsOf(points, 'ramp');
  const end = known.at.length - 1;
  const atPoint = (i: number): Micros => known.at[i] as Micros;
  const rate = (i: number): number => known.rate[Math.max(0, i)] as number;
  return {
    name: 'ramp',
    at(t) {
      const left = lastAt(known, t);
      if (left < 0 || left === end) return rate(left);
      const grown = (t - atPoint(left)) / (atPoint(left + 1) - atPoint(left));
      return rate(left) + (rate(left + 1) - rate(left)) * grown;
    },
    bound(t) {
      const left = lastAt(known, t);
      if (left === end) return { rate: rate(end), until: Infinity };
      return { rate: Math.max(rate(left), rate(left + 1)), until: atPoint(left + 1) };
    },
  };
}

export interface DiurnalOptions {
  /** Mean over a period. */
  readonly mean: number;
  /** The peak is mean · (1 + swing), the trough mean · (1 − swing); 0…1. Default 0.5. */
  readonly swing?: number;
  /** Above 0. Default 24 h; a minute makes a day that a run can afford. */
  readonly period?: Duration;
  /** When the first peak is. Default a quarter of the period. */
  readonly peakAt?: Duration;
}

/** Day and night: a sine. Throws ConfigError. */
export function diurnal(options: DiurnalOptions): RateShape {
  const { swing = 0.5 } = options;
  const mean = rateOf(options.mean, 'diurnal.mean');
  const period = parseDuration(options.period ?? '24h', 'diurnal.period');
  if (period === 0) throw new ConfigError('diurnal.period', period, 'a duration above 0');
  if (!(swing >= 0 && swing <= 1)) throw new ConfigError('diurnal.swing', swing, 'a share from 0 to 1');
  const peakAt = parseDuration(options.peakAt ?? Math.round(period / 4), 'diurnal.peakAt');
  return {
    name: 'diurnal',
    at: (t) => mean * (1 + swing * maths.cos((2 * maths.PI * ((t - peakAt) % period)) / period)),
    bound: () => ({ rate: mean * (1 + swing), until: Infinity }),
  };
}

export interface FlashCrowdOptions {
  /** Before and long after. */
  readonly base: number;
  readonly peak: number;
  /** When it begins. */
  readonly at: Duration;
  /** From base to peak, in a straight line. Default 1 s. */
  readonly rise?: Duration;
  /** At the peak. Default 0. */
  readonly hold?: Duration;
  /** After that what exceeds the base halves in this time, above 0. Default 10 s. */
  readonly halfLife?: Duration;
}

/**
 * A flash crowd: a sudden rise, a plateau, a slow end, the three phases of I. Ari et al., "Managing flash crowds on the
 * Internet", MASCOTS 2003. Throws ConfigError.
 */
export function flashCrowd(options: FlashCrowdOptions): RateShape {
  const base = rateOf(options.base, 'flashCrowd.base');
  const peak = rateOf(options.peak, 'flashCrowd.peak');
  const at = parseDuration(options.at, 'flashCrowd.at');
  const top = at + parseDuration(options.rise ?? '1s', 'flashCrowd.rise');
  const ends = top + parseDuration(options.hold ?? 0, 'flashCrowd.hold');
  const halfLife = parseDuration(options.halfLife ?? '10s', 'flashCrowd.halfLife');
  if (peak < base) throw new ConfigError('flashCrowd.peak', peak, `at least the base, ${base}`);
  if (halfLife === 0) throw new ConfigError('flashCrowd.halfLife', halfLife, 'a duration above 0');
  // What is left then is less than one arrival in an age of the universe.
  const over = ends + 60 * halfLife;
  const rate = (t: number): number => {
    if (t < at) return base;
    if (t < top) return base + ((peak - base) * (t - at)) / (top - at);
    if (t < ends) return peak;
    return t < over ? base + (peak - base) * maths.exp((-maths.LN2 * (t - ends)) / halfLife) : base;
  };
  return {
    name: 'flash-crowd',
    at: rate,
    bound(t) {
      if (t < at) return { rate: base, until: at };
      if (t < ends) return { rate: peak, until: ends };
      // It only falls from here.
      return { rate: rate(t), until: t < over ? t + halfLife : Infinity };
    },
  };
}

/** The rates of several shapes together: a flash crowd on a weekday. Throws ConfigError. */
export function sumOf(shapes: readonly RateShape[]): RateShape {
  if (shapes.length === 0) throw new ConfigError('sumOf', shapes, 'at least one shape');
  return {
    name: 'sum',
    at: (t) => shapes.reduce((sum, shape) => sum + shape.at(t), 0),
    bound(t) {
      const bounds = shapes.map((shape) => shape.bound(t));
      return {
        rate: bounds.reduce((sum, { rate }) => sum + rate, 0),
        until: Math.min(...bounds.map(({ until }) => until)),
      };
    },
  };
}
