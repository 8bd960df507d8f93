/** Estimates of counts, means and sums from some of the partitions, as Spark's evaluators (CountEvaluator, MeanEvaluator, SumEvaluator) make them. */

import { normalQuantile, studentQuantile } from "../lib/quantiles.js";
import type { StatCounter } from "./stat-counter.js";

/** From so many numbers on, the distribution of their mean is taken as normal (Spark's figure). */
const NORMAL_FROM = 100;

/**
 * A number known with a confidence (0 to 1): it lies between `low` and `high`, most probably at `mean`.
 *
 * @see Spark's BoundedDouble
 */
export interface BoundedDouble {
  /** The most probable value. */
  readonly mean: number;
  /** It is hardly less than this. */
  readonly low: number;
  /** It is hardly more than this. */
  readonly high: number;
  /** How probable it is that it lies between `low` and `high`; 1: it is known. */
  readonly confidence: number;
}

function exactly(value: number): BoundedDouble {
  return { mean: value, low: value, high: value, confidence: 1 };
}

const UNKNOWN: BoundedDouble = {
  mean: 0,
  low: Number.NEGATIVE_INFINITY,
  high: Number.POSITIVE_INFINITY,
  confidence: 0,
};

/**
 * The whole count, when `count` was seen in the part `done` of the partitions: what is missing has a negative binomial distribution, here by its
 * normal approximation.
 */
export function countBounds(count: number, done: number, confidence: number): BoundedDouble {
  if (done >= 1) return exactly(count);
  if (done === 0 || count === 0) return { mean: 0, low: 0, high: Number.POSITIVE_INFINITY, confidence: 0 };
  const rest = (count * (1 - done)) / done;
  const deviation = Math.sqrt(rest / done);
  const width = normalQuantile((1 + confidence) / 2) * deviation;
  return {
    mean: count + rest,
    low: count + Math.max(0, Math.floor(rest - width)),
    high: count + Math.ceil(rest + width),
    confidence,
  };
}

function widthFactor(count: number, confidence: number): number {
  const probability = (1 + confidence) / 2;
  return count > NORMAL_FROM ? normalQuantile(probability) : studentQuantile(probability, count - 1);
}

export function meanBounds(counter: StatCounter, done: number, confidence: number): BoundedDouble {
  if (done >= 1) return exactly(counter.mean);
  if (done === 0 || counter.count === 0) return UNKNOWN;
  if (counter.count === 1) return { ...UNKNOWN, mean: counter.mean, confidence };
  const width = widthFactor(counter.count, confidence) * Math.sqrt(counter.sampleVariance / counter.count);
  return { mean: counter.mean, low: counter.mean - width, high: counter.mean + width, confidence };
}

/** The product of the estimated count and the estimated mean, whose variances are combined as those of independent variables. */
export function sumBounds(counter: StatCounter, done: number, confidence: number): BoundedDouble {
  if (done >= 1) return exactly(counter.sum);
  if (done === 0 || counter.count === 0) return UNKNOWN;
  const { count, mean } = counter;
  const countEstimate = (count + 1 - done) / done;
  const countVariance = ((count + 1) * (1 - done)) / (done * done);
  const sum = mean * countEstimate;
  if (count === 1) return { ...UNKNOWN, mean: sum, confidence };
  const meanVariance = counter.sampleVariance / count;
  const variance =
    mean * mean * countVariance + countEstimate * countEstimate * meanVariance + meanVariance * countVariance;
  const width = widthFactor(count, confidence) * Math.sqrt(variance);
  return { mean: sum, low: sum - width, high: sum + width, confidence };
}
