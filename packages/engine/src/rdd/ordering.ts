/** Methods that need an order of rows: sorting, the largest and smallest. */

import { extreme } from "../actions/extreme.js";
import { smallest } from "../actions/smallest.js";
import { compareValues } from "../lib/ordering.js";
import { keyBy, values } from "../operators/keys-values.js";
import { partitionBy } from "../operators/partition-by.js";
import {
  refuse,
  refuseAt,
  requireActionOptions,
  requireCompare,
  requireFunction,
  requireInteger,
  requireOptions,
  requirePartitions,
} from "./arguments.js";
import { CallSite } from "./call-site.js";
import { estimatedPartitions } from "./default-partitioner.js";
import type { RddNode } from "./node.js";
import { orderOnDriver } from "./on-driver.js";
import { type Compare, RangePartitioner } from "./partitioner.js";
import type { RDD } from "./rdd.js";
import { derive, RddBase } from "./rdd-base.js";
import type { ActionOptions } from "./rdd-context.js";
import { concat } from "./reading.js";
import type { Row } from "./row-types.js";

/** How to sort by keys of type K. */
export interface SortOptions<K> {
  /** False turns the order round. Default true. */
  readonly ascending?: boolean | undefined;
  /** At most so many partitions; default: as many as before. */
  readonly numPartitions?: number | undefined;
  /** Order of the keys: negative when `a` comes first. Default: numbers by size (NaN last), strings by code unit, arrays element by element, ... */
  readonly compare?: ((a: K, b: K) => number) | undefined;
}

/** Checks the options of sortBy and sortByKey. */
export function requireSortOptions(
  options: SortOptions<never>,
  method: string,
): { ascending: boolean; compare: Compare | undefined } {
  requireOptions(options, method, ["ascending", "numPartitions", "compare"]);
  const { ascending = true, numPartitions, compare } = options;
  if (typeof ascending !== "boolean") refuse(`${method}: ascending must be true or false`);
  if (numPartitions !== undefined) requirePartitions(numPartitions, method);
  requireCompare(compare, method);
  return { ascending, compare };
}

/** The range partitioner of a sort of the pairs of `node`, whose bounds are sampled when an action needs them. */
export function sortRanges(
  rdd: RddBase,
  node: RddNode,
  options: SortOptions<never>,
  ascending: boolean,
): RangePartitioner {
  const { numPartitions, compare } = options;
  const source = { node, keyOf: undefined, sameCount: numPartitions === undefined };
  return new RangePartitioner(numPartitions ?? estimatedPartitions(rdd), source, ascending, compare);
}

export abstract class Ordering<T> extends RddBase {
  /**
   * The rows sorted by what `key` gives for each: partitions hold ascending ranges, rows are in order within. Equal keys stay in their order.
   * The ranges come from a sample that is taken when an action runs.
   *
   * @example counts.sortBy(([, n]) => n, { ascending: false })
   * @throws INVALID_ARGUMENT, INVALID_OPTION; UNSUPPORTED_KEY (from the task) for keys without a default order
   * @see Spark's RDD.sortBy
   */
  sortBy<K extends Row>(key: (row: T) => K, options: SortOptions<K> = {}): RDD<T> {
    requireFunction(key, "sortBy");
    const order = requireSortOptions(options, "sortBy");
    return derive(this, new CallSite("sortBy"), (make, parent) => {
      const keyed = keyBy(make, parent, key);
      const ranges = sortRanges(this, keyed, options, order.ascending);
      return values(make, partitionBy(make, keyed, ranges, { order, keysApart: true }));
    });
  }

  /**
   * The `n` smallest rows, smallest first.
   *
   * @example await numbers.takeOrdered(3) // the three smallest
   * @throws INVALID_ARGUMENT for a negative number or one with a fraction
   * @see Spark's RDD.takeOrdered
   */
  async takeOrdered(n: number, compare?: (a: T, b: T) => number, options?: ActionOptions): Promise<T[]> {
    return takeSmallest<T>(this, n, compare, false, new CallSite("takeOrdered"), options);
  }

  /**
   * The `n` largest rows, largest first.
   *
   * @example await counts.top(10, ([, a], [, b]) => a - b)
   * @throws INVALID_ARGUMENT
   * @see Spark's RDD.top
   */
  async top(n: number, compare?: (a: T, b: T) => number, options?: ActionOptions): Promise<T[]> {
    return takeSmallest<T>(this, n, compare, true, new CallSite("top"), options);
  }

  /**
   * The largest row; the first of equal ones.
   *
   * @example await counts.max(([, a], [, b]) => a - b)
   * @throws EMPTY_COLLECTION
   * @see Spark's RDD.max
   */
  async max(compare?: (a: T, b: T) => number, options?: ActionOptions): Promise<T> {
    return findExtreme<T>(this, compare, 1, new CallSite("max"), options);
  }

  /**
   * The smallest row; the first of equal ones.
   *
   * @example await numbers.min()
   * @throws EMPTY_COLLECTION
   * @see Spark's RDD.min
   */
  async min(compare?: (a: T, b: T) => number, options?: ActionOptions): Promise<T> {
    return findExtreme<T>(this, compare, -1, new CallSite("min"), options);
  }
}

type CompareRows = (a: unknown, b: unknown) => number;

function driverOrder(compare: Compare | undefined, site: CallSite): CompareRows {
  return compare === undefined ? compareValues : orderOnDriver(compare, site);
}

async function takeSmallest<T>(
  { context, node }: RddBase,
  n: number,
  compare: Compare | undefined,
  descending: boolean,
  site: CallSite,
  options: ActionOptions | undefined,
): Promise<T[]> {
  requireInteger(n, site.operator, "n", 0);
  requireCompare(compare, site.operator);
  requireActionOptions(options, site.operator);
  if (n === 0) return [];
  const rows = concat<T>(await context.runJob({ node, sink: smallest(n, compare, descending), site, options }));
  const order = driverOrder(compare, site);
  // Boxed: Array.prototype.sort asks no comparator about `undefined`, it puts it last.
  const boxes = rows.map((row) => ({ row }));
  boxes.sort(descending ? (a, b) => order(b.row, a.row) : (a, b) => order(a.row, b.row));
  return boxes.slice(0, n).map(({ row }) => row);
}

async function findExtreme<T>(
  { context, node }: RddBase,
  compare: Compare | undefined,
  sign: 1 | -1,
  site: CallSite,
  options: ActionOptions | undefined,
): Promise<T> {
  requireCompare(compare, site.operator);
  requireActionOptions(options, site.operator);
  const rows = concat<T>(await context.runJob({ node, sink: extreme(compare, sign), site, options }));
  if (rows.length === 0)
    refuseAt(site, `${site.operator} of an RDD without rows; takeOrdered(1) and top(1) give none`, "EMPTY_COLLECTION");
  const order = driverOrder(compare, site);
  return rows.reduce((best, row) => (sign * order(row, best) > 0 ? row : best));
}
