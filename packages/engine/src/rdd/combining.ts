/** Key-value methods that bring the values of one key together. */

import { combineByKey } from "../operators/combine-by-key.js";
import { groupByKey } from "../operators/group-by-key.js";
import { requireFunction } from "./arguments.js";
import { CallSite } from "./call-site.js";
import { type Partitioning, partitionerFor } from "./default-partitioner.js";
import type { RDD } from "./rdd.js";
import { baseOf, derive, RddBase } from "./rdd-base.js";
import type { KeyOf, Loose, LooseValues, LooseZero, PairsOnly, Row, ValueOf } from "./row-types.js";

type Merge = (a: never, b: never) => unknown;

export abstract class Combining<T> extends RddBase {
  /**
   * `[key, value]` for each key: its values merged by `f`, which should be associative. Values are merged within each partition first, so that
   * a map task sends one value a key. Where the RDD is placed by the partitioner already, nothing is shuffled.
   *
   * @param by number of partitions, or a Partitioner; by default this RDD's own partitioner, or as many partitions as it has
   * @example words.map((word) => [word, 1]).reduceByKey((a, b) => a + b)
   * @throws NOT_A_PAIR, UNSUPPORTED_KEY (from the task)
   * @see Spark's PairRDDFunctions.reduceByKey
   */
  reduceByKey(
    this: LooseValues<T>,
    f: (a: Loose<ValueOf<T>>, b: Loose<ValueOf<T>>) => Loose<ValueOf<T>>,
    by?: Partitioning,
  ): RDD<[KeyOf<T>, Loose<ValueOf<T>>]>;
  reduceByKey(
    this: PairsOnly<T>,
    f: (a: ValueOf<T>, b: ValueOf<T>) => ValueOf<T>,
    by?: Partitioning,
  ): RDD<[KeyOf<T>, ValueOf<T>]>;
  reduceByKey(this: RddBase, f: Merge, by?: Partitioning): RDD<never> {
    requireFunction(f, "reduceByKey");
    const partitioner = partitionerFor([baseOf(this)], by, "reduceByKey");
    const aggregator = { create: undefined, mergeValue: f, mergeCombiners: f };
    return derive(this, new CallSite("reduceByKey"), (make, parent) =>
      combineByKey(make, parent, aggregator, partitioner),
    );
  }

  /**
   * `[key, values]` for each key, all its values in one array. Moves every row and holds a key's values in memory: to sum them up, `reduceByKey` and
   * `aggregateByKey` are better.
   *
   * @example vc.parallelize([["a", 1], ["b", 2], ["a", 3]]).groupByKey() // ["a", [1, 3]], ["b", [2]]
   * @see Spark's PairRDDFunctions.groupByKey
   */
  groupByKey(this: PairsOnly<T>, by?: Partitioning): RDD<[KeyOf<T>, ValueOf<T>[]]> {
    const partitioner = partitionerFor([baseOf(this)], by, "groupByKey");
    return derive(this, new CallSite("groupByKey"), (make, parent) => groupByKey(make, parent, partitioner));
  }

  /**
   * `[key, combiner]` for each key: `create` makes a combiner of the key's first value in a partition, `mergeValue` adds further ones,
   * `mergeCombiners` joins those of several partitions.
   *
   * @param mapSideCombine false: every value is sent and all merging is done behind the shuffle
   * @example pairs.combineByKey((v) => [v], (list, v) => [...list, v], (a, b) => [...a, ...b])
   * @see Spark's PairRDDFunctions.combineByKey
   */
  combineByKey<C extends Row>(
    this: PairsOnly<T>,
    create: (value: ValueOf<T>) => C,
    mergeValue: (combiner: Loose<C>, value: ValueOf<T>) => Loose<C>,
    mergeCombiners: (a: Loose<C>, b: Loose<C>) => Loose<C>,
    by?: Partitioning,
    mapSideCombine = true,
  ): RDD<[KeyOf<T>, Loose<C>]> {
    for (const f of [create, mergeValue, mergeCombiners]) requireFunction(f, "combineByKey", "three functions");
    const partitioner = partitionerFor([baseOf(this)], by, "combineByKey");
    const aggregator = { create, mergeValue, mergeCombiners };
    return derive(this, new CallSite("combineByKey"), (make, parent) =>
      combineByKey(make, parent, aggregator, partitioner, mapSideCombine),
    );
  }

  /**
   * `[key, total]` for each key: its values folded into a copy of `zero` by `seqOp` in each partition, the partitions' totals merged by `combOp`.
   * The zero is cloned for each key, so a mutable one is safe.
   *
   * @example pairs.aggregateByKey([0, 0], ([sum, n], v) => [sum + v, n + 1], (a, b) => [a[0] + b[0], a[1] + b[1]])
   * @see Spark's PairRDDFunctions.aggregateByKey
   */
  aggregateByKey<U extends Row>(
    this: PairsOnly<T>,
    zero: U,
    seqOp: (total: LooseZero<U, ValueOf<T>>, value: ValueOf<T>) => LooseZero<U, ValueOf<T>>,
    combOp: (a: LooseZero<U, ValueOf<T>>, b: LooseZero<U, ValueOf<T>>) => LooseZero<U, ValueOf<T>>,
    by?: Partitioning,
  ): RDD<[KeyOf<T>, LooseZero<U, ValueOf<T>>]> {
    for (const f of [seqOp, combOp]) requireFunction(f, "aggregateByKey", "two functions");
    return foldIntoZero(this, "aggregateByKey", zero, seqOp, combOp, by);
  }

  /**
   * `[key, total]` for each key: its values merged by `op`, starting from a copy of `zero` for each key in each partition.
   *
   * @example pairs.foldByKey(0, (a, b) => a + b)
   * @see Spark's PairRDDFunctions.foldByKey
   */
  foldByKey(
    this: LooseValues<T>,
    zero: Loose<ValueOf<T>>,
    op: (a: Loose<ValueOf<T>>, b: Loose<ValueOf<T>>) => Loose<ValueOf<T>>,
    by?: Partitioning,
  ): RDD<[KeyOf<T>, Loose<ValueOf<T>>]>;
  foldByKey(
    this: PairsOnly<T>,
    zero: ValueOf<T>,
    op: (a: ValueOf<T>, b: ValueOf<T>) => ValueOf<T>,
    by?: Partitioning,
  ): RDD<[KeyOf<T>, ValueOf<T>]>;
  foldByKey(this: RddBase, zero: unknown, op: Merge, by?: Partitioning): RDD<never> {
    requireFunction(op, "foldByKey");
    return foldIntoZero(this, "foldByKey", zero, op, op, by);
  }
}

function foldIntoZero<U>(
  rdd: unknown,
  method: string,
  zero: unknown,
  seqOp: Merge,
  combOp: Merge,
  by: Partitioning | undefined,
): RDD<U> {
  const partitioner = partitionerFor([baseOf(rdd)], by, method);
  const aggregator = { create: undefined, zero: { value: zero }, mergeValue: seqOp, mergeCombiners: combOp };
  return derive(rdd, new CallSite(method), (make, parent) => combineByKey(make, parent, aggregator, partitioner));
}
