/** Methods that draw rows at random. The same seed over the same rows gives the same sample, whichever executor draws it. */

import { collect } from "../actions/collect.js";
import { count } from "../actions/count.js";
import { mixSeed, Prng } from "../lib/prng.js";
import { poissonSample, sampleInterval } from "../operators/sample.js";
import { refuse, requireActionOptions, requireInteger, requireNumber } from "./arguments.js";
import { CallSite } from "./call-site.js";
import type { RDD } from "./rdd.js";
import { derive, RddBase } from "./rdd-base.js";
import type { ActionOptions } from "./rdd-context.js";
import { concat } from "./reading.js";
import { fractionForSampleSize } from "./sample-size.js";

/** How often takeSample draws again when a sample was too small; each failure has a chance of about 1 in 10,000. */
const DRAWS_MAX = 50;

function requireReplacement(value: unknown, method: string): asserts value is boolean {
  if (typeof value !== "boolean") refuse(`${method}: withReplacement must be true or false`);
}

export abstract class Sampling<T> extends RddBase {
  /**
   * A random sample. Without replacement each row is kept with the probability `fraction` (0 to 1); with it each row comes a Poisson-distributed
   * number of times, `fraction` on average. Keeps the partitioner.
   *
   * @example rows.sample(false, 0.01, 42) // about one row in a hundred, the same ones each time
   * @throws INVALID_ARGUMENT for a negative fraction, or one above 1 without replacement
   * @see Spark's RDD.sample
   */
  sample(withReplacement: boolean, fraction: number, seed: number = this.context.nextSeed()): RDD<T> {
    requireReplacement(withReplacement, "sample");
    requireNumber(fraction, "sample", "fraction", 0, withReplacement ? Number.MAX_SAFE_INTEGER : 1);
    requireNumber(seed, "sample", "seed", Number.NEGATIVE_INFINITY);
    return derive(this, new CallSite("sample"), (make, parent) =>
      withReplacement ? poissonSample(make, parent, seed, fraction) : sampleInterval(make, parent, seed, 0, fraction),
    );
  }

  /**
   * The rows split at random into as many RDDs as there are weights, in proportion to them: every row is in exactly one.
   *
   * @example const [train, test] = rows.randomSplit([0.8, 0.2], 42)
   * @throws INVALID_ARGUMENT for a negative weight, or weights of sum 0
   * @see Spark's RDD.randomSplit
   */
  randomSplit(weights: readonly number[], seed: number = this.context.nextSeed()): RDD<T>[] {
    if (!Array.isArray(weights) || weights.length === 0) refuse("randomSplit takes an array of weights");
    for (const weight of weights) requireNumber(weight, "randomSplit", "a weight", 0, Number.MAX_VALUE);
    requireNumber(seed, "randomSplit", "seed", Number.NEGATIVE_INFINITY);
    const sum = (weights as readonly number[]).reduce((total, weight) => total + weight, 0);
    if (!(sum > 0 && sum < Number.POSITIVE_INFINITY)) refuse("randomSplit: the weights must have a positive sum");
    const site = new CallSite("randomSplit");
    let passed = 0;
    return weights.map((weight, index) => {
      const from = passed / sum;
      passed += weight;
      const until = index === weights.length - 1 ? 1 : passed / sum;
      return derive<T>(this, site, (make, parent) => sampleInterval(make, parent, seed, from, until));
    });
  }

  /**
   * Exactly `n` rows at random in random order; without replacement at most all there are. Counts the rows first.
   *
   * @example await rows.takeSample(false, 10, 42)
   * @throws INVALID_ARGUMENT for a negative number
   * @see Spark's RDD.takeSample
   */
  async takeSample(
    withReplacement: boolean,
    n: number,
    seed: number = this.context.nextSeed(),
    options?: ActionOptions,
  ): Promise<T[]> {
    requireReplacement(withReplacement, "takeSample");
    requireInteger(n, "takeSample", "n", 0);
    requireNumber(seed, "takeSample", "seed", Number.NEGATIVE_INFINITY);
    requireActionOptions(options, "takeSample");
    if (n === 0) return [];
    const { context, node } = this;
    const site = new CallSite("takeSample");
    const action = {};
    const counts = await context.runJob({ node, sink: count(), site, options, action });
    const total = counts.reduce((sum, rows) => sum + (rows[0] as number), 0);
    if (total === 0) return [];
    const random = new Prng(seed);
    const draw = async (from: RddBase["node"]) =>
      concat<T>(await context.runJob({ node: from, sink: collect(), site, options, action }));
    if (!withReplacement && n >= total) return shuffled(await draw(node), random);
    const fraction = fractionForSampleSize(n, total, withReplacement);
    const make = context.makeAt(site);
    for (let attempt = 0; attempt < DRAWS_MAX; attempt++) {
      const own = mixSeed(seed, attempt);
      const sampled = withReplacement
        ? poissonSample(make, node, own, fraction)
        : sampleInterval(make, node, own, 0, fraction);
      const rows = await draw(sampled);
      if (rows.length >= n) return shuffled(rows, random).slice(0, n);
    }
    return refuse(
      `takeSample drew too few rows ${DRAWS_MAX} times: the rows change from one job to the next`,
      "NONDETERMINISTIC_OUTPUT",
    );
  }
}

/** Fisher and Yates. */
function shuffled<T>(rows: T[], random: Prng): T[] {
  for (let last = rows.length - 1; last > 0; last--) {
    const other = random.nextInt(last + 1);
    [rows[last], rows[other]] = [rows[other] as T, rows[last] as T];
  }
  return rows;
}
