/** Methods that give one RDD from another without a shuffle by key: rows one by one, or a partition at a time. */

import { coalesce } from "../operators/coalesce.js";
import { filter } from "../operators/filter.js";
import { flatMap } from "../operators/flat-map.js";
import { groupByKey } from "../operators/group-by-key.js";
import { keyBy } from "../operators/keys-values.js";
import { map } from "../operators/map.js";
import { glom, mapPartitions, mapPartitionsWithIndex } from "../operators/map-partitions.js";
import { pipe } from "../operators/pipe.js";
import { repartition } from "../operators/repartition.js";
import { sliding } from "../operators/sliding.js";
import { refuse, requireFunction, requireInteger, requirePartitions } from "./arguments.js";
import { CallSite } from "./call-site.js";
import { type Partitioning, partitionerFor } from "./default-partitioner.js";
import type { RDD } from "./rdd.js";
import { RDDBarrier } from "./rdd-barrier.js";
import { derive, RddBase } from "./rdd-base.js";
import type { Row } from "./row-types.js";

/** A window is an array on the driver (the parts that reach over partitions) and a row. */
const WINDOW_MAX = 10_000_000;

export abstract class Transformations<T> extends RddBase {
  /**
   * `RDD<U>` with `f(row)` for each row. `f` gets the row alone and must be synchronous (`mapAsync` takes others). The partitioner is lost:
   * `mapValues` keeps it.
   *
   * @example vc.parallelize(["a", "b"]).map((word) => [word, 1]) // RDD<[string, number]>
   * @throws INVALID_ARGUMENT, PROMISE_IN_SYNC_FUNCTION
   * @see Spark's RDD.map
   */
  map<U extends Row>(f: (row: T) => U): RDD<U> {
    requireFunction(f, "map");
    return derive(this, new CallSite("map"), (make, parent) => map(make, parent, f));
  }

  /**
   * `RDD<U>` with every element of what `f` gives for each row: an array, a Set, a string (its characters), a generator, or any other
   * iterable; anything else is NOT_ITERABLE.
   *
   * @example lines.flatMap((line) => line.split(" "))
   * @see Spark's RDD.flatMap
   */
  flatMap<U extends Row>(f: (row: T) => Iterable<U>): RDD<U> {
    requireFunction(f, "flatMap");
    return derive(this, new CallSite("flatMap"), (make, parent) => flatMap(make, parent, f));
  }

  /**
   * The rows for which `f` gives something truthy. Keeps the partitioner. A type guard narrows the rows' type.
   *
   * @example numbers.filter((x) => x % 2 === 0)
   * @see Spark's RDD.filter
   */
  filter<U extends T>(f: (row: T) => row is U): RDD<U>;
  filter(f: (row: T) => unknown): RDD<T>;
  filter(f: (row: T) => unknown): RDD<T> {
    requireFunction(f, "filter");
    return derive(this, new CallSite("filter"), (make, parent) => filter(make, parent, f));
  }

  /**
   * What `f` gives for an iterator over each partition's rows: any iterable. It is called once a partition, empty ones too; rows are computed
   * as it asks for them. `preservesPartitioning` says that the keys of pairs stay as they are, so that the partitioner still holds.
   *
   * @example rdd.mapPartitions(function* (rows) { let n = 0; for (const _ of rows) n++; yield n; })
   * @see Spark's RDD.mapPartitions
   */
  mapPartitions<U extends Row>(f: (rows: IterableIterator<T>) => Iterable<U>, preservesPartitioning = false): RDD<U> {
    requireFunction(f, "mapPartitions");
    return derive(this, new CallSite("mapPartitions"), (make, parent) =>
      mapPartitions(make, parent, f, preservesPartitioning),
    );
  }

  /**
   * `mapPartitions` whose function gets the partition's number (from 0) first.
   *
   * @example rdd.mapPartitionsWithIndex((index, rows) => [[index, [...rows].length]])
   * @see Spark's RDD.mapPartitionsWithIndex
   */
  mapPartitionsWithIndex<U extends Row>(
    f: (index: number, rows: IterableIterator<T>) => Iterable<U>,
    preservesPartitioning = false,
  ): RDD<U> {
    requireFunction(f, "mapPartitionsWithIndex");
    return derive(this, new CallSite("mapPartitionsWithIndex"), (make, parent) =>
      mapPartitionsWithIndex(make, parent, f, preservesPartitioning),
    );
  }

  /**
   * One row a partition: an array of its rows.
   *
   * @example vc.range(0, 4, 1, 2).glom() // [0, 1], [2, 3]
   * @see Spark's RDD.glom
   */
  glom(): RDD<T[]> {
    return derive(this, new CallSite("glom"), glom);
  }

  /**
   * `[f(row), row]` for each row.
   *
   * @example words.keyBy((word) => word.length) // RDD<[number, string]>
   * @see Spark's RDD.keyBy
   */
  keyBy<K extends Row>(f: (row: T) => K): RDD<[K, T]> {
    requireFunction(f, "keyBy");
    return derive(this, new CallSite("keyBy"), (make, parent) => keyBy(make, parent, f));
  }

  /**
   * `[key, rows]` for each key that `f` gives, with all its rows in one array. Shuffles every row: where the groups are only summed up, `keyBy` and
   * `reduceByKey` or `aggregateByKey` move less.
   *
   * @param by number of partitions, or a Partitioner; by default as many as this RDD has
   * @example words.groupBy((word) => word.length) // RDD<[number, string[]]>
   * @see Spark's RDD.groupBy
   */
  groupBy<K extends Row>(f: (row: T) => K, by?: Partitioning): RDD<[K, T[]]> {
    requireFunction(f, "groupBy");
    const partitioner = partitionerFor([this], by, "groupBy");
    return derive(this, new CallSite("groupBy"), (make, parent) =>
      groupByKey(make, keyBy(make, parent, f), partitioner),
    );
  }

  /**
   * At most `numPartitions` partitions, each a contiguous run of this RDD's. Without `shuffle` nothing is moved, no partition is split and the number
   * is never raised; with it the rows are spread evenly, as by `repartition`.
   *
   * @example vc.range(0, 100, 1, 50).filter((x) => x < 4).coalesce(2)
   * @throws INVALID_ARGUMENT for numbers below 1 or with a fraction
   * @see Spark's RDD.coalesce
   */
  coalesce(numPartitions: number, shuffle = false): RDD<T> {
    requirePartitions(numPartitions, "coalesce");
    return derive(this, new CallSite("coalesce"), (make, parent) =>
      (shuffle ? repartition : coalesce)(make, parent, numPartitions),
    );
  }

  /**
   * The same rows spread evenly over `numPartitions` partitions, equal rows too. Always shuffles; to have fewer partitions `coalesce` is cheaper.
   *
   * @example rows.repartition(16)
   * @throws INVALID_ARGUMENT
   * @see Spark's RDD.repartition
   */
  repartition(numPartitions: number): RDD<T> {
    requirePartitions(numPartitions, "repartition");
    return derive(this, new CallSite("repartition"), (make, parent) => repartition(make, parent, numPartitions));
  }

  /**
   * The lines that a program writes, a process a partition: it gets the rows as lines on its input. No shell is started: the command is a list of
   * arguments, or text that is cut at white space. A status other than 0 fails the task with PROCESS_FAILED.
   *
   * @param env variables added to the executor's own
   * @example lines.pipe(["grep", "-v", "^#"])
   * @see Spark's RDD.pipe
   */
  pipe(command: string | readonly string[], env: Readonly<Record<string, string>> = {}): RDD<string> {
    const words: unknown = typeof command === "string" ? command.split(/\s+/).filter((word) => word !== "") : command;
    if (!Array.isArray(words) || words.length === 0 || words.some((word) => typeof word !== "string")) {
      refuse("pipe takes a command: text, or an array of strings");
    }
    if (typeof env !== "object" || env === null || Object.values(env).some((value) => typeof value !== "string")) {
      refuse("pipe: env must be an object of strings");
    }
    const params = { command: [...words] as string[], env: { ...env } };
    return derive(this, new CallSite("pipe"), (make, parent) => pipe(make, parent, params));
  }

  /**
   * Arrays of `size` rows that follow each other, across partitions, each beginning `step` rows after the one before it. A last window that is not full is
   * dropped, and so are partitions in which no window begins. With more than one partition an action runs a job first that looks at their first rows.
   *
   * @example vc.range(0, 4).sliding(2) // [0, 1], [1, 2], [2, 3]
   * @throws INVALID_ARGUMENT
   * @see Spark's RDDFunctions.sliding (mllib)
   */
  sliding(size: number, step = 1): RDD<T[]> {
    requireInteger(size, "sliding", "size", 1, WINDOW_MAX);
    requireInteger(step, "sliding", "step", 1);
    return derive(this, new CallSite("sliding"), (make, parent) => sliding(make, parent, { size, step }));
  }

  /**
   * This RDD in a barrier stage: its tasks start together or not at all.
   *
   * @example rdd.barrier().mapPartitions((rows) => train(rows))
   * @see Spark's RDD.barrier
   */
  barrier(): RDDBarrier<T> {
    this.context.assertRunning();
    return new RDDBarrier<T>(this as unknown as RDD<T>);
  }
}
