/** 2³² divided by the golden ratio. Odd, so that steps of it walk through all residues. */
export const GOLDEN = 0x9e3779b9;

/** A bijection of 32 bits with full avalanche: C. Wellons' lowbias32, bias 0.17. */
export function mix(x: number): number {
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
  return x ^ (x >>> 16);
}
