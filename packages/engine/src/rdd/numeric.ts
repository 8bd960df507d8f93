/** Actions on RDDs of numbers. */

import { extremes } from "../actions/extremes.js";
import { histogram } from "../actions/histogram.js";
import { stats } from "../actions/stats.js";
import { sum } from "../actions/sum.js";
import { refuse, refuseAt, requireActionOptions, requireInteger } from "./arguments.js";
import { type BoundedDouble, meanBounds, sumBounds } from "./bounds.js";
import { CallSite } from "./call-site.js";
import { approximate, type PartialResult, requireApproximation } from "./partial-result.js";
import { baseOf, RddBase } from "./rdd-base.js";
import type { ActionOptions } from "./rdd-context.js";
import type { NumbersOnly } from "./row-types.js";
import { StatCounter, type StatState } from "./stat-counter.js";

/** More boundaries than a driver can send around are a mistake. */
const BUCKETS_MAX = 10_000_000;

async function statsOf(rdd: unknown, method: string, options: ActionOptions | undefined): Promise<StatCounter> {
  requireActionOptions(options, method);
  const { context, node } = baseOf(rdd);
  const parts = await context.runJob({ node, sink: stats(), site: new CallSite(method), options });
  const all = new StatCounter();
  for (const [state] of parts) all.merge(StatCounter.ofState(state as StatState));
  return all;
}

export abstract class Numeric<T> extends RddBase {
  /**
   * The sum; 0 of no rows. Partitions are added in their order.
   *
   * @example await vc.range(0, 5).sum() // 10
   * @throws NOT_A_NUMBER (from the task)
   * @see Spark's DoubleRDDFunctions.sum
   */
  async sum(this: NumbersOnly<T>, options?: ActionOptions): Promise<number> {
    requireActionOptions(options, "sum");
    const { context, node } = baseOf(this);
    const sums = await context.runJob({ node, sink: sum(), site: new CallSite("sum"), options });
    return sums.reduce((total, rows) => total + (rows[0] as number), 0);
  }

  /**
   * Count, mean, sum, smallest, largest and variances in one pass.
   *
   * @example const { count, mean, stdev } = await numbers.stats()
   * @see Spark's DoubleRDDFunctions.stats
   */
  async stats(this: NumbersOnly<T>, options?: ActionOptions): Promise<StatCounter> {
    return statsOf(this, "stats", options);
  }

  /**
   * The mean; 0 of no rows.
   *
   * @example await vc.range(0, 5).mean() // 2
   * @see Spark's DoubleRDDFunctions.mean
   */
  async mean(this: NumbersOnly<T>, options?: ActionOptions): Promise<number> {
    return (await statsOf(this, "mean", options)).mean;
  }

  /**
   * The variance with the count as divisor; NaN of no rows.
   *
   * @example await vc.range(0, 5).variance() // 2
   * @see Spark's DoubleRDDFunctions.variance
   */
  async variance(this: NumbersOnly<T>, options?: ActionOptions): Promise<number> {
    return (await statsOf(this, "variance", options)).variance;
  }

  /**
   * The square root of `variance`.
   *
   * @example await numbers.stdev()
   * @see Spark's DoubleRDDFunctions.stdev
   */
  async stdev(this: NumbersOnly<T>, options?: ActionOptions): Promise<number> {
    return (await statsOf(this, "stdev", options)).stdev;
  }

  /**
   * The variance with count - 1 as divisor; NaN of fewer than two rows.
   *
   * @example await vc.range(0, 5).sampleVariance() // 2.5
   * @see Spark's DoubleRDDFunctions.sampleVariance
   */
  async sampleVariance(this: NumbersOnly<T>, options?: ActionOptions): Promise<number> {
    return (await statsOf(this, "sampleVariance", options)).sampleVariance;
  }

  /**
   * The square root of `sampleVariance`.
   *
   * @example await numbers.sampleStdev()
   * @see Spark's DoubleRDDFunctions.sampleStdev
   */
  async sampleStdev(this: NumbersOnly<T>, options?: ActionOptions): Promise<number> {
    return (await statsOf(this, "sampleStdev", options)).sampleStdev;
  }

  /**
   * The same as `variance`.
   *
   * @example await numbers.popVariance()
   * @see Spark's DoubleRDDFunctions.popVariance
   */
  async popVariance(this: NumbersOnly<T>, options?: ActionOptions): Promise<number> {
    return (await statsOf(this, "popVariance", options)).popVariance;
  }

  /**
   * The same as `stdev`.
   *
   * @example await numbers.popStdev()
   * @see Spark's DoubleRDDFunctions.popStdev
   */
  async popStdev(this: NumbersOnly<T>, options?: ActionOptions): Promise<number> {
    return (await statsOf(this, "popStdev", options)).popStdev;
  }

  /**
   * How many numbers lie in each bucket. Given a number of buckets: `[boundaries, counts]` of that many equal ones between the smallest and the largest
   * number. Given ascending boundaries: the counts. A bucket holds its lower boundary, the last one its upper boundary too; what lies outside is
   * left out.
   *
   * @example await rdd.histogram([0, 10, 20]) // counts of [0, 10) and [10, 20]
   * @throws INVALID_ARGUMENT; EMPTY_COLLECTION for a number of buckets and no rows
   * @see Spark's DoubleRDDFunctions.histogram
   */
  histogram(
    this: NumbersOnly<T>,
    buckets: number,
    options?: ActionOptions,
  ): Promise<[boundaries: number[], counts: number[]]>;
  histogram(this: NumbersOnly<T>, boundaries: readonly number[], options?: ActionOptions): Promise<number[]>;
  async histogram(this: RddBase, buckets: number | readonly number[], options?: ActionOptions): Promise<never> {
    requireActionOptions(options, "histogram");
    const site = new CallSite("histogram");
    const action = {};
    if (typeof buckets !== "number") {
      requireBoundaries(buckets);
      return (await countBuckets(this, [...buckets], false, site, options, action)) as never;
    }
    requireInteger(buckets, "histogram", "the number of buckets", 1, BUCKETS_MAX);
    const [min, max] = await findExtremes(this, site, options, action);
    const boundaries = evenBoundaries(min, max, buckets);
    return [boundaries, await countBuckets(this, boundaries, true, site, options, action)] as never;
  }

  /**
   * The sum, or an estimate of it when not all partitions are done after `timeoutMs`.
   *
   * @example const { value, isFinal } = await numbers.sumApprox(200) // value: { mean, low, high, confidence }
   * @see Spark's DoubleRDDFunctions.sumApprox
   */
  async sumApprox(
    this: NumbersOnly<T>,
    timeoutMs: number,
    confidence = 0.95,
    options?: ActionOptions,
  ): Promise<PartialResult<BoundedDouble>> {
    return approximateStats(this, "sumApprox", sumBounds, timeoutMs, confidence, options);
  }

  /**
   * The mean, or an estimate of it when not all partitions are done after `timeoutMs`.
   *
   * @example const sofar = await numbers.meanApprox(200); const all = await sofar.final()
   * @see Spark's DoubleRDDFunctions.meanApprox
   */
  async meanApprox(
    this: NumbersOnly<T>,
    timeoutMs: number,
    confidence = 0.95,
    options?: ActionOptions,
  ): Promise<PartialResult<BoundedDouble>> {
    return approximateStats(this, "meanApprox", meanBounds, timeoutMs, confidence, options);
  }
}

function approximateStats(
  rdd: unknown,
  method: string,
  bounds: (counter: StatCounter, done: number, confidence: number) => BoundedDouble,
  timeoutMs: number,
  confidence: number,
  options: ActionOptions | undefined,
): Promise<PartialResult<BoundedDouble>> {
  requireApproximation(method, timeoutMs, confidence, options);
  const counter = new StatCounter();
  return approximate(baseOf(rdd), {
    sink: stats(),
    site: new CallSite(method),
    timeoutMs,
    options,
    merge: ([state]) => void counter.merge(StatCounter.ofState(state as StatState)),
    estimate: (done) => bounds(counter, done, confidence),
  });
}

function requireBoundaries(boundaries: unknown): asserts boundaries is readonly number[] {
  if (!Array.isArray(boundaries) || boundaries.length < 2)
    refuse("histogram takes a number of buckets, or at least two boundaries");
  for (const [index, boundary] of boundaries.entries()) {
    if (typeof boundary !== "number" || Number.isNaN(boundary)) refuse("histogram: boundaries must be numbers");
    if (index > 0 && boundary <= boundaries[index - 1])
      refuse("histogram: boundaries must ascend, each above the one before it");
  }
}

async function findExtremes(
  { context, node }: RddBase,
  site: CallSite,
  options: ActionOptions | undefined,
  action: object,
): Promise<readonly [number, number]> {
  const parts = await context.runJob({ node, sink: extremes(), site, options, action });
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const [row] of parts as readonly (readonly (readonly [number, number])[])[]) {
    if (row === undefined) continue;
    min = Math.min(min, row[0]);
    max = Math.max(max, row[1]);
  }
  if (min === Number.POSITIVE_INFINITY && max === Number.NEGATIVE_INFINITY)
    refuseAt(site, "histogram of an RDD without rows; give the boundaries yourself", "EMPTY_COLLECTION");
  if (!Number.isFinite(min) || !Number.isFinite(max))
    refuseAt(site, "histogram: the rows hold an infinity or NaN; give the boundaries yourself");
  return [min, max];
}

function evenBoundaries(min: number, max: number, buckets: number): number[] {
  if (min === max) return [min, min];
  const span = max - min;
  return [...Array.from({ length: buckets }, (_, index) => min + (index * span) / buckets), max];
}

async function countBuckets(
  { context, node }: RddBase,
  boundaries: readonly number[],
  even: boolean,
  site: CallSite,
  options: ActionOptions | undefined,
  action: object,
): Promise<number[]> {
  const counts = new Array<number>(boundaries.length - 1).fill(0);
  for (const [part] of await context.runJob({ node, sink: histogram(boundaries, even), site, options, action })) {
    for (const [index, count] of (part as readonly number[]).entries())
      counts[index] = (counts[index] as number) + count;
  }
  return counts;
}
