/**
 * Virtual time: whole microseconds since the start of the run.
 *
 * A run cannot pass 2^52 µs (about 142 years), so sums and comparisons stay exact in a double.
 */
import { ConfigError } from './errors.ts';

/** An instant or a duration in whole microseconds of virtual time. */
export type Micros = number & { readonly __unit?: 'µs' };

/** A duration as callers may write it: whole microseconds, or text such as `"250ms"`, `"1.5s"`, `"10us"`, `"2m"`, `"1h"`. */
export type Duration = Micros | string;

/** The last instant a run can reach: 2^52 µs. Also used for "never". */
export const NEVER: Micros = 2 ** 52;

/** Microseconds; rounded to the nearest whole one. */
export const us = (n: number): Micros => Math.round(n);
/** Milliseconds. */
export const ms = (n: number): Micros => Math.round(n * 1_000);
/** Seconds. */
export const s = (n: number): Micros => Math.round(n * 1_000_000);
/** Minutes. */
export const minutes = (n: number): Micros => Math.round(n * 60_000_000);
/** Hours. */
export const hours = (n: number): Micros => Math.round(n * 3_600_000_000);

const UNITS: Readonly<Record<string, number>> = {
  us: 1,
  µs: 1,
  ms: 1_000,
  s: 1_000_000,
  m: 60_000_000,
  min: 60_000_000,
  h: 3_600_000_000,
};

/**
 * Reads a duration. `field` names the input in the error.
 * Throws ConfigError for anything but a non-negative duration below 2^52 µs that is a whole number of microseconds.
 */
export function parseDuration(value: unknown, field: string): Micros {
  const expected = 'a duration such as 250000 (microseconds), "250ms", "1.5s" or "2m"';
  if (typeof value === 'number') {
    if (Number.isInteger(value) && value >= 0 && value <= NEVER) return value;
    throw new ConfigError(field, value, `${expected}: a whole, non-negative number of microseconds up to 2^52`);
  }
  if (typeof value !== 'string') throw new ConfigError(field, value, expected);
  const match = /^(\d+(?:\.\d+)?)\s*(us|µs|ms|s|min|m|h)$/.exec(value.trim());
  if (match === null) throw new ConfigError(field, value, expected);
  const exact = Number(match[1]) * (UNITS[match[2] as string] as number);
  const whole = Math.round(exact);
  if (Math.abs(exact - whole) > 1e-6 * Math.max(1, exact) || whole > NEVER) {
    throw new ConfigError(field, value, `${expected}: a whole number of microseconds up to 2^52`);
  }
  return whole;
}

/** As `parseDuration`, for what must take time: throws ConfigError for 0 too. */
export function parsePeriod(value: unknown, field: string): Micros {
  const period = parseDuration(value, field);
  if (period === 0) throw new ConfigError(field, value, 'a duration above 0');
  return period;
}

/** The shortest exact text that `parseDuration` reads back to the same number: `250ms`, `1.5s`, `17us`. */
export function durationText(t: Micros): string {
  if (t === 0) return '0s';
  if (t % 1_000 !== 0) return `${t}us`;
  if (t % 60_000_000 === 0 && t >= 120_000_000) return `${t / 60_000_000}m`;
  if (t >= 1_000_000) return `${t / 1_000_000}s`;
  return `${t / 1_000}ms`;
}

/** An instant for people, in seconds with four decimals: `6.4224 s`. */
export const instantText = (t: Micros): string => `${(t / 1_000_000).toFixed(4)} s`;
