/** Masters and options that are none, and a context that is stopped. */

import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type RDD, VolleyContext } from "volley";
import { checkRefusal, type Refusal, refusalOf } from "./kit.ts";

const FILE = fileURLToPath(import.meta.url);

const wrong = (value: unknown) => value as never;

describe("create refuses", () => {
  const cases: readonly (readonly [string, Record<string, unknown>, Refusal])[] = [
    ["an unknown master", { master: "yarn" }, { code: "INVALID_MASTER", says: /"?yarn"?.*local\[n\]/s }],
    ["a master nearly right", { master: "locl[2]" }, { code: "INVALID_MASTER", says: /did you mean local\[2\]\?/ }],
    ["no slots", { master: "local[0]" }, { code: "INVALID_MASTER", says: /local\[0\]/ }],
    ["half a slot", { master: "local[1.5]" }, { code: "INVALID_MASTER", says: /local\[1.5\]/ }],
    [
      "a cluster without executors",
      { master: "local-cluster[0,1,512]" },
      { code: "INVALID_MASTER", says: /local-cluster\[0,1,512\]/ },
    ],
    [
      "a cluster in two numbers",
      { master: "local-cluster[2,1]" },
      { code: "INVALID_MASTER", says: /local-cluster\[executors,coresEach,memoryMiBEach\]/ },
    ],
    [
      "a cluster of other machines",
      { master: "volley://host:7077" },
      { code: "INVALID_MASTER", says: /no master service yet; use local/ },
    ],
    ["a master that is a number", { master: 4 }, { code: "INVALID_OPTION", says: /master/ }],
    [
      "an option with a wrong letter",
      { defaultParalelism: 3 },
      { code: "INVALID_OPTION", says: /defaultParalelism.*defaultParallelism/s },
    ],
    ["an option in Spark's words", { spark: true }, { code: "INVALID_OPTION", says: /"?spark"?/ }],
    ["a parallelism of 0", { defaultParallelism: 0 }, { code: "INVALID_OPTION", says: /defaultParallelism/ }],
    ["a parallelism of 1.5", { defaultParallelism: 1.5 }, { code: "INVALID_OPTION", says: /defaultParallelism/ }],
    ["a number as text", { maxResultSizeMiB: "1g" }, { code: "INVALID_OPTION", says: /maxResultSizeMiB/ }],
    ["options that are none", wrong("local[2]"), { code: "INVALID_OPTION", says: /options/ }],
  ];
  it.each(cases)("%s", async (_, options, refusal) => {
    checkRefusal(await refusalOf(() => VolleyContext.create(options)), refusal, FILE);
  });
});

describe("a stopped context refuses", () => {
  let vc: VolleyContext;
  let rdd: RDD<number>;
  let pairs: RDD<[string, number]>;
  beforeAll(async () => {
    vc = await VolleyContext.create({ master: "local[1]" });
    rdd = vc.range(0, 9);
    pairs = vc.parallelize([["a", 1]] as [string, number][]);
    expect(await rdd.count()).toBe(9);
    await vc.stop();
  });
  afterAll(() => vc.stop());

  const calls: Readonly<Record<string, () => unknown>> = {
    parallelize: () => vc.parallelize([1]),
    range: () => vc.range(0, 1),
    emptyRDD: () => vc.emptyRDD(),
    textFile: () => vc.textFile("x"),
    wholeTextFiles: () => vc.wholeTextFiles("x"),
    binaryFiles: () => vc.binaryFiles("x"),
    binaryRecords: () => vc.binaryRecords("x", 1),
    objectFile: () => vc.objectFile("x"),
    fromAsyncIterable: () => vc.fromAsyncIterable([1]),
    union: () => vc.union([rdd]),
    broadcast: () => vc.broadcast(1),
    longAccumulator: () => vc.longAccumulator(),
    register: () => vc.collectionAccumulator(),
    addFile: () => vc.addFile(FILE),
    addPackage: () => vc.addPackage("volley"),
    runJob: () => vc.runJob(rdd, (rows) => [...rows].length),
    map: () => rdd.map((x) => x),
    mapPartitions: () => rdd.mapPartitions((rows) => rows),
    distinct: () => rdd.distinct(),
    sortBy: () => rdd.sortBy((x) => x),
    sample: () => rdd.sample(false, 0.5),
    zipWithIndex: () => rdd.zipWithIndex(),
    mapAsync: () => rdd.mapAsync(async (x) => x),
    barrier: () => rdd.barrier(),
    pipe: () => rdd.pipe("cat"),
    reduceByKey: () => pairs.reduceByKey((a, b) => a + b),
    join: () => pairs.join(pairs),
    cogroup: () => pairs.cogroup(pairs),
    sortByKey: () => pairs.sortByKey(),
    cache: () => rdd.cache(),
    checkpoint: () => rdd.checkpoint(),
    localCheckpoint: () => rdd.localCheckpoint(),
    collect: () => rdd.collect(),
    count: () => rdd.count(),
    first: () => rdd.first(),
    take: () => rdd.take(1),
    takeOrdered: () => rdd.takeOrdered(1),
    takeSample: () => rdd.takeSample(false, 1),
    reduce: () => rdd.reduce((a, b) => a + b),
    aggregate: () =>
      rdd.aggregate(
        0,
        (a, b) => a + b,
        (a, b) => a + b,
      ),
    treeReduce: () => rdd.treeReduce((a, b) => a + b),
    foreach: () => rdd.foreach(() => 1),
    foreachAsync: () => rdd.foreachAsync(async () => 1),
    sum: () => rdd.sum(),
    histogram: () => rdd.histogram(2),
    countApprox: () => rdd.countApprox(100),
    lookup: () => pairs.lookup("a"),
    countByKey: () => pairs.countByKey(),
    saveAsTextFile: () => rdd.saveAsTextFile("never"),
    toLocalIterator: () => rdd.toLocalIterator().next(),
    toArrow: () => rdd.toArrow(),
    getNumPartitions: () => rdd.getNumPartitions(),
    toDebugString: () => rdd.toDebugString(),
    explain: () => rdd.explain(),
    dependencies: () => rdd.map,
  };
  it.each(Object.entries(calls).filter(([name]) => name !== "dependencies"))("%s", async (_, call) => {
    checkRefusal(
      await refusalOf(call),
      { code: "CONTEXT_STOPPED", says: /stopped; (create|make) (another|a new) one/ },
      FILE,
    );
  });

  it("but stops again, and answers what needs no job", async () => {
    await vc.stop();
    expect(rdd.id).toBeTypeOf("number");
    expect(rdd.getStorageLevel().name).toBe("NONE");
    await expect(rdd.unpersist()).resolves.toBe(rdd);
  });
});
