/**
 * Sine and exponential made of additions and multiplications only.
 * `Math.sin`, `Math.exp` and `**` may differ in the last bit between engines and processors; IEEE 754 fixes + and ×,
 * so a corpus made from these has the same bytes everywhere.
 */

/** Taylor coefficients of sin(θ), θ^1, θ^3 … θ^15: below 1e-11 for |θ| ≤ π/2. */
const SINE = [1, -1 / 6, 1 / 120, -1 / 5040, 1 / 362880, -1 / 39916800, 1 / 6227020800, -1 / 1307674368000];
const TWO_PI = 2 * Math.PI;
/** Terms of e^f for |f| ≤ ln(2)/2: the last is below 1e-15. */
const EXP_TERMS = 14;

/** sin(2π·turns), within 1e-11. */
export function sinTurns(turns: number): number {
  let x = turns - Math.floor(turns + 0.5);
  if (x > 0.25) x = 0.5 - x;
  else if (x < -0.25) x = -0.5 - x;
  const theta = x * TWO_PI;
  const square = theta * theta;
  let sum = 0;
  for (let k = SINE.length - 1; k >= 0; k--) sum = sum * square + SINE[k]!;
  return sum * theta;
}

/** e^x, relative error below 1e-14, for |x| up to a few hundred. */
export function exp(x: number): number {
  const doublings = Math.floor(x / Math.LN2 + 0.5);
  const rest = x - doublings * Math.LN2;
  let sum = 1;
  for (let k = EXP_TERMS; k >= 1; k--) sum = 1 + (sum * rest) / k;
  const factor = doublings < 0 ? 0.5 : 2;
  for (let k = Math.abs(doublings); k > 0; k--) sum *= factor;
  return sum;
}

/** 10^(db/20): the amplitude ratio of a level difference. */
export function dbToAmplitude(db: number): number {
  return exp((db / 20) * Math.LN10);
}
