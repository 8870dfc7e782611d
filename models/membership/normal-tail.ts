/** How likely a normal variable is to be so far above its mean. */
import { maths } from '../../sim/index.ts';

/** Chebyshev coefficients of the complementary error function (Numerical Recipes, §6.2), lowest power first. */
const ERFC = [
  -1.26551223, 1.00002368, 0.37409196, 0.09678418, -0.18628806, 0.27886807, -1.13520398, 1.48851587, -0.82215223,
  0.17087277,
] as const;

/** ln erfc(z) for z ≥ 0, within 1.2e-7; far out too, where erfc itself is 0 in doubles. */
function lnErfc(z: number): number {
  const t = 1 / (1 + z / 2);
  let series = 0;
  for (let i = ERFC.length - 1; i >= 0; i--) series = series * t + (ERFC[i] as number);
  return maths.ln(t) - z * z + series;
}

/** ln P(X > y) of a standard normal X. */
export function lnNormalTail(y: number): number {
  const beyond = lnErfc(Math.abs(y) / maths.sqrt(2)) - maths.LN2;
  return y >= 0 ? beyond : maths.ln(1 - maths.exp(beyond));
}
