/** Key-value methods that need an order of keys. */

import { filterByRange, rangePartitions } from "../operators/filter-by-range.js";
import { partitionBy } from "../operators/partition-by.js";
import { CallSite } from "./call-site.js";
import { type Partitioning, partitionerFor } from "./default-partitioner.js";
import { requireSortOptions, type SortOptions, sortRanges } from "./ordering.js";
import { RangePartitioner } from "./partitioner.js";
import type { RDD } from "./rdd.js";
import { baseOf, derive, RddBase } from "./rdd-base.js";
import type { KeyOf, PairsOnly } from "./row-types.js";

export abstract class Ordered<T> extends RddBase {
  /**
   * The pairs sorted by key: partitions hold ascending ranges of keys, rows are in order within. Few keys may give fewer partitions than asked for.
   * The ranges come from a sample that is taken when an action runs.
   *
   * @example pairs.sortByKey({ ascending: false })
   * @throws INVALID_ARGUMENT, INVALID_OPTION; UNSUPPORTED_KEY (from the task) for keys without a default order
   * @see Spark's OrderedRDDFunctions.sortByKey
   */
  sortByKey(this: PairsOnly<T>, options: SortOptions<KeyOf<T>> = {}): RDD<T> {
    const order = requireSortOptions(options, "sortByKey");
    const rdd = baseOf(this);
    const partitioner = sortRanges(rdd, rdd.node, options, order.ascending);
    return derive(this, new CallSite("sortByKey"), (make, parent) => partitionBy(make, parent, partitioner, { order }));
  }

  /**
   * The pairs, each in the partition of its key and sorted by key there: cheaper than sorting after `partitionBy`.
   *
   * @example events.repartitionAndSortWithinPartitions(new ByUser(8)) // keys [user, time]: a secondary sort
   * @see Spark's OrderedRDDFunctions.repartitionAndSortWithinPartitions
   */
  repartitionAndSortWithinPartitions(this: PairsOnly<T>, by: Partitioning): RDD<T> {
    const partitioner = partitionerFor([baseOf(this)], by, "repartitionAndSortWithinPartitions");
    const order = { compare: undefined, ascending: true };
    return derive(this, new CallSite("repartitionAndSortWithinPartitions"), (make, parent) =>
      partitionBy(make, parent, partitioner, { order }),
    );
  }

  /**
   * The pairs whose key lies between `lower` and `upper`, both included. After `sortByKey` (under a RangePartitioner) only the partitions that may
   * hold such keys are computed.
   *
   * @example sorted.filterByRange("k", "m")
   * @see Spark's OrderedRDDFunctions.filterByRange
   */
  filterByRange(this: PairsOnly<T>, lower: KeyOf<T>, upper: KeyOf<T>): RDD<T> {
    return derive(this, new CallSite("filterByRange"), (make, parent) => {
      const { partitioner } = parent;
      const ranges = partitioner instanceof RangePartitioner ? partitioner : undefined;
      const pruned = ranges === undefined ? parent : rangePartitions(make, parent, ranges, lower, upper);
      return filterByRange(make, pruned, { lower, upper, compare: ranges?.compare });
    });
  }
}
