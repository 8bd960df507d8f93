/** What is refused at the call, and with which code. */

import { describe, expect, test } from "vitest";
import { StorageLevel } from "../task/storage-level.js";
import { LocalContext } from "../testing/local-context.js";
import { VolleyError } from "../wire/errors.js";

const vc = new LocalContext();
const numbers = vc.range(0, 10, 1, 2);
const pairs = numbers.map((x) => [x, x]);
const wrong = (value: unknown) => value as never;

function codeOf(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    return VolleyError.is(error) ? error.code : String(error);
  }
  return "nothing was thrown";
}

describe("transformations throw at once", () => {
  test.each<[string, () => unknown]>([
    ["map without a function", () => numbers.map(wrong(1))],
    ["zero partitions", () => numbers.repartition(0)],
    ["half a partition", () => numbers.coalesce(1.5)],
    ["negative partitions", () => pairs.reduceByKey((a) => a, -1)],
    ["partitions as text", () => pairs.groupByKey(wrong("4"))],
    ["distinct into none", () => numbers.distinct(0)],
    ["a negative fraction", () => numbers.sample(false, -0.1)],
    ["more than all without replacement", () => numbers.sample(false, 1.1)],
    ["a fraction of NaN", () => numbers.sample(true, Number.NaN)],
    ["negative weights", () => numbers.randomSplit([1, -1])],
    ["weights of nothing", () => numbers.randomSplit([0, 0])],
    ["fractions that are no Map", () => pairs.sampleByKey(false, wrong({}))],
    ["a window of nothing", () => numbers.sliding(0)],
    ["a partitioner that is none", () => pairs.partitionBy(wrong(3))],
    ["another thing than an RDD", () => pairs.join(wrong([[1, 2]]))],
    ["an RDD of another context", () => numbers.union(new LocalContext().range(0, 1))],
    ["no command", () => numbers.pipe("  ")],
    ["four others", () => pairs.cogroup(pairs, pairs, pairs, wrong(pairs))],
    ["no other", () => (numbers.zipPartitions as (f: unknown) => unknown).call(numbers, (rows: unknown) => rows)],
    ["a level by name", () => numbers.map((x) => x).persist(wrong("MEMORY_ONLY"))],
    ["no concurrency", () => numbers.mapAsync((x) => x, { concurrency: 0 })],
    ["a comparator that is none", () => numbers.sortBy((x) => x, { compare: wrong(1) })],
  ])("%s", (_, call) => {
    expect(codeOf(call)).toBe("INVALID_ARGUMENT");
  });

  test("options that do not exist", () => {
    expect(codeOf(() => numbers.sortBy((x) => x, wrong({ descending: true })))).toBe("INVALID_OPTION");
  });

  test("functions that are asynchronous, with what to use instead", () => {
    expect(() => numbers.map(async (x) => x)).toThrow(/mapAsync/);
    expect(codeOf(() => numbers.filter(async () => true))).toBe("PROMISE_IN_SYNC_FUNCTION");
    expect(codeOf(() => pairs.reduceByKey(wrong(async (a: number) => a)))).toBe("PROMISE_IN_SYNC_FUNCTION");
    expect(codeOf(() => numbers.mapPartitions(wrong(async function* () {})))).toBe("PROMISE_IN_SYNC_FUNCTION");
  });
});

describe("actions reject", () => {
  test.each<[string, string, () => Promise<unknown>]>([
    ["INVALID_ARGUMENT", "takeOrdered of a negative number", () => numbers.takeOrdered(-1)],
    ["INVALID_ARGUMENT", "takeSample of a negative number", () => numbers.takeSample(false, -1)],
    ["INVALID_ARGUMENT", "no levels", () => numbers.treeReduce((a, b) => a + b, 0)],
    ["INVALID_ARGUMENT", "no buckets", () => numbers.histogram(0)],
    ["INVALID_ARGUMENT", "buckets that do not ascend", () => numbers.histogram([1, 1])],
    ["INVALID_ARGUMENT", "a confidence above 1", () => numbers.countApprox(10, 2)],
    ["INVALID_ARGUMENT", "a deviation of nothing", () => numbers.countApproxDistinct(0)],
    ["INVALID_ARGUMENT", "a signal that is none", () => numbers.collect({ signal: wrong("now") })],
    ["INVALID_OPTION", "an unknown option", () => numbers.count(wrong({ timeout: 1 }))],
    ["INVALID_ARGUMENT", "no path", () => numbers.saveAsTextFile("")],
    ["INVALID_ARGUMENT", "an unknown codec", () => numbers.saveAsTextFile("x", wrong({ codec: "zip" }))],
    ["EMPTY_COLLECTION", "reduce of nothing", () => vc.parallelize([] as number[], 2).reduce((a) => a)],
    ["EMPTY_COLLECTION", "treeReduce of nothing", () => vc.parallelize([] as number[], 2).treeReduce((a) => a)],
    ["EMPTY_COLLECTION", "buckets of nothing", () => vc.parallelize([] as number[], 2).histogram(2)],
    [
      "NOT_A_PAIR",
      "pairs that are none",
      () =>
        vc
          .parallelize([[1, 2, 3]], 1)
          .keyBy((x) => x)
          .keys()
          .countByKey.call(wrong(numbers)),
    ],
    ["NOT_A_NUMBER", "numbers that are none", () => numbers.sum.call(wrong(vc.parallelize(["1"], 1)))],
    ["NOT_ITERABLE", "flatMap of numbers", () => numbers.flatMap(wrong((x: number) => x)).collect()],
    [
      "PROMISE_IN_SYNC_FUNCTION",
      "a promise from a plain function",
      () => numbers.map((x) => Promise.resolve(x)).collect(),
    ],
    ["UNEQUAL_PARTITIONS", "a zip of unequal RDDs", () => numbers.zip(vc.range(0, 10, 1, 3)).collect()],
    ["UNEQUAL_PARTITIONS", "a zip of unequal partitions", () => numbers.zip(vc.range(0, 9, 1, 2)).collect()],
    [
      "UNSUPPORTED_KEY",
      "keys without a value",
      () =>
        numbers
          .map((x) => [new Map([[x, x]]), 1])
          .reduceByKey((a) => a)
          .collect(),
    ],
    ["INVALID_ARGUMENT", "a key without a fraction", () => pairs.sampleByKey(false, new Map()).collect()],
    [
      "USER_FUNCTION_FAILED",
      "an error of the merge on the driver",
      () => numbers.fold(0, (a, b) => (a === 10 ? fail() : a + b)),
    ],
  ])("%s: %s", async (code, _, call) => {
    await expect(call()).rejects.toMatchObject({ code });
  });
});

function fail(): never {
  throw new RangeError("ten is too much");
}

describe("storage levels", () => {
  test("another one is refused until unpersist", async () => {
    const rdd = vc.range(0, 3).cache();
    expect(rdd.cache()).toBe(rdd);
    expect(rdd.getStorageLevel()).toBe(StorageLevel.MEMORY_ONLY);
    expect(codeOf(() => rdd.persist(StorageLevel.DISK_ONLY))).toBe("STORAGE_LEVEL_SET");
    await rdd.unpersist();
    expect(rdd.persist(StorageLevel.DISK_ONLY).getStorageLevel()).toBe(StorageLevel.DISK_ONLY);
    expect(codeOf(() => rdd.checkpoint())).toBe("CHECKPOINT_DIR_UNSET");
  });
});
