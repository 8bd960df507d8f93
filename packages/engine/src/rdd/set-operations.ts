/** Methods that treat RDDs as sets and bags of rows. Rows are compared by value, as keys are. */

import { cartesian } from "../operators/cartesian.js";
import { commonKeys, subtractByKey } from "../operators/cogroup.js";
import { distinct, distinctLocally } from "../operators/distinct.js";
import { keys } from "../operators/keys-values.js";
import { rowAsKey } from "../operators/row-as-key.js";
import { partitionerAwareUnion, union } from "../operators/union.js";
import { requirePartitions, requireSameContext } from "./arguments.js";
import { CallSite } from "./call-site.js";
import { estimatedPartitions, hashLike, type Partitioning, partitionerFor } from "./default-partitioner.js";
import type { NodeFactory, RddNode } from "./node.js";
import { HashPartitioner } from "./partitioner.js";
import type { RDD } from "./rdd.js";
import { derive, RddBase } from "./rdd-base.js";

export abstract class SetOperations<T> extends RddBase {
  /**
   * Each row once.
   *
   * @param numPartitions by default as many as this RDD has; then a known partitioner is kept and nothing is shuffled
   * @example vc.parallelize([1, 2, 1]).distinct() // 1, 2 in some order
   * @throws UNSUPPORTED_KEY (from the task) for rows that cannot be compared by value
   * @see Spark's RDD.distinct
   */
  distinct(numPartitions?: number): RDD<T> {
    if (numPartitions !== undefined) requirePartitions(numPartitions, "distinct");
    const { partitioner } = this.node;
    const local =
      partitioner !== undefined && (numPartitions ?? estimatedPartitions(this)) === partitioner.numPartitions;
    const by = numPartitions === undefined ? hashLike([this]) : new HashPartitioner(numPartitions);
    return derive(this, new CallSite("distinct"), (make, parent) =>
      local ? distinctLocally(make, parent) : distinct(make, parent, by),
    );
  }

  /**
   * All rows of this RDD, then all rows of the others; equal rows stay. The partitions are those of all of them one after the other, unless all have
   * one partitioner: then as many as it has, and it is kept.
   *
   * @example a.union(b, c)
   * @see Spark's RDD.union
   */
  union<U>(...others: readonly RDD<U>[]): RDD<T | U> {
    requireSameContext([this, ...others], "union");
    return derive(this, new CallSite("union"), (make, parent) =>
      unionNode(make, [parent, ...others.map((other) => other.node)], (node) => this.context.knownPartitions(node)),
    );
  }

  /**
   * The rows that both RDDs have, each once.
   *
   * @param numPartitions by default as many as the larger one has
   * @example vc.parallelize([1, 2, 2]).intersection(vc.parallelize([2, 3])) // 2
   * @see Spark's RDD.intersection
   */
  intersection(other: RDD<T>, by?: Partitioning): RDD<T> {
    requireSameContext([this, other], "intersection");
    const partitioner = by === undefined ? hashLike([this, other]) : partitionerFor([this], by, "intersection");
    return derive(this, new CallSite("intersection"), (make, parent) =>
      commonKeys(make, rowAsKey(make, parent), rowAsKey(make, other.node), partitioner),
    );
  }

  /**
   * The rows that the other RDD has not; equal rows stay.
   *
   * @param by by default as many partitions as this RDD has
   * @example vc.parallelize([1, 2, 2]).subtract(vc.parallelize([1])) // 2, 2
   * @see Spark's RDD.subtract
   */
  subtract(other: RDD<T>, by?: Partitioning): RDD<T> {
    requireSameContext([this, other], "subtract");
    const partitioner = by === undefined ? hashLike([this]) : partitionerFor([this], by, "subtract");
    return derive(this, new CallSite("subtract"), (make, parent) =>
      keys(make, subtractByKey(make, rowAsKey(make, parent), rowAsKey(make, other.node), partitioner)),
    );
  }

  /**
   * `[a, b]` for every row of this RDD with every row of the other: n * m partitions, n * m rows.
   *
   * @example vc.parallelize([1, 2]).cartesian(vc.parallelize(["a", "b"])) // [1, "a"], [1, "b"], [2, "a"], [2, "b"]
   * @see Spark's RDD.cartesian
   */
  cartesian<U>(other: RDD<U>): RDD<[T, U]> {
    requireSameContext([this, other], "cartesian");
    return derive(this, new CallSite("cartesian"), (make, parent) => cartesian(make, parent, other.node));
  }
}

/**
 * The union of RDDs as `SparkContext.union` makes it: those known to be without partitions are left out; co-partitioned ones are laid over each
 * other.
 */
export function unionNode(
  make: NodeFactory,
  nodes: readonly RddNode[],
  known: (node: RddNode) => number | undefined,
): RddNode {
  const filled = nodes.filter((node) => known(node) !== 0);
  const partitioner = filled[0]?.partitioner;
  const together = partitioner !== undefined && filled.every((node) => node.partitioner?.equals(partitioner) === true);
  return together ? partitionerAwareUnion(make, filled) : union(make, filled);
}
