/** Actions whose answers may be estimates. */

import { count } from "../actions/count.js";
import { countByKey, countByValue } from "../actions/count-by-key.js";
import { countDistinct } from "../actions/count-distinct.js";
import { addToRegisters, estimateDistinct, mergeRegisters, newRegisters } from "../lib/hyper-log-log.js";
import { KeyMap } from "../lib/key-map.js";
import { combineByKey } from "../operators/combine-by-key.js";
import { mapValues } from "../operators/map-values.js";
import type { Sink } from "../operators/operator.js";
import { requireActionOptions, requireNumber } from "./arguments.js";
import { type BoundedDouble, countBounds } from "./bounds.js";
import { CallSite } from "./call-site.js";
import { type Partitioning, partitionerFor } from "./default-partitioner.js";
import { approximate, type PartialResult, requireApproximation } from "./partial-result.js";
import type { RDD } from "./rdd.js";
import { baseOf, derive, RddBase } from "./rdd-base.js";
import type { ActionOptions } from "./rdd-context.js";
import type { KeyOf, PairsOnly } from "./row-types.js";

/** Spark's bounds: more registers than 2^32 or fewer than 2^4 make no sense. */
const RELATIVE_SD_MIN = 0.000017;
const RELATIVE_SD_MAX = 0.4;

function requireRelativeSD(relativeSD: number, method: string): void {
  requireNumber(relativeSD, method, "relativeSD", RELATIVE_SD_MIN, RELATIVE_SD_MAX);
}

export abstract class Approximate<T> extends RddBase {
  /**
   * The number of rows, or an estimate of it when not all partitions are done after `timeoutMs`.
   *
   * @example const { value } = await rows.countApprox(100, 0.9)
   * @see Spark's RDD.countApprox
   */
  async countApprox(
    timeoutMs: number,
    confidence = 0.95,
    options?: ActionOptions,
  ): Promise<PartialResult<BoundedDouble>> {
    requireApproximation("countApprox", timeoutMs, confidence, options);
    let rows = 0;
    return approximate(this, {
      sink: count(),
      site: new CallSite("countApprox"),
      timeoutMs,
      options,
      merge: ([n]) => {
        rows += n as number;
      },
      estimate: (done) => countBounds(rows, done, confidence),
    });
  }

  /**
   * How often each row occurs, or estimates when not all partitions are done after `timeoutMs`.
   *
   * @example (await words.countByValueApprox(100)).value.get("volley")
   * @see Spark's RDD.countByValueApprox
   */
  async countByValueApprox(
    timeoutMs: number,
    confidence = 0.95,
    options?: ActionOptions,
  ): Promise<PartialResult<Map<T, BoundedDouble>>> {
    return countsApprox<T>(this, countByValue(), "countByValueApprox", timeoutMs, confidence, options);
  }

  /**
   * The number of pairs of each key, or estimates when not all partitions are done after `timeoutMs`.
   *
   * @example (await pairs.countByKeyApprox(100)).value.get("a")
   * @see Spark's PairRDDFunctions.countByKeyApprox
   */
  async countByKeyApprox(
    this: PairsOnly<T>,
    timeoutMs: number,
    confidence = 0.95,
    options?: ActionOptions,
  ): Promise<PartialResult<Map<KeyOf<T>, BoundedDouble>>> {
    return countsApprox<KeyOf<T>>(baseOf(this), countByKey(), "countByKeyApprox", timeoutMs, confidence, options);
  }

  /**
   * About how many different rows there are, with a relative standard deviation of about `relativeSD` (HyperLogLog).
   *
   * @example await words.countApproxDistinct(0.01)
   * @throws INVALID_ARGUMENT for a `relativeSD` below 0.000017 or above 0.4
   * @see Spark's RDD.countApproxDistinct
   */
  async countApproxDistinct(relativeSD = 0.05, options?: ActionOptions): Promise<number> {
    requireRelativeSD(relativeSD, "countApproxDistinct");
    requireActionOptions(options, "countApproxDistinct");
    const { context, node } = this;
    const registers = newRegisters(relativeSD);
    const parts = await context.runJob({
      node,
      sink: countDistinct(relativeSD),
      site: new CallSite("countApproxDistinct"),
      options,
    });
    for (const [part] of parts) mergeRegisters(registers, part as Uint8Array);
    return estimateDistinct(registers);
  }

  /**
   * `[key, about how many different values it has]` for each key.
   *
   * @example visits.countApproxDistinctByKey(0.02) // RDD<[page, about how many visitors]>
   * @see Spark's PairRDDFunctions.countApproxDistinctByKey
   */
  countApproxDistinctByKey(this: PairsOnly<T>, relativeSD = 0.05, by?: Partitioning): RDD<[KeyOf<T>, number]> {
    requireRelativeSD(relativeSD, "countApproxDistinctByKey");
    const partitioner = partitionerFor([baseOf(this)], by, "countApproxDistinctByKey");
    const aggregator = {
      create: undefined,
      zero: { value: newRegisters(relativeSD) },
      mergeValue: addToRegisters,
      mergeCombiners: mergeRegisters,
    };
    return derive(this, new CallSite("countApproxDistinctByKey"), (make, parent) =>
      mapValues(make, combineByKey(make, parent, aggregator, partitioner), estimateDistinct),
    );
  }
}

function countsApprox<K>(
  rdd: RddBase,
  sink: Sink,
  method: string,
  timeoutMs: number,
  confidence: number,
  options: ActionOptions | undefined,
): Promise<PartialResult<Map<K, BoundedDouble>>> {
  requireApproximation(method, timeoutMs, confidence, options);
  const counts = new KeyMap<K, number>();
  return approximate(rdd, {
    sink,
    site: new CallSite(method),
    timeoutMs,
    options,
    merge: (rows) => {
      for (const [key, n] of rows as readonly (readonly [K, number])[]) counts.set(key, (counts.get(key) ?? 0) + n);
    },
    estimate: (done) => {
      const bounds = new KeyMap<K, BoundedDouble>();
      for (const [key, n] of counts) bounds.set(key, countBounds(n, done, confidence));
      return bounds.simplest();
    },
  });
}
