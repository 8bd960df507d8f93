/** Actions that make one value of all rows. Partitions are merged in their order. */

import { aggregate } from "../actions/aggregate.js";
import { countByValue } from "../actions/count-by-key.js";
import { reduce } from "../actions/reduce.js";
import { refuseAt, requireActionOptions, requireFunction } from "./arguments.js";
import { CallSite } from "./call-site.js";
import { addCounts } from "./key-value.js";
import { onDriver } from "./on-driver.js";
import { RddBase } from "./rdd-base.js";
import type { ActionOptions } from "./rdd-context.js";
import { concat } from "./reading.js";
import { checkedAt } from "./refused-at.js";
import type { Loose, LooseRows, LooseZero, Row } from "./row-types.js";

type Merge = (a: never, b: never) => unknown;

export abstract class Aggregating<T> extends RddBase {
  /**
   * All rows merged by `f`, which should be associative: within each partition on its executor, then the partitions in their order.
   *
   * @example await numbers.reduce((a, b) => a + b)
   * @throws EMPTY_COLLECTION when there are no rows
   * @see Spark's RDD.reduce
   */
  reduce(this: LooseRows<T>, f: (a: Loose<T>, b: Loose<T>) => Loose<T>, options?: ActionOptions): Promise<Loose<T>>;
  reduce(this: RddBase, f: (a: T, b: T) => T, options?: ActionOptions): Promise<T>;
  async reduce(this: RddBase, f: Merge, options?: ActionOptions): Promise<never> {
    requireFunction(f, "reduce");
    requireActionOptions(options, "reduce");
    const site = new CallSite("reduce");
    const totals = concat<unknown>(await this.context.runJob({ node: this.node, sink: reduce(f), site, options }));
    if (totals.length === 0)
      refuseAt(site, "reduce of an RDD without rows; fold takes a value to start from", "EMPTY_COLLECTION");
    return totals.reduce(onDriver(f, site)) as never;
  }

  /**
   * All rows merged by `op`, starting from a copy of `zero` in each partition (empty ones too) and from another one when the partitions are merged: a
   * zero that is not neutral counts once more than there are partitions, as in Spark.
   *
   * @example await numbers.fold(0, (a, b) => a + b)
   * @see Spark's RDD.fold
   */
  fold(
    this: LooseRows<T>,
    zero: Loose<T>,
    op: (a: Loose<T>, b: Loose<T>) => Loose<T>,
    options?: ActionOptions,
  ): Promise<Loose<T>>;
  fold(this: RddBase, zero: T, op: (a: T, b: T) => T, options?: ActionOptions): Promise<T>;
  async fold(this: RddBase, zero: unknown, op: Merge, options?: ActionOptions): Promise<never> {
    requireFunction(op, "fold");
    requireActionOptions(options, "fold");
    return (await aggregateRows(this, zero, op, op, new CallSite("fold"), options)) as never;
  }

  /**
   * All rows folded by `seqOp` into a copy of `zero` in each partition, the partitions' totals merged by `combOp` into another copy.
   *
   * @example await numbers.aggregate([0, 0], ([sum, n], x) => [sum + x, n + 1], (a, b) => [a[0] + b[0], a[1] + b[1]])
   * @see Spark's RDD.aggregate
   */
  async aggregate<U extends Row>(
    zero: U,
    seqOp: (total: LooseZero<U, T>, row: T) => LooseZero<U, T>,
    combOp: (a: LooseZero<U, T>, b: LooseZero<U, T>) => LooseZero<U, T>,
    options?: ActionOptions,
  ): Promise<LooseZero<U, T>> {
    for (const f of [seqOp, combOp]) requireFunction(f, "aggregate", "two functions");
    requireActionOptions(options, "aggregate");
    return (await aggregateRows(this, zero, seqOp, combOp, new CallSite("aggregate"), options)) as LooseZero<U, T>;
  }

  /**
   * How often each row occurs, as a Map that finds rows by value.
   *
   * @example (await words.countByValue()).get("volley")
   * @see Spark's RDD.countByValue
   */
  async countByValue(options?: ActionOptions): Promise<Map<T, number>> {
    requireActionOptions(options, "countByValue");
    const { context, node } = this;
    return addCounts(await context.runJob({ node, sink: countByValue(), site: new CallSite("countByValue"), options }));
  }
}

async function aggregateRows(
  { context, node }: RddBase,
  zero: unknown,
  seqOp: Merge,
  combOp: Merge,
  site: CallSite,
  options: ActionOptions | undefined,
): Promise<unknown> {
  // Now, as every captured value: what happens to the zero later does not count.
  const start = checkedAt(site, () => context.cloneValue(zero));
  const totals = concat<unknown>(await context.runJob({ node, sink: aggregate(zero, seqOp), site, options }));
  return totals.reduce(onDriver(combOp, site), start);
}
