/** Methods that put rows side by side, or number them. */

import { zip, zipPartitions } from "../operators/zip-partitions.js";
import { zipWithIndex, zipWithUniqueId } from "../operators/zip-with-index.js";
import { refuse, requireFunction, requireSameContext } from "./arguments.js";
import { CallSite } from "./call-site.js";
import type { RDD } from "./rdd.js";
import { derive, RddBase } from "./rdd-base.js";
import type { Row } from "./row-types.js";

export abstract class Zipping<T> extends RddBase {
  /**
   * `[a, b]` for the rows at the same place of both RDDs, which must have the same number of partitions and of rows in each.
   *
   * @example rows.zip(rows.map(score)) // RDD<[Row, number]>
   * @throws UNEQUAL_PARTITIONS when the action runs
   * @see Spark's RDD.zip
   */
  zip<U>(other: RDD<U>): RDD<[T, U]> {
    requireSameContext([this, other], "zip");
    return derive(this, new CallSite("zip"), (make, parent) => zip(make, parent, other.node));
  }

  /**
   * What `f`, the last argument, gives for iterators over the same partition of this RDD and each of the others; these must have as many
   * partitions, but may have other numbers of rows.
   *
   * @example a.zipPartitions(b, (as, bs) => [[[...as].length, [...bs].length]])
   * @throws UNEQUAL_PARTITIONS when the action runs
   * @see Spark's RDD.zipPartitions
   */
  zipPartitions<B, U extends Row>(
    b: RDD<B>,
    f: (as: IterableIterator<T>, bs: IterableIterator<B>) => Iterable<U>,
  ): RDD<U>;
  zipPartitions<B, C, U extends Row>(
    b: RDD<B>,
    c: RDD<C>,
    f: (as: IterableIterator<T>, bs: IterableIterator<B>, cs: IterableIterator<C>) => Iterable<U>,
  ): RDD<U>;
  zipPartitions<B, C, D, U extends Row>(
    b: RDD<B>,
    c: RDD<C>,
    d: RDD<D>,
    f: (
      as: IterableIterator<T>,
      bs: IterableIterator<B>,
      cs: IterableIterator<C>,
      ds: IterableIterator<D>,
    ) => Iterable<U>,
  ): RDD<U>;
  zipPartitions(...args: never[]): RDD<never> {
    const f: unknown = args.at(-1);
    const others = args.slice(0, -1) as RddBase[];
    requireFunction(f, "zipPartitions", "other RDDs and then a function");
    if (others.length === 0) refuse("zipPartitions takes at least one other RDD");
    requireSameContext([this, ...others], "zipPartitions");
    return derive(this, new CallSite("zipPartitions"), (make, parent) =>
      zipPartitions(make, [parent, ...others.map((other) => other.node)], f as (...iterators: never[]) => unknown),
    );
  }

  /**
   * `[row, index]` with the rows numbered from 0 through all partitions. With more than one partition an action runs a job first that counts them.
   *
   * @example lines.zipWithIndex().filter(([, index]) => index > 0) // without the first line
   * @see Spark's RDD.zipWithIndex
   */
  zipWithIndex(): RDD<[T, number]> {
    return derive(this, new CallSite("zipWithIndex"), zipWithIndex);
  }

  /**
   * `[row, id]` with ids k * n + p for row k of partition p of n: unique, with gaps, and without counting.
   *
   * @example rows.zipWithUniqueId().map(([row, id]) => ({ id, ...row }))
   * @see Spark's RDD.zipWithUniqueId
   */
  zipWithUniqueId(): RDD<[T, number]> {
    return derive(this, new CallSite("zipWithUniqueId"), zipWithUniqueId);
  }
}
