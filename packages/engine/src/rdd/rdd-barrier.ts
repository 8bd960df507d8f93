import { barrierMapPartitions } from "../operators/barrier.js";
import { requireFunction } from "./arguments.js";
import { CallSite } from "./call-site.js";
import type { RDD } from "./rdd.js";
import { derive } from "./rdd-base.js";
import type { Row } from "./row-types.js";

/**
 * An RDD whose next step runs in a barrier stage: all its tasks start together, or none does; if one fails, all are run again.
 *
 * @see Spark's RDDBarrier
 */
export class RDDBarrier<T> {
  readonly #rdd: RDD<T>;

  /** @internal Made by `RDD.barrier`. */
  constructor(rdd: RDD<T>) {
    this.#rdd = rdd;
  }

  /**
   * `RDD.mapPartitions` in a barrier stage.
   *
   * @example rdd.barrier().mapPartitions((rows) => [[...rows].length])
   * @see Spark's RDDBarrier.mapPartitions
   */
  mapPartitions<U extends Row>(f: (rows: IterableIterator<T>) => Iterable<U>, preservesPartitioning = false): RDD<U> {
    requireFunction(f, "mapPartitions");
    return derive(this.#rdd, new CallSite("mapPartitions"), (make, parent) =>
      barrierMapPartitions(make, parent, { f, withIndex: false }, preservesPartitioning),
    );
  }

  /**
   * `RDD.mapPartitionsWithIndex` in a barrier stage.
   *
   * @example rdd.barrier().mapPartitionsWithIndex((index, rows) => [[index, [...rows].length]])
   * @see Spark's RDDBarrier.mapPartitionsWithIndex
   */
  mapPartitionsWithIndex<U extends Row>(
    f: (index: number, rows: IterableIterator<T>) => Iterable<U>,
    preservesPartitioning = false,
  ): RDD<U> {
    requireFunction(f, "mapPartitionsWithIndex");
    return derive(this.#rdd, new CallSite("mapPartitionsWithIndex"), (make, parent) =>
      barrierMapPartitions(make, parent, { f, withIndex: true }, preservesPartitioning),
    );
  }
}
