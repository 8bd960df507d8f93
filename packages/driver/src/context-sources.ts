/** The sources of a context: how data becomes an RDD. */

import { collected } from "@volley/engine/operators/collected.js";
import { binaryFiles, binaryRecords, objectFile, wholeTextFiles } from "@volley/engine/operators/files.js";
import { parallelize } from "@volley/engine/operators/parallelize.js";
import { range } from "@volley/engine/operators/range.js";
import { textFile } from "@volley/engine/operators/text-file.js";
import {
  refuse,
  requireInteger,
  requireNumber,
  requirePartitions,
  requireSameContext,
} from "@volley/engine/rdd/arguments.js";
import { CallSite } from "@volley/engine/rdd/call-site.js";
import type { NodeFactory, RddNode } from "@volley/engine/rdd/node.js";
import { RDD } from "@volley/engine/rdd/rdd.js";
import type { Row } from "@volley/engine/rdd/row-types.js";
import { unionNode } from "@volley/engine/rdd/set-operations.js";
import { VolleyError } from "@volley/engine/wire/errors.js";
import { DriverContext } from "./context.js";

/** A record is one piece of memory. */
const RECORD_BYTES_MAX = 2 ** 30;

/** A path, a glob, a folder, or several of these. */
export type Paths = string | readonly string[];

export class ContextSources extends DriverContext {
  /**
   * An RDD of the elements of an array (or any iterable, which is read at once), cut into `numSlices` partitions of about equal size.
   *
   * @example vc.parallelize([1, 2, 3], 2)
   * @see Spark's SparkContext.parallelize
   */
  parallelize<T extends Row>(data: Iterable<T>, numSlices: number = this.defaultParallelism): RDD<T> {
    requirePartitions(numSlices, "parallelize");
    if (
      typeof data === "string" ||
      data === null ||
      data === undefined ||
      typeof data[Symbol.iterator] !== "function"
    ) {
      refuse(
        `parallelize takes an array or another iterable of rows, not ${typeof data === "string" ? "a string; split it first" : String(data)}`,
      );
    }
    const rows: readonly T[] = Array.isArray(data) ? data : Array.from(data);
    return this.#source("parallelize", (make) => parallelize(make, rows, numSlices));
  }

  /**
   * The numbers from `start` to before `end` by `step`; with one argument those from 0.
   *
   * @example vc.range(0, 10, 2) // 0, 2, 4, 6, 8
   * @see Spark's SparkContext.range
   */
  range(start: number, end?: number, step = 1, numSlices: number = this.defaultParallelism): RDD<number> {
    const [from, until] = end === undefined ? [0, start] : [start, end];
    for (const [name, value] of Object.entries({ start: from, end: until, step })) {
      requireNumber(value, "range", name, -Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
    }
    if (step === 0) refuse("range: step must not be 0");
    requirePartitions(numSlices, "range");
    const count = Math.max(0, Math.ceil((until - from) / step));
    if (!Number.isSafeInteger(count))
      refuse(`range: ${count} rows are more than numbers can count; take a larger step`);
    return this.#source("range", (make) => range(make, { start: from, step, count, numSlices }));
  }

  /**
   * An RDD without rows and without partitions.
   *
   * @example await vc.emptyRDD<number>().sum() // 0
   * @see Spark's SparkContext.emptyRDD
   */
  emptyRDD<T = never>(): RDD<T> {
    return this.#source("emptyRDD", (make) => parallelize(make, [], 0));
  }

  /**
   * The lines of text files: a path, a glob (`* ? [ab] {a,b}`), a folder, or a list of these. Files are read in the order of their names and cut into
   * at least about `minPartitions` partitions; gz files are not cut, empty files have no partition. Lines end at \n, \r\n or \r. A path that does not exist rejects the action with
   * FILE_NOT_FOUND.
   *
   * @example vc.textFile(["logs/2026-*.gz", "logs/today.log"])
   * @see Spark's SparkContext.textFile
   */
  textFile(paths: Paths, minPartitions: number = this.defaultMinPartitions): RDD<string> {
    requireInteger(minPartitions, "textFile", "minPartitions", 1);
    return this.#source("textFile", (make) => textFile(make, { paths: pathList(paths, "textFile"), minPartitions }));
  }

  /**
   * `[path, text]` of each file, for many small ones: several share a partition, at most about `minPartitions` of them.
   *
   * @example vc.wholeTextFiles("pages/").mapValues((html) => html.length)
   * @see Spark's SparkContext.wholeTextFiles
   */
  wholeTextFiles(paths: Paths, minPartitions: number = this.defaultMinPartitions): RDD<[path: string, text: string]> {
    requireInteger(minPartitions, "wholeTextFiles", "minPartitions", 1);
    return this.#source("wholeTextFiles", (make) =>
      wholeTextFiles(make, { paths: pathList(paths, "wholeTextFiles"), minPartitions }),
    );
  }

  /**
   * `[path, bytes]` of each file, a Uint8Array.
   *
   * @example vc.binaryFiles("images/*.png").mapValues((bytes) => bytes.length)
   * @see Spark's SparkContext.binaryFiles
   */
  binaryFiles(paths: Paths, minPartitions: number = this.defaultMinPartitions): RDD<[path: string, bytes: Uint8Array]> {
    requireInteger(minPartitions, "binaryFiles", "minPartitions", 1);
    return this.#source("binaryFiles", (make) =>
      binaryFiles(make, { paths: pathList(paths, "binaryFiles"), minPartitions }),
    );
  }

  /**
   * A Uint8Array for each record of `recordLength` bytes; a file that is no whole number of records is FILE_DAMAGED.
   *
   * @example vc.binaryRecords("points.bin", 16).map((bytes) => new DataView(bytes.buffer, bytes.byteOffset).getFloat64(0))
   * @see Spark's SparkContext.binaryRecords
   */
  binaryRecords(paths: Paths, recordLength: number): RDD<Uint8Array> {
    requireInteger(recordLength, "binaryRecords", "recordLength", 1, RECORD_BYTES_MAX);
    const minPartitions = this.defaultMinPartitions;
    return this.#source("binaryRecords", (make) =>
      binaryRecords(make, { paths: pathList(paths, "binaryRecords"), minPartitions, recordLength }),
    );
  }

  /**
   * The rows that `saveAsObjectFile` wrote, as they were; a file is a partition.
   *
   * @example vc.objectFile<[string, number]>("out/counts")
   * @see Spark's SparkContext.objectFile
   */
  objectFile<T>(paths: Paths): RDD<T> {
    return this.#source("objectFile", (make) => objectFile(make, pathList(paths, "objectFile")));
  }

  /**
   * The rows of several RDDs, one after the other.
   *
   * @example vc.union([monday, tuesday, wednesday])
   * @see Spark's SparkContext.union
   */
  union<T>(rdds: readonly RDD<T>[]): RDD<T> {
    if (!Array.isArray(rdds)) refuse("union takes an array of RDDs");
    if (rdds.length === 0) return this.emptyRDD();
    requireSameContext(rdds, "union");
    const nodes: RddNode[] = rdds.map((rdd) => rdd.node);
    return this.#source("union", (make) => unionNode(make, nodes, (node) => this.knownPartitions(node)));
  }

  /**
   * The rows of an async iterable (or a web stream) that arrives on the driver: read once, when the first action needs it, and kept. Not in Spark.
   *
   * @example vc.fromAsyncIterable(createInterface({ input: process.stdin }))
   */
  fromAsyncIterable<T extends Row>(
    source: AsyncIterable<T> | Iterable<T>,
    numSlices: number = this.defaultParallelism,
  ): RDD<T> {
    requirePartitions(numSlices, "fromAsyncIterable");
    const isIterable =
      typeof source === "object" && source !== null && (Symbol.asyncIterator in source || Symbol.iterator in source);
    if (!isIterable)
      refuse("fromAsyncIterable takes an async iterable, such as a stream or an async generator's result");
    const gather = async () => {
      const rows: T[] = [];
      try {
        for await (const row of source) rows.push(row);
      } catch (cause) {
        const thrown = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
        throw new VolleyError("USER_FUNCTION_FAILED", `the source given to fromAsyncIterable failed: ${thrown}`, {
          cause,
        });
      }
      return rows;
    };
    return this.#source("fromAsyncIterable", (make) => collected(make, gather, numSlices));
  }

  #source<T>(name: string, node: (make: NodeFactory) => RddNode): RDD<T> {
    this.assertRunning();
    return new RDD<T>(this, node(this.makeAt(new CallSite(name))));
  }
}

/** Paths as a list; each must be text. */
export function pathList(paths: Paths, method: string): readonly string[] {
  const list = typeof paths === "string" ? [paths] : paths;
  if (!Array.isArray(list) || list.length === 0 || list.some((path) => typeof path !== "string" || path === "")) {
    refuse(`${method} takes a path, a glob, a folder, or an array of these`);
  }
  return list;
}
