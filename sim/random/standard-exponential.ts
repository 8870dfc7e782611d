/**
 * Exponential variates of mean 1 by the ziggurat (Marsaglia and Tsang, "The ziggurat method for generating random variables",
 * 2000, 256 layers): 98.9 % of the time one draw, one comparison and one product instead of a logarithm.
 * The layer comes from the draw's low 8 bits and the place in the layer from all 32, so a layer holds 2²⁴ distinct values: steps
 * of at most 4.6e-7 of the mean. The tables are built at load with deterministic maths.
 */
import { exp, ln } from '../base/maths.ts';
import type { RandomSource } from './random-source.ts';

/** Where the tail begins, and the area of each layer. */
const TAIL = 7.69711747013105;
const AREA = 0.003949659822581557;

/** Per layer: accept at once below `SURE`; width of one step; height of the curve at the right edge. */
const SURE = new Float64Array(256);
const STEP = new Float64Array(256);
const HEIGHT = new Float64Array(256);

function fillTables(): void {
  const base = AREA / exp(-TAIL);
  SURE[0] = (TAIL / base) * 2 ** 32;
  STEP[0] = base / 2 ** 32;
  HEIGHT[0] = 1;
  let edge = TAIL;
  STEP[255] = edge / 2 ** 32;
  HEIGHT[255] = exp(-edge);
  for (let layer = 254; layer >= 1; layer--) {
    const inner = -ln(AREA / edge + exp(-edge));
    SURE[layer + 1] = (inner / edge) * 2 ** 32;
    STEP[layer] = inner / 2 ** 32;
    HEIGHT[layer] = exp(-inner);
    edge = inner;
  }
}
fillTables();

/** An exponential variate of mean 1. Takes a varying number of draws, 1.03 on average. */
export function standardExponential(source: RandomSource): number {
  const bits = source.next() * 2 ** 32;
  const layer = bits & 255;
  if (bits < (SURE[layer] as number)) return bits * (STEP[layer] as number);
  return edgeOfLayer(source, bits, layer);
}

function edgeOfLayer(source: RandomSource, bits: number, layer: number): number {
  if (layer === 0) return TAIL - ln(1 - source.next()); // the tail of an exponential is an exponential
  const x = bits * (STEP[layer] as number);
  const low = HEIGHT[layer] as number;
  const high = HEIGHT[layer - 1] as number;
  if (low + (1 - source.next()) * (high - low) < exp(-x)) return x;
  return standardExponential(source);
}
