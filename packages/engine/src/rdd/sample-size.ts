/** Which fraction gives a sample of at least a wanted size with probability 0.9999: Spark's SamplingUtils. */

/** Chance that a sample is too small. */
const DELTA = 1e-4;
const FRACTION_MIN = 1e-10;

export function fractionForSampleSize(size: number, total: number, withReplacement: boolean): number {
  if (withReplacement) return Math.max((size + poissonDeviations(size) * Math.sqrt(size)) / total, FRACTION_MIN);
  const fraction = size / total;
  const gamma = -Math.log(DELTA) / total;
  return Math.min(1, Math.max(FRACTION_MIN, fraction + gamma + Math.sqrt(gamma * gamma + 2 * gamma * fraction)));
}

/** Standard deviations to add; a Poisson variable of a small mean is skewed. */
function poissonDeviations(mean: number): number {
  if (mean < 6) return 12;
  return mean < 16 ? 9 : 6;
}
