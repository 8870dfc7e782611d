/** Weights of flows: by name, or 1. */
import { ConfigError } from '../../../sim/index.ts';

/** Above 0; a flow that is not named has weight 1. */
export type FlowWeights = Readonly<Record<string, number>>;

/** Throws ConfigError. */
export function weightsOf(weights: FlowWeights = {}, field: string): (flow: string) => number {
  for (const [flow, weight] of Object.entries(weights)) {
    if (!(weight > 0 && weight < Infinity)) throw new ConfigError(`${field}.${flow}`, weight, 'a number above 0');
  }
  const known = new Map(Object.entries(weights));
  return (flow) => known.get(flow) ?? 1;
}
