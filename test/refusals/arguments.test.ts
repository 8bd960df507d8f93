/** Arguments outside what a method takes are refused where the method is called, before anything runs. */

import { fileURLToPath } from "node:url";
import { HashPartitioner, RangePartitioner, type RDD, StorageLevel } from "volley";
import { refusals } from "./kit.ts";

const FILE = fileURLToPath(import.meta.url);

/** What a script in plain JavaScript may hand over. */
const wrong = (value: unknown) => value as never;

refusals(
  "arguments",
  FILE,
  (refuses) => {
    for (const bad of [0, -1, 1.5, Number.NaN, 2 ** 53, wrong("4")]) {
      const refusal = {
        code: "INVALID_ARGUMENT",
        says: /numPartitions must be a whole number from 1 to \d+, not /,
      } as const;
      refuses(`parallelize into ${bad} partitions`, refusal, (vc) => vc.parallelize([1], bad));
      refuses(`range in ${bad} partitions`, refusal, (vc) => vc.range(0, 1, 1, bad));
      refuses(`repartition(${bad})`, refusal, (vc) => vc.range(0, 1).repartition(bad));
      refuses(`coalesce(${bad})`, refusal, (vc) => vc.range(0, 1).coalesce(bad));
      refuses(`distinct(${bad})`, refusal, (vc) => vc.range(0, 1).distinct(bad));
      refuses(`sortBy into ${bad} partitions`, refusal, (vc) =>
        vc.range(0, 1).sortBy((x) => x, { numPartitions: bad }),
      );
    }
    refuses("reduceByKey into 0 partitions", { code: "INVALID_ARGUMENT", says: /numPartitions/ }, (vc) =>
      pairs(vc).reduceByKey((a, b) => a + b, 0),
    );
    refuses("join into 1.5 partitions", { code: "INVALID_ARGUMENT", says: /numPartitions/ }, (vc) =>
      pairs(vc).join(pairs(vc), 1.5),
    );
    refuses("groupByKey by text", { code: "INVALID_ARGUMENT", says: /number of partitions or a Partitioner/ }, (vc) =>
      pairs(vc).groupByKey(wrong("x")),
    );
    refuses("minPartitions 0", { code: "INVALID_ARGUMENT", says: /minPartitions/ }, (vc) => vc.textFile("x", 0));
    refuses(
      "a HashPartitioner of 1.5",
      { code: "INVALID_ARGUMENT", says: /numPartitions must be a whole number/ },
      () => new HashPartitioner(1.5),
    );
    refuses(
      "a HashPartitioner of -1",
      { code: "INVALID_ARGUMENT", says: /numPartitions must be a whole number/ },
      () => new HashPartitioner(-1),
    );
    refuses(
      "partitionBy a HashPartitioner of 0",
      { code: "INVALID_ARGUMENT", says: /0 partitions has no place for any row/ },
      (vc) => pairs(vc).partitionBy(new HashPartitioner(0)),
    );
    refuses(
      "partitionBy a number",
      { code: "INVALID_ARGUMENT", says: /partitionBy takes a Partitioner, not 3/ },
      (vc) => pairs(vc).partitionBy(wrong(3)),
    );
    refuses(
      "a RangePartitioner asked before an action",
      { code: "INVALID_ARGUMENT", says: /not known before an action/ },
      (vc) => new RangePartitioner(2, pairs(vc)).getPartition("a"),
    );

    refuses(
      "sample with a negative fraction",
      { code: "INVALID_ARGUMENT", says: /fraction must be a number from 0 to 1, not -0.1/ },
      (vc) => vc.range(0, 9).sample(false, -0.1),
    );
    refuses(
      "sample of more than all without replacement",
      { code: "INVALID_ARGUMENT", says: /fraction must be a number from 0 to 1, not 1.5/ },
      (vc) => vc.range(0, 9).sample(false, 1.5),
    );
    refuses(
      "sample with a negative fraction, with replacement",
      { code: "INVALID_ARGUMENT", says: /fraction must be/ },
      (vc) => vc.range(0, 9).sample(true, -1),
    );
    refuses(
      "sample without saying about replacement",
      { code: "INVALID_ARGUMENT", says: /withReplacement must be true or false/ },
      (vc) => vc.range(0, 9).sample(wrong(0.5), wrong(1)),
    );
    refuses("sampleByKey with a negative fraction", { code: "INVALID_ARGUMENT", says: /fraction/ }, (vc) =>
      pairs(vc).sampleByKey(false, new Map([["a", -1]])),
    );
    refuses("sampleByKey with an object", { code: "INVALID_ARGUMENT", says: /Map/ }, (vc) =>
      pairs(vc).sampleByKey(false, wrong({ a: 1 })),
    );
    refuses("sampleByKeyExact with a negative fraction", { code: "INVALID_ARGUMENT", says: /fraction/ }, (vc) =>
      pairs(vc).sampleByKeyExact(false, new Map([["a", -1]])),
    );
    refuses(
      "randomSplit with a negative weight",
      { code: "INVALID_ARGUMENT", says: /a weight must be a number/ },
      (vc) => vc.range(0, 9).randomSplit([1, -1]),
    );
    refuses("randomSplit with weights of sum 0", { code: "INVALID_ARGUMENT", says: /positive sum/ }, (vc) =>
      vc.range(0, 9).randomSplit([0, 0]),
    );
    refuses("randomSplit without weights", { code: "INVALID_ARGUMENT", says: /array of weights/ }, (vc) =>
      vc.range(0, 9).randomSplit([]),
    );
    refuses(
      "takeSample of -1",
      { code: "INVALID_ARGUMENT", says: /n must be a whole number of at least 0, not -1/ },
      (vc) => vc.range(0, 9).takeSample(false, -1),
    );

    refuses("take of 1.5", { code: "INVALID_ARGUMENT", says: /n must be a whole number/ }, (vc) =>
      vc.range(0, 9).take(1.5),
    );
    refuses("takeOrdered of -1", { code: "INVALID_ARGUMENT", says: /n must be a whole number of at least 0/ }, (vc) =>
      vc.range(0, 9).takeOrdered(-1),
    );
    refuses("top of -1", { code: "INVALID_ARGUMENT", says: /n must be a whole number of at least 0/ }, (vc) =>
      vc.range(0, 9).top(-1),
    );
    refuses("sliding(0)", { code: "INVALID_ARGUMENT", says: /sliding: size must be a whole number from 1/ }, (vc) =>
      vc.range(0, 9).sliding(0),
    );
    refuses(
      "sliding(2, 0)",
      { code: "INVALID_ARGUMENT", says: /sliding: step must be a whole number of at least 1/ },
      (vc) => vc.range(0, 9).sliding(2, 0),
    );
    refuses("treeReduce of depth 0", { code: "INVALID_ARGUMENT", says: /depth must be a whole number from 1/ }, (vc) =>
      vc.range(0, 9).treeReduce((a, b) => a + b, 0),
    );
    refuses("range with step 0", { code: "INVALID_ARGUMENT", says: /step must not be 0/ }, (vc) => vc.range(0, 9, 0));
    refuses("range to NaN", { code: "INVALID_ARGUMENT", says: /end must be a number/ }, (vc) =>
      vc.range(0, Number.NaN),
    );
    refuses(
      "range of more rows than numbers can count",
      { code: "INVALID_ARGUMENT", says: /rows are more than numbers can count/ },
      (vc) => vc.range(0, Number.MAX_SAFE_INTEGER, 2 ** -30),
    );
    refuses("countApproxDistinct(0.5)", { code: "INVALID_ARGUMENT", says: /relativeSD must be a number from/ }, (vc) =>
      vc.range(0, 9).countApproxDistinct(0.5),
    );
    refuses("countApprox with a negative time", { code: "INVALID_ARGUMENT", says: /timeoutMs/ }, (vc) =>
      vc.range(0, 9).countApprox(-1),
    );
    refuses(
      "meanApprox with confidence 2",
      { code: "INVALID_ARGUMENT", says: /confidence must be a number from 0 to 1/ },
      (vc) => vc.range(0, 9).meanApprox(10, 2),
    );
    refuses(
      "mapAsync with concurrency 0",
      { code: "INVALID_ARGUMENT", says: /concurrency must be a whole number from 1/ },
      (vc) => vc.range(0, 9).mapAsync(async (x) => x, { concurrency: 0 }),
    );
    refuses("binaryRecords of length 0", { code: "INVALID_ARGUMENT", says: /recordLength/ }, (vc) =>
      vc.binaryRecords("x", 0),
    );

    refuses(
      "histogram of 0 buckets",
      { code: "INVALID_ARGUMENT", says: /number of buckets must be a whole number from 1/ },
      (vc) => vc.range(0, 9).histogram(0),
    );
    refuses("histogram with one boundary", { code: "INVALID_ARGUMENT", says: /at least two boundaries/ }, (vc) =>
      vc.range(0, 9).histogram([1]),
    );
    refuses("histogram with boundaries out of order", { code: "INVALID_ARGUMENT", says: /must ascend/ }, (vc) =>
      vc.range(0, 9).histogram([0, 5, 3]),
    );
    refuses("histogram with equal boundaries", { code: "INVALID_ARGUMENT", says: /must ascend/ }, (vc) =>
      vc.range(0, 9).histogram([0, 5, 5]),
    );
    refuses("histogram with NaN among the boundaries", { code: "INVALID_ARGUMENT", says: /must be numbers/ }, (vc) =>
      vc.range(0, 9).histogram([0, Number.NaN]),
    );

    refuses("map without a function", { code: "INVALID_ARGUMENT", says: /map takes a function, not undefined/ }, (vc) =>
      vc.range(0, 9).map(wrong(undefined)),
    );
    refuses("aggregate with one function", { code: "INVALID_ARGUMENT", says: /aggregate takes two functions/ }, (vc) =>
      vc.range(0, 9).aggregate(0, (a, b) => a + b, wrong(undefined)),
    );
    refuses(
      "combineByKey with two functions",
      { code: "INVALID_ARGUMENT", says: /combineByKey takes three functions/ },
      (vc) =>
        pairs(vc).combineByKey(
          (v) => v,
          (a, b) => a + b,
          wrong(undefined),
        ),
    );
    refuses(
      "zipPartitions without a function",
      { code: "INVALID_ARGUMENT", says: /other RDDs and then a function/ },
      (vc) => vc.range(0, 9).zipPartitions(vc.range(0, 9), wrong(undefined)),
    );
    refuses("sortBy with a compare that is none", { code: "INVALID_ARGUMENT", says: /comparator/ }, (vc) =>
      vc.range(0, 9).sortBy((x) => x, { compare: wrong("up") }),
    );
    refuses("sortBy ascending by text", { code: "INVALID_ARGUMENT", says: /ascending must be true or false/ }, (vc) =>
      vc.range(0, 9).sortBy((x) => x, { ascending: wrong("no") }),
    );
    refuses(
      "sortBy with an option that is none",
      { code: "INVALID_OPTION", says: /no option "descending"; there are ascending, numPartitions, compare/ },
      (vc) => vc.range(0, 9).sortBy((x) => x, wrong({ descending: true })),
    );
    refuses(
      "count with an option that is none",
      { code: "INVALID_OPTION", says: /no option "timeout"; there are signal/ },
      (vc) => vc.range(0, 9).count(wrong({ timeout: 1 })),
    );
    refuses("count with a signal that is none", { code: "INVALID_ARGUMENT", says: /AbortSignal/ }, (vc) =>
      vc.range(0, 9).count({ signal: wrong(1) }),
    );
    refuses(
      "join with an array",
      { code: "INVALID_ARGUMENT", says: /join takes an RDD, not an array; make one with parallelize/ },
      (vc) => pairs(vc).join(wrong([1])),
    );
    refuses("union with nothing", { code: "INVALID_ARGUMENT", says: /union takes an RDD/ }, (vc) =>
      pairs(vc).union(wrong(undefined)),
    );
    refuses("vc.union of one RDD", { code: "INVALID_ARGUMENT", says: /array of RDDs/ }, (vc) =>
      vc.union(wrong(pairs(vc))),
    );
    refuses("cogroup of four others", { code: "INVALID_ARGUMENT", says: /one to 3 other RDDs/ }, (vc) =>
      (pairs(vc).cogroup as (...others: unknown[]) => unknown).call(pairs(vc), ...[1, 2, 3, 4].map(() => pairs(vc))),
    );
    refuses("parallelize of text", { code: "INVALID_ARGUMENT", says: /a string; split it first/ }, (vc) =>
      vc.parallelize(wrong("abc")),
    );
    refuses("parallelize of a number", { code: "INVALID_ARGUMENT", says: /an array or another iterable/ }, (vc) =>
      vc.parallelize(wrong(3)),
    );
    refuses("fromAsyncIterable of a number", { code: "INVALID_ARGUMENT", says: /async iterable/ }, (vc) =>
      vc.fromAsyncIterable(wrong(3)),
    );
    refuses("textFile of no path", { code: "INVALID_ARGUMENT", says: /textFile takes a path/ }, (vc) =>
      vc.textFile([]),
    );
    refuses("textFile of a number", { code: "INVALID_ARGUMENT", says: /textFile takes a path/ }, (vc) =>
      vc.textFile(wrong(3)),
    );
    refuses("pipe to no command", { code: "INVALID_ARGUMENT", says: /pipe takes a command/ }, (vc) =>
      vc.range(0, 9).pipe("  "),
    );
    refuses(
      "pipe with an env that is none",
      { code: "INVALID_ARGUMENT", says: /env must be an object of strings/ },
      (vc) => vc.range(0, 9).pipe("cat", wrong({ A: 1 })),
    );
    refuses("persist at a level that is none", { code: "INVALID_ARGUMENT", says: /StorageLevel.MEMORY_ONLY, / }, (vc) =>
      vc.range(0, 9).persist(wrong("MEMORY")),
    );
    refuses("setName of a number", { code: "INVALID_ARGUMENT", says: /setName takes a string/ }, (vc) =>
      vc.range(0, 9).setName(wrong(3)),
    );
    refuses(
      "saveAsTextFile with a codec that is none",
      { code: "INVALID_ARGUMENT", says: /codec is "gzip" or left out, not zip/ },
      (vc) => vc.range(0, 9).saveAsTextFile("x", { codec: wrong("zip") }),
    );
    refuses("saveAsTextFile without a path", { code: "INVALID_ARGUMENT", says: /path of a folder/ }, (vc) =>
      vc.range(0, 9).saveAsTextFile(""),
    );
    refuses(
      "runJob over a partition that is none",
      { code: "INVALID_ARGUMENT", says: /there is no partition 7; the RDD has 3/ },
      (vc) => vc.runJob(vc.range(0, 9, 1, 3), (rows) => [...rows].length, [7]),
    );
    refuses("runJob over partition 0.5", { code: "INVALID_ARGUMENT", says: /there is no partition 0.5/ }, (vc) =>
      vc.runJob(vc.range(0, 9, 1, 3), (rows) => [...rows].length, [0.5]),
    );
    refuses("runJob without a function", { code: "INVALID_ARGUMENT", says: /runJob takes a function/ }, (vc) =>
      vc.runJob(vc.range(0, 9), wrong(3)),
    );
    refuses("runJob over an array", { code: "INVALID_ARGUMENT", says: /runJob takes an RDD, not an array/ }, (vc) =>
      vc.runJob(wrong([1]), (rows) => [...rows].length),
    );
    refuses(
      "collectPartitions of one that is none",
      { code: "INVALID_ARGUMENT", says: /partition's index must be a whole number from 0 to 2, not 3/ },
      (vc) => vc.range(0, 9, 1, 3).collectPartitions([3]),
    );
    refuses(
      "preferredLocations of a partition that is none",
      { code: "INVALID_ARGUMENT", says: /partition must be a whole number from 0 to 2, not 3/ },
      (vc) => vc.range(0, 9, 1, 3).preferredLocations(3),
    );
    refuses(
      "setLogLevel to what is none",
      { code: "INVALID_ARGUMENT", says: /setLogLevel takes one of silent, error/ },
      (vc) => vc.setLogLevel(wrong("loud")),
    );
    refuses("setJobGroup without a name", { code: "INVALID_ARGUMENT", says: /group's name/ }, (vc) =>
      vc.setJobGroup(wrong(undefined)),
    );
    refuses("setLocalProperty to a number", { code: "INVALID_ARGUMENT", says: /property/ }, (vc) =>
      vc.setLocalProperty("a", wrong(3)),
    );
    refuses("addJobTag of nothing", { code: "INVALID_ARGUMENT", says: /tag/ }, (vc) => vc.addJobTag(""));
    refuses("addJobTag with a comma", { code: "INVALID_ARGUMENT", says: /tag/ }, (vc) => vc.addJobTag("a,b"));
    refuses("setCheckpointDir to nothing", { code: "INVALID_ARGUMENT", says: /folder's path/ }, (vc) =>
      vc.setCheckpointDir(""),
    );
    refuses("addListener of a function", { code: "INVALID_ARGUMENT", says: /object with methods/ }, (vc) =>
      vc.addListener(wrong(() => 1)),
    );
    refuses("addPackage of what is not installed", { code: "INVALID_ARGUMENT", says: /no-such-package/ }, (vc) =>
      vc.addPackage("no-such-package"),
    );
    refuses("addFile that does not exist", { code: "FILE_NOT_FOUND", says: /no-such-file/ }, (vc) =>
      vc.addFile("/no-such-file"),
    );
    refuses(
      "another storage level while one is set",
      { code: "STORAGE_LEVEL_SET", says: /MEMORY_ONLY already; await unpersist\(\) before DISK_ONLY is set/ },
      (vc) => vc.range(0, 9).cache().persist(StorageLevel.DISK_ONLY),
    );
    refuses("checkpoint without a folder", { code: "CHECKPOINT_DIR_UNSET", says: /setCheckpointDir/ }, (vc) =>
      vc.range(0, 9).checkpoint(),
    );
  },
  ["local[2]"],
);

function pairs(vc: {
  parallelize(rows: [string, number][], n?: number): RDD<[string, number]>;
}): RDD<[string, number]> {
  return vc.parallelize(
    [
      ["a", 1],
      ["b", 2],
    ],
    2,
  );
}
