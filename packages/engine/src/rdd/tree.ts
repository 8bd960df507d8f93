/** Actions that merge partitions in several rounds on the executors, so that the driver gets few values however many partitions there are. */

import { aggregate } from "../actions/aggregate.js";
import { collect } from "../actions/collect.js";
import { reduce } from "../actions/reduce.js";
import { type Fold, foldByPlace } from "../operators/fold-by-place.js";
import { refuseAt, requireActionOptions, requireFunction, requireInteger } from "./arguments.js";
import { CallSite } from "./call-site.js";
import { estimatedPartitions } from "./default-partitioner.js";
import type { NodeFactory, RddNode } from "./node.js";
import { onDriver } from "./on-driver.js";
import { RddBase } from "./rdd-base.js";
import type { ActionOptions } from "./rdd-context.js";
import { concat } from "./reading.js";
import { checkedAt } from "./refused-at.js";
import type { Loose, LooseRows, LooseZero, Row } from "./row-types.js";

type Merge = (a: never, b: never) => unknown;

/** More rounds than this cost more than they save, whatever the number of partitions. */
const DEPTH_MAX = 32;

export abstract class Tree<T> extends RddBase {
  /**
   * `reduce` in a tree of `depth` levels (2 by default).
   *
   * @example await vectors.treeReduce(addVectors)
   * @throws EMPTY_COLLECTION; INVALID_ARGUMENT for a depth below 1
   * @see Spark's RDD.treeReduce
   */
  treeReduce(
    this: LooseRows<T>,
    f: (a: Loose<T>, b: Loose<T>) => Loose<T>,
    depth?: number,
    options?: ActionOptions,
  ): Promise<Loose<T>>;
  treeReduce(this: RddBase, f: (a: T, b: T) => T, depth?: number, options?: ActionOptions): Promise<T>;
  async treeReduce(this: RddBase, f: Merge, depth = 2, options?: ActionOptions): Promise<never> {
    requireFunction(f, "treeReduce");
    requireInteger(depth, "treeReduce", "depth", 1, DEPTH_MAX);
    requireActionOptions(options, "treeReduce");
    const site = new CallSite("treeReduce");
    const make = this.context.makeAt(site);
    const { node, isMerged } = merged(make, this, depth, { f, zero: undefined }, { f, zero: undefined });
    const totals = concat<unknown>(
      await this.context.runJob({ node, sink: isMerged ? collect() : reduce(f), site, options }),
    );
    if (totals.length === 0)
      refuseAt(
        site,
        "treeReduce of an RDD without rows; treeAggregate takes a value to start from",
        "EMPTY_COLLECTION",
      );
    return totals.reduce(onDriver(f, site)) as never;
  }

  /**
   * `aggregate` in a tree of `depth` levels (2 by default).
   *
   * @example await points.treeAggregate(zeros(100), (sum, point) => addTo(sum, gradient(point)), addTo)
   * @throws INVALID_ARGUMENT for a depth below 1
   * @see Spark's RDD.treeAggregate
   */
  async treeAggregate<U extends Row>(
    zero: U,
    seqOp: (total: LooseZero<U, T>, row: T) => LooseZero<U, T>,
    combOp: (a: LooseZero<U, T>, b: LooseZero<U, T>) => LooseZero<U, T>,
    depth = 2,
    options?: ActionOptions,
  ): Promise<LooseZero<U, T>> {
    for (const f of [seqOp, combOp]) requireFunction(f, "treeAggregate", "two functions");
    requireInteger(depth, "treeAggregate", "depth", 1, DEPTH_MAX);
    requireActionOptions(options, "treeAggregate");
    const site = new CallSite("treeAggregate");
    const { context } = this;
    const make = context.makeAt(site);
    const start = checkedAt(site, () => context.cloneValue<unknown>(zero));
    const folded = { value: zero };
    const { node, isMerged } = merged(make, this, depth, { f: seqOp, zero: folded }, { f: combOp, zero: folded });
    const sink = isMerged ? collect() : aggregate(zero, seqOp);
    const totals = concat<unknown>(await context.runJob({ node, sink, site, options }));
    return totals.reduce(onDriver(combOp, site), start) as LooseZero<U, T>;
  }
}

/** The number of partitions after each round on the executors: Spark's rule, which stops where another round would save nothing. */
export function rounds(numPartitions: number, depth: number): number[] {
  const scale = Math.max(Math.ceil(numPartitions ** (1 / depth)), 2);
  const counts: number[] = [];
  let count = numPartitions;
  while (count > scale + Math.ceil(count / scale)) {
    count = Math.floor(count / scale);
    counts.push(count);
  }
  return counts;
}

/**
 * The RDD after all rounds on the executors: partition p of a round goes to partition p modulo the next round's number, and is merged there with the
 * others that do. Where no round would save anything it is the RDD itself.
 */
function merged(
  make: NodeFactory,
  rdd: RddBase,
  depth: number,
  rows: Fold,
  merge: Fold,
): { readonly node: RddNode; readonly isMerged: boolean } {
  const counts = rounds(estimatedPartitions(rdd), depth);
  const node = counts.reduce(
    (parent, numPartitions, round) =>
      foldByPlace(make, parent, { numPartitions, merge, rows: round === 0 ? rows : undefined }),
    rdd.node,
  );
  return { node, isMerged: counts.length > 0 };
}
