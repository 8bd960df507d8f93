/** Methods for asynchronous functions: a bounded number of calls at once in each partition, results in the order of the rows. */

import { count } from "../actions/count.js";
import { filterAsync, flatMapAsync, mapAsync } from "../operators/map-async.js";
import { requireActionOptions, requireAnyFunction, requireInteger, requireOptions } from "./arguments.js";
import { CallSite } from "./call-site.js";
import type { RDD } from "./rdd.js";
import { derive, RddBase } from "./rdd-base.js";
import type { ActionOptions } from "./rdd-context.js";
import type { Row } from "./row-types.js";

/** Calls at once where nobody says: enough to hide the waiting for a service, few enough not to flood it from many slots. */
const CONCURRENCY_DEFAULT = 8;
/** More pending calls hold rows in memory and gain nothing. */
const CONCURRENCY_MAX = 10_000;

/** How the methods for asynchronous functions call them. */
export interface AsyncOptions {
  /** Calls under way at once in a partition. Default 8. */
  readonly concurrency?: number | undefined;
}

function concurrencyOf(f: unknown, options: AsyncOptions, method: string): number {
  requireAnyFunction(f, method);
  const { concurrency = CONCURRENCY_DEFAULT } = options;
  requireInteger(concurrency, method, "concurrency", 1, CONCURRENCY_MAX);
  return concurrency;
}

function checked(f: unknown, options: AsyncOptions, method: string): number {
  requireOptions(options, method, ["concurrency"]);
  return concurrencyOf(f, options, method);
}

export abstract class Async<T> extends RddBase {
  /**
   * One row for each row, from a function that may be asynchronous. At most `concurrency` calls run at once in a partition; rows keep their order. A
   * rejection fails the task with the row. Not in Spark.
   *
   * @example urls.mapAsync(async (url) => (await fetch(url)).status, { concurrency: 4 })
   */
  mapAsync<U extends Row>(f: (row: T) => U | PromiseLike<U>, options: AsyncOptions = {}): RDD<U> {
    const concurrency = checked(f, options, "mapAsync");
    return derive(this, new CallSite("mapAsync"), (make, parent) => mapAsync(make, parent, { f, concurrency }));
  }

  /**
   * Every element of what a function, which may be asynchronous, gives for each row. Not in Spark.
   *
   * @example urls.flatMapAsync(async (url) => (await (await fetch(url)).text()).split("\n"))
   */
  flatMapAsync<U extends Row>(
    f: (row: T) => Iterable<U> | PromiseLike<Iterable<U>>,
    options: AsyncOptions = {},
  ): RDD<U> {
    const concurrency = checked(f, options, "flatMapAsync");
    return derive(this, new CallSite("flatMapAsync"), (make, parent) => flatMapAsync(make, parent, { f, concurrency }));
  }

  /**
   * The rows for which a function, which may be asynchronous, gives something truthy. Keeps the partitioner. Not in Spark.
   *
   * @example urls.filterAsync(async (url) => (await fetch(url)).ok, { concurrency: 4 })
   */
  filterAsync(f: (row: T) => unknown, options: AsyncOptions = {}): RDD<T> {
    const concurrency = checked(f, options, "filterAsync");
    return derive(this, new CallSite("filterAsync"), (make, parent) => filterAsync(make, parent, { f, concurrency }));
  }

  /**
   * Calls a function, which may be asynchronous, for each row, on the executors; resolves when all calls have ended.
   *
   * This is not Spark's foreachAsync, which is `foreach` that returns a future: every action here is one.
   *
   * @example await rows.foreachAsync((row) => store.put(row.id, row), { concurrency: 16 })
   */
  async foreachAsync(f: (row: T) => unknown, options: AsyncOptions & ActionOptions = {}): Promise<void> {
    requireOptions(options, "foreachAsync", ["concurrency", "signal"]);
    const concurrency = concurrencyOf(f, options, "foreachAsync");
    const { signal } = options;
    requireActionOptions({ signal }, "foreachAsync");
    const site = new CallSite("foreachAsync");
    const node = mapAsync(this.context.makeAt(site), this.node, { f, concurrency });
    await this.context.runJob({ node, sink: count(), site, options: { signal } });
  }
}
