/** Quantiles of the normal and of Student's distribution, for confidence intervals. */

import { assert } from "./assert.js";

/** Acklam's rational approximation of the normal quantile; relative error below 1.2e-9. */
const CENTRAL = {
  a: [
    -3.969683028665376e1, 2.209460984245205e2, -2.759285104469687e2, 1.38357751867269e2, -3.066479806614716e1,
    2.506628277459239,
  ],
  b: [-5.447609879822406e1, 1.615858368580409e2, -1.556989798598866e2, 6.680131188771972e1, -1.328068155288572e1, 1],
};
const TAIL = {
  c: [
    -7.784894002430293e-3, -3.223964580411365e-1, -2.400758277161838, -2.549732539343734, 4.374664141464968,
    2.938163982698783,
  ],
  d: [7.784695709041462e-3, 3.224671290700398e-1, 2.445134137142996, 3.754408661907416, 1],
};
const TAIL_FROM = 0.02425;

function polynomial(coefficients: readonly number[], x: number): number {
  return coefficients.reduce((sum, coefficient) => sum * x + coefficient, 0);
}

/** The x below which a standard normal variable stays with probability p. */
export function normalQuantile(p: number): number {
  assert(p >= 0 && p <= 1, "a probability is from 0 to 1");
  if (p === 0) return Number.NEGATIVE_INFINITY;
  if (p === 1) return Number.POSITIVE_INFINITY;
  if (p > 1 - TAIL_FROM) return -normalQuantile(1 - p);
  if (p < TAIL_FROM) {
    const q = Math.sqrt(-2 * Math.log(p));
    return polynomial(TAIL.c, q) / polynomial(TAIL.d, q);
  }
  const q = p - 0.5;
  return (polynomial(CENTRAL.a, q * q) * q) / polynomial(CENTRAL.b, q * q);
}

/** The same of Student's t with some degrees of freedom: exact for 1 and 2, Hill's expansion (1970) from 3 on. */
export function studentQuantile(p: number, degrees: number): number {
  assert(degrees >= 1, "Student's distribution has at least one degree of freedom");
  if (p < 0.5) return -studentQuantile(1 - p, degrees);
  if (p === 1) return Number.POSITIVE_INFINITY;
  if (degrees === 1) return Math.tan(Math.PI * (p - 0.5));
  if (degrees === 2) {
    const twoSided = 2 * p - 1;
    return twoSided * Math.sqrt(2 / (1 - twoSided * twoSided));
  }
  return hill(2 * (1 - p), degrees);
}

/** Hill's algorithm 396: the quantile of the two-sided probability. */
function hill(twoSided: number, n: number): number {
  const a = 1 / (n - 0.5);
  const b = 48 / (a * a);
  let c = (((20700 * a) / b - 98) * a - 16) * a + 96.36;
  const d = ((94.5 / (b + c) - 3) / b + 1) * Math.sqrt((a * Math.PI) / 2) * n;
  let y = (d * twoSided) ** (2 / n);
  if (y > 0.05 + a) {
    const x = normalQuantile(twoSided / 2);
    y = x * x;
    if (n < 5) c += 0.3 * (n - 4.5) * (x + 0.6);
    c = (((0.05 * d * x - 5) * x - 7) * x - 2) * x + b + c;
    y = (((((0.4 * y + 6.3) * y + 36) * y + 94.5) / c - y - 3) / b + 1) * x;
    y = Math.expm1(a * y * y);
  } else {
    y =
      ((1 / (((n + 6) / (n * y) - 0.089 * d - 0.822) * (n + 2) * 3) + 0.5 / (n + 4)) * y - 1) * ((n + 1) / (n + 2)) +
      1 / y;
  }
  return Math.sqrt(n * y);
}
