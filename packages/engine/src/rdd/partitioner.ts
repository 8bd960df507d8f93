/**
 * Which reduce partition a key goes to (Spark's Partitioner). Two RDDs whose partitioners are equal need no shuffle to be joined.
 */

import { hashKey } from "../lib/hash.js";
import { compareValues } from "../lib/ordering.js";
import { VolleyError } from "../wire/errors.js";

/**
 * The base class to extend. `getPartition` runs on executors: an instance travels with its class and fields like any captured value.
 *
 * @example
 * class ByFirstLetter extends Partitioner {
 *   constructor() { super(26); }
 *   getPartition(key) { return key.charCodeAt(0) % 26; }
 * }
 */
export abstract class Partitioner {
  /** What the constructor was given. A subclass may leave it out and define `numPartitions` as a getter. */
  protected readonly partitionCount: number;

  /** A subclass that defines `numPartitions` as a getter gives no number. */
  constructor(numPartitions = 0) {
    if (!Number.isInteger(numPartitions) || numPartitions < 0) {
      throw new VolleyError(
        "INVALID_ARGUMENT",
        `numPartitions must be a whole number of at least 0, not ${String(numPartitions)}`,
      );
    }
    this.partitionCount = numPartitions;
  }

  /** How many partitions there are. */
  get numPartitions(): number {
    return this.partitionCount;
  }

  /** The partition of a key: an integer from 0 to numPartitions - 1. */
  abstract getPartition(key: unknown): number;

  /** Whether another partitioner places every key alike. A class without its own `equals` equals only itself. */
  equals(other: unknown): boolean {
    return this === other;
  }
}

/** Places a key by its portable hash: keys that are equal by value go to one partition. */
export class HashPartitioner extends Partitioner {
  /** The key's portable hash modulo the number of partitions. Throws UNSUPPORTED_KEY. */
  getPartition(key: unknown): number {
    return hashKey(key) % this.numPartitions;
  }

  /** @internal False while `numPartitions` is an estimate. */
  get isKnown(): boolean {
    return true;
  }

  /** Another hash partitioner of as many partitions is equal. */
  override equals(other: unknown): boolean {
    if (this === other) return true;
    if (!(other instanceof HashPartitioner) || !this.isKnown || !other.isKnown) return false;
    return other.numPartitions === this.numPartitions;
  }
}

export type Compare = (a: never, b: never) => number;

/** What a range partitioner must still find out: a sample of the keys of `rdd`. */
export interface RangeSource {
  /** As many ranges as the sampled RDD has partitions, instead of the number asked for. */
  readonly sameCount?: boolean;
  /** The lineage node whose rows' keys are sampled. */
  readonly node: unknown;
  /** The key of a row; undefined: the row's first element. */
  readonly keyOf: ((row: never) => unknown) | undefined;
}

/** Apart from the partitioners: these may be captured by functions, and lineage does not travel. */
const sourceOf = new WeakMap<RangePartitioner, RangeSource>();

/**
 * Places keys in ranges of about equal numbers of rows. The bounds come from a sample of the keys, which is taken when an action
 * first needs them; until then `numPartitions` is what was asked for and `getPartition` rejects. With few distinct keys there are
 * fewer ranges than asked for.
 */
export class RangePartitioner extends Partitioner {
  /** False: the first range holds the largest keys. */
  readonly ascending: boolean;
  /** Order of the keys; undefined: Volley's total order. */
  readonly compare: Compare | undefined;
  /** Upper bounds of all ranges but that of the largest keys, ascending; undefined until sampled. */
  bounds: readonly unknown[] | undefined = undefined;

  /** `rdd` is an RDD of pairs (its handle); `compare` orders keys, by default Volley's total order. */
  constructor(
    numPartitions: number,
    rdd: { readonly node: unknown } | RangeSource,
    ascending = true,
    compare?: Compare,
  ) {
    super(numPartitions);
    this.ascending = ascending;
    this.compare = compare;
    sourceOf.set(this, "keyOf" in rdd ? rdd : { node: rdd.node, keyOf: undefined });
  }

  /** @internal What is to be sampled; undefined where the partitioner was captured by a function. */
  source(): RangeSource | undefined {
    return sourceOf.get(this);
  }

  /** What was asked for; once the bounds are known, the number of ranges there really are. */
  override get numPartitions(): number {
    return this.bounds === undefined ? this.partitionCount : this.bounds.length + 1;
  }

  /** The range of a key. Throws INVALID_ARGUMENT while the bounds are not known. */
  getPartition(key: unknown): number {
    if (this.bounds === undefined) {
      throw new VolleyError(
        "INVALID_ARGUMENT",
        "the ranges of this RangePartitioner are not known before an action has used it",
      );
    }
    return rangeOf(key, this.bounds, this.compare, this.ascending);
  }

  /** Another range partitioner with the same bounds, direction and order is equal. */
  override equals(other: unknown): boolean {
    if (this === other) return true;
    if (!(other instanceof RangePartitioner) || this.bounds === undefined || other.bounds === undefined) return false;
    const [mine, theirs] = [this.bounds, other.bounds];
    return (
      this.ascending === other.ascending &&
      this.compare === other.compare &&
      mine.length === theirs.length &&
      mine.every((bound, index) => compareValues(bound, theirs[index]) === 0)
    );
  }
}

/**
 * The range of a key among ascending upper bounds (a key equal to a bound belongs to that bound's range), by binary search. Descending order has the same
 * ranges, the last one first.
 */
export function rangeOf(
  key: unknown,
  bounds: readonly unknown[],
  compare: Compare | undefined,
  ascending: boolean,
): number {
  const order = (compare ?? compareValues) as (a: unknown, b: unknown) => number;
  let low = 0;
  let high = bounds.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (order(key, bounds[middle]) > 0) low = middle + 1;
    else high = middle;
  }
  return ascending ? low : bounds.length - low;
}
