/** Actions that bring rows to the driver or to a user's function. */

import { collect } from "../actions/collect.js";
import { count } from "../actions/count.js";
import { foreach } from "../actions/foreach.js";
import { take } from "../actions/take.js";
import { joinArrays } from "../lib/join-arrays.js";
import { onePerPartition } from "../operators/map-partitions.js";
import { refuse, refuseAt, requireActionOptions, requireFunction, requireInteger } from "./arguments.js";
import { CallSite } from "./call-site.js";
import { RddBase } from "./rdd-base.js";
import type { ActionOptions } from "./rdd-context.js";

/** The next round of take scans at most this many times more partitions than were scanned so far (Spark's figure). */
const TAKE_GROWTH = 4;
/** Rows are somewhat unevenly spread: this much more than the rows seen so far suggest (Spark's figure). */
const TAKE_MARGIN = 1.5;

/** Rows of several partitions one after the other. Spreading them into a call would overflow the stack. */
export function concat<T>(parts: readonly (readonly unknown[])[]): T[] {
  return joinArrays(parts) as T[];
}

/** The first n rows, partition after partition, scanning few at first. */
export async function takeRows<T>(rdd: RddBase, n: number, site: CallSite, options?: ActionOptions): Promise<T[]> {
  const { context, node } = rdd;
  const action = {};
  const rows: T[] = [];
  let scanned = 0;
  let total = Number.POSITIVE_INFINITY;
  while (rows.length < n && scanned < total) {
    const wanted = partitionsToTry(scanned, rows.length, n);
    const from = scanned;
    const parts = await context.runJob({
      node,
      sink: take(n - rows.length),
      partitions: (numPartitions) => {
        total = numPartitions;
        return Array.from({ length: Math.max(0, Math.min(wanted, numPartitions - from)) }, (_, index) => from + index);
      },
      site,
      options,
      action,
    });
    for (const part of parts) for (const row of part) if (rows.length < n) rows.push(row as T);
    scanned += wanted;
  }
  return rows;
}

function partitionsToTry(scanned: number, found: number, n: number): number {
  if (scanned === 0) return 1;
  const most = scanned * TAKE_GROWTH;
  return found === 0 ? most : Math.min(most, Math.ceil((TAKE_MARGIN * (n - found) * scanned) / found));
}

export abstract class Reading<T> extends RddBase {
  /**
   * All rows, in the order of the partitions. They must fit in the driver's memory (RESULT_TOO_LARGE).
   *
   * @example const rows = await rdd.collect()
   * @see Spark's RDD.collect
   */
  async collect(options?: ActionOptions): Promise<T[]> {
    requireActionOptions(options, "collect");
    return concat(
      await this.context.runJob({ node: this.node, sink: collect(), site: new CallSite("collect"), options }),
    );
  }

  /**
   * The number of rows.
   *
   * @example await lines.filter((line) => line.includes("error")).count()
   * @see Spark's RDD.count
   */
  async count(options?: ActionOptions): Promise<number> {
    requireActionOptions(options, "count");
    const counts = await this.context.runJob({ node: this.node, sink: count(), site: new CallSite("count"), options });
    return counts.reduce((sum, rows) => sum + (rows[0] as number), 0);
  }

  /**
   * The first `n` rows, fewer if there are no more. Scans one partition first, then up to four times more each round, and stops early.
   *
   * @example await lines.take(10)
   * @throws INVALID_ARGUMENT for a number with a fraction; a negative one gives no rows, as in Spark
   * @see Spark's RDD.take
   */
  async take(n: number, options?: ActionOptions): Promise<T[]> {
    requireInteger(n, "take", "n", Number.MIN_SAFE_INTEGER);
    requireActionOptions(options, "take");
    return takeRows(this, n, new CallSite("take"), options);
  }

  /**
   * The first row.
   *
   * @example const header = await lines.first()
   * @throws EMPTY_COLLECTION when there is none
   * @see Spark's RDD.first
   */
  async first(options?: ActionOptions): Promise<T> {
    requireActionOptions(options, "first");
    const site = new CallSite("first");
    const rows = await takeRows<T>(this, 1, site, options);
    if (rows.length === 0) refuseAt(site, "first of an RDD without rows; take(1) gives none", "EMPTY_COLLECTION");
    return rows[0] as T;
  }

  /**
   * Whether there is no row at all. Scans as few partitions as `take(1)`.
   *
   * @example if (await errors.isEmpty()) console.log("all is well")
   * @see Spark's RDD.isEmpty
   */
  async isEmpty(options?: ActionOptions): Promise<boolean> {
    requireActionOptions(options, "isEmpty");
    return (await takeRows(this, 1, new CallSite("isEmpty"), options)).length === 0;
  }

  /**
   * Calls `f` for each row, on the executors; use accumulators to hear of it.
   *
   * @example const seen = vc.longAccumulator(); await rows.foreach(() => seen.add(1))
   * @see Spark's RDD.foreach
   */
  async foreach(f: (row: T) => unknown, options?: ActionOptions): Promise<void> {
    requireFunction(f, "foreach");
    requireActionOptions(options, "foreach");
    await this.context.runJob({ node: this.node, sink: foreach(f), site: new CallSite("foreach"), options });
  }

  /**
   * Calls `f` once for each partition with an iterator over its rows, on the executors.
   *
   * @example await rows.foreachPartition((rows) => { const db = open(); for (const row of rows) db.insert(row); db.close(); })
   * @see Spark's RDD.foreachPartition
   */
  async foreachPartition(f: (rows: IterableIterator<T>) => unknown, options?: ActionOptions): Promise<void> {
    requireFunction(f, "foreachPartition");
    requireActionOptions(options, "foreachPartition");
    const site = new CallSite("foreachPartition");
    const node = onePerPartition(this.context.makeAt(site), this.node, f);
    await this.context.runJob({ node, sink: count(), site, options });
  }

  /**
   * The rows of some partitions: an array for each index, in the order asked for.
   *
   * @example const [last] = await rdd.collectPartitions([(await rdd.getNumPartitions()) - 1])
   * @throws INVALID_ARGUMENT for an index that is no partition
   * @see Spark's JavaRDD.collectPartitions
   */
  async collectPartitions(indices: readonly number[], options?: ActionOptions): Promise<T[][]> {
    requireActionOptions(options, "collectPartitions");
    if (!Array.isArray(indices)) refuse("collectPartitions takes a list of partition numbers");
    const wanted = [...indices] as number[];
    const parts = await this.context.runJob({
      node: this.node,
      sink: collect(),
      site: new CallSite("collectPartitions"),
      options,
      partitions: (numPartitions) => {
        for (const index of wanted)
          requireInteger(index, "collectPartitions", "a partition's index", 0, numPartitions - 1);
        return wanted;
      },
    });
    return parts.map((rows) => [...rows] as T[]);
  }

  /**
   * The rows one partition at a time: a job a partition, started when its first row is asked for, so the driver holds one partition at most. `for
   * await (const row of rdd)` is the same.
   *
   * @example for await (const row of rdd.toLocalIterator()) console.log(row)
   * @see Spark's RDD.toLocalIterator
   */
  toLocalIterator(options?: ActionOptions): AsyncGenerator<T, void, undefined> {
    requireActionOptions(options, "toLocalIterator");
    return iterate<T>(this, new CallSite("toLocalIterator"), options);
  }

  /**
   * The same as `toLocalIterator`: what `for await` asks for. Not in Spark.
   *
   * @example for await (const row of rdd) console.log(row)
   */
  [Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    return iterate<T>(this, new CallSite("toLocalIterator"), undefined);
  }

  /**
   * The rows as Arrow IPC streams, one a partition, undecoded. Not in Spark.
   *
   * @example tableFromIPC((await rdd.toArrow())[0]) // with apache-arrow
   */
  async toArrow(options?: ActionOptions): Promise<Uint8Array[]> {
    requireActionOptions(options, "toArrow");
    return [
      ...(await this.context.runJobBlocks({
        node: this.node,
        sink: collect(),
        site: new CallSite("toArrow"),
        options,
      })),
    ];
  }
}

async function* iterate<T>(
  { context, node }: RddBase,
  site: CallSite,
  options: ActionOptions | undefined,
): AsyncGenerator<T, void, undefined> {
  const action = {};
  let total = Number.POSITIVE_INFINITY;
  for (let partition = 0; partition < total; partition++) {
    const partitions = (numPartitions: number) => {
      total = numPartitions;
      return partition < numPartitions ? [partition] : [];
    };
    const parts = await context.runJob({ node, sink: collect(), partitions, site, options, action });
    for (const rows of parts) yield* rows as readonly T[];
  }
}
