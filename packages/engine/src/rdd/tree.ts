/** Actions that merge partitions in several rounds on the executors, so that the driver gets few values however many partitions there are. */

import { aggregate } from "../actions/aggregate.js";
import { collect } from "../actions/collect.js";
import { foldByPlace, foldOnce, reduceOnce } from "../operators/fold-by-place.js";
import { refuse, requireActionOptions, requireFunction, requireInteger } from "./arguments.js";
import { CallSite } from "./call-site.js";
import { estimatedPartitions } from "./default-partitioner.js";
import type { NodeFactory, RddNode } from "./node.js";
import { onDriver } from "./on-driver.js";
import { RddBase } from "./rdd-base.js";
import type { ActionOptions } from "./rdd-context.js";
import { concat } from "./reading.js";
import type { Loose, LooseRows, Row } from "./row-types.js";

type Merge = (a: never, b: never) => unknown;

/** More rounds than this cost more than they save, whatever the number of partitions. */
const DEPTH_MAX = 32;

export abstract class Tree<T> extends RddBase {
  /**
   * `reduce` in a tree of `depth` levels (2 by default).
   *
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
    const node = merged(make, reduceOnce(make, this.node, f), rounds(estimatedPartitions(this), depth), f);
    const totals = concat<unknown>(await this.context.runJob({ node, sink: collect(), site, options }));
    if (totals.length === 0) refuse("treeReduce of an RDD without rows", "EMPTY_COLLECTION");
    return totals.reduce(onDriver(f, site)) as never;
  }

  /**
   * `aggregate` in a tree of `depth` levels (2 by default).
   *
   * @throws INVALID_ARGUMENT for a depth below 1
   * @see Spark's RDD.treeAggregate
   */
  async treeAggregate<U extends Row>(
    zero: U,
    seqOp: (total: Loose<U>, row: T) => Loose<U>,
    combOp: (a: Loose<U>, b: Loose<U>) => Loose<U>,
    depth = 2,
    options?: ActionOptions,
  ): Promise<Loose<U>> {
    for (const f of [seqOp, combOp]) requireFunction(f, "treeAggregate", "two functions");
    requireInteger(depth, "treeAggregate", "depth", 1, DEPTH_MAX);
    requireActionOptions(options, "treeAggregate");
    const site = new CallSite("treeAggregate");
    const { context } = this;
    const make = context.makeAt(site);
    const start = context.cloneValue<unknown>(zero);
    const counts = rounds(estimatedPartitions(this), depth);
    const request =
      counts.length === 0
        ? { node: this.node, sink: aggregate(zero, seqOp) }
        : {
            node: merged(make, foldOnce(make, this.node, zero, seqOp), counts, combOp, { value: zero }),
            sink: collect(),
          };
    const totals = concat<unknown>(await context.runJob({ ...request, site, options }));
    return totals.reduce(onDriver(combOp, site), start) as Loose<U>;
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

/** Partition p of a round goes to partition p modulo the next round's number, and is merged there with the others that do. */
function merged(
  make: NodeFactory,
  partials: RddNode,
  counts: readonly number[],
  f: Merge,
  zero?: { readonly value: unknown },
): RddNode {
  return counts.reduce((node, numPartitions) => foldByPlace(make, node, { numPartitions, f, zero }), partials);
}
