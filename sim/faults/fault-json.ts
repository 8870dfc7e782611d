/** Faults as JSON: the durations as exact text, so that a file reads well and reads back to the same fault. */
import { durationText } from '../base/time.ts';
import type { DistributionSpec } from '../random/distribution-spec.ts';
import type { Fault } from './fault.ts';

/** A duration either way as exact text: `-250ms`. */
export const shiftText = (by: number): string => (by < 0 ? `-${durationText(-by)}` : durationText(by));

/** Not durations, in a distribution. */
const PLAIN: ReadonlySet<string> = new Set(['alpha', 'sigma', 'k', 'weight']);

const partJson = (value: unknown): unknown =>
  typeof value === 'number'
    ? durationText(value)
    : typeof value === 'object'
      ? distributionJson(value as DistributionSpec)
      : value;

/** The distribution with its durations as text. */
export function distributionJson(spec: DistributionSpec): Record<string, unknown> {
  const json: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(spec) as [string, unknown][]) {
    if (key === 'points') json[key] = (value as [number, unknown][]).map(([quantile, at]) => [quantile, partJson(at)]);
    else if (key === 'parts') {
      json[key] = (value as { weight: number; of: unknown }[]).map(({ weight, of }) => ({ weight, of: partJson(of) }));
    } else json[key] = PLAIN.has(key) ? value : partJson(value);
  }
  return json;
}

/** Durations, in faults. */
const DURATIONS: ReadonlySet<string> = new Set(['at', 'for', 'every', 'down', 'up', 'window', 'stagger']);

/** One fault as plain JSON. */
export function faultJson(fault: Fault): Record<string, unknown> {
  const json: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(fault) as [string, unknown][]) {
    if (value === undefined) continue;
    if (DURATIONS.has(key)) json[key] = durationText(value as number);
    else if (key === 'by') json[key] = shiftText(value as number);
    else if (key === 'delay' || key === 'extra') {
      const spec = value as DistributionSpec;
      json[key] = spec.kind === 'constant' ? partJson(spec.value) : distributionJson(spec);
    } else json[key] = value;
  }
  return json;
}
