/** Numbers of faults brought nearer to where they do no harm, and rounded so that they read well. */
import { ConfigError } from '../base/errors.ts';
import type { DistributionSpec } from '../random/distribution-spec.ts';
import { toDistribution } from '../random/parse-distribution.ts';

/**
 * What a number measures: a probability or share (harmless at 0), a factor (at 1), a shift of a clock in µs (0), a drift in parts
 * per million (0), a duration in µs (0), a rate (the more the better), a distribution of durations.
 */
export type Measure = 'share' | 'factor' | 'shift' | 'ppm' | 'duration' | 'rate' | 'law';

/** Below these a fault counts as harmless already. */
const LEAST = { share: 0.02, factor: 0.1, shift: 1_000, ppm: 10, duration: 1_000 } as const;
const FASTEST = 1e9;

/** The number with a share `by` (0…1) of its harm left; undefined when hardly any is. */
export function weakerNumber(value: number, measure: Measure, by: number): number | undefined {
  if (measure === 'law') return undefined;
  if (measure === 'rate') return value >= FASTEST ? undefined : Math.min(FASTEST, twoDigits(value / by));
  const neutral = measure === 'factor' ? 1 : 0;
  const harm = (value - neutral) * by;
  if (Math.abs(harm) < LEAST[measure]) return undefined;
  const rounded = twoDigits(harm);
  const next =
    measure === 'shift' || measure === 'duration' ? Math.round(rounded) : Number((neutral + rounded).toPrecision(6));
  return next === value ? undefined : next;
}

/**
 * The same law with every duration a share `by` of what it was; undefined when they are below a millisecond then, or when rounding
 * leaves no law: a deviation or a tail of a microsecond.
 */
export function weakerLaw(spec: DistributionSpec, by: number): DistributionSpec | undefined {
  const scaled = scale(spec, by);
  return longest(scaled) < LEAST.duration || !isLaw(scaled) ? undefined : scaled;
}

function isLaw(spec: DistributionSpec): boolean {
  try {
    toDistribution(spec, 'law');
    return true;
  } catch (error) {
    if (error instanceof ConfigError) return false;
    throw error;
  }
}

const twoDigits = (x: number): number => Number(x.toPrecision(2));

/** Fields of a distribution that are no durations. */
const PLAIN: ReadonlySet<string> = new Set(['kind', 'alpha', 'sigma', 'k', 'weight']);

function scale(spec: DistributionSpec, by: number): DistributionSpec {
  const scaled: Record<string, unknown> = {};
  for (const [field, value] of Object.entries(spec) as [string, unknown][]) scaled[field] = part(field, value, by);
  return scaled as unknown as DistributionSpec;
}

function part(field: string, value: unknown, by: number): unknown {
  if (PLAIN.has(field)) return value;
  if (typeof value === 'number') return Math.round(value * by);
  if (field === 'points') return (value as [number, number][]).map(([quantile, at]) => [quantile, Math.round(at * by)]);
  if (Array.isArray(value)) return value.map((item) => scale(item as DistributionSpec, by));
  return typeof value === 'object' && value !== null ? scale(value as DistributionSpec, by) : value;
}

/** The largest duration that the law names. */
function longest(spec: DistributionSpec): number {
  let most = 0;
  for (const [field, value] of Object.entries(spec) as [string, unknown][]) {
    if (PLAIN.has(field)) continue;
    if (typeof value === 'number') most = Math.max(most, value);
    else if (field === 'points') for (const [, at] of value as [number, number][]) most = Math.max(most, at);
    else if (Array.isArray(value)) for (const item of value) most = Math.max(most, longest(item as DistributionSpec));
    else if (typeof value === 'object' && value !== null) most = Math.max(most, longest(value as DistributionSpec));
  }
  return most;
}
