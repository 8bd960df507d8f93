/** Rows that do not fit an operator, and functions that give what they must not: the action rejects with the user's line and the row. */

import { fileURLToPath } from "node:url";
import { Partitioner, type RDD, type VolleyContext } from "volley";
import { refusals } from "./kit.ts";

const FILE = fileURLToPath(import.meta.url);

const wrong = (value: unknown) => value as never;

const nextId = () => 1;

class Numbered {
  #id = nextId();
  get id() {
    return this.#id;
  }
}

class Tally extends Map<string, number> {
  #hits = 0;
  get hits() {
    return this.#hits;
  }
}

class OutOfRange extends Partitioner {
  constructor() {
    super(2);
  }
  getPartition() {
    return 2;
  }
}

refusals("data", FILE, (refuses) => {
  refuses("zip of unequal numbers of partitions", { code: "UNEQUAL_PARTITIONS", says: /zip.*2.*3|3.*2/s }, (vc) =>
    vc
      .range(0, 9, 1, 2)
      .zip(vc.range(0, 9, 1, 3))
      .collect(),
  );
  refuses("zip of unequal numbers of rows", { code: "UNEQUAL_PARTITIONS", says: /zip/, points: "place" }, (vc) =>
    vc
      .range(0, 9, 1, 2)
      .zip(vc.range(0, 8, 1, 2))
      .collect(),
  );
  refuses(
    "zipPartitions of unequal numbers of partitions",
    { code: "UNEQUAL_PARTITIONS", says: /zipPartitions/ },
    (vc) =>
      vc
        .range(0, 9, 1, 2)
        .zipPartitions(vc.range(0, 9, 1, 3), (a) => a)
        .collect(),
  );

  refuses("first of nothing", { code: "EMPTY_COLLECTION", says: /first of an RDD without rows/ }, (vc) =>
    vc.emptyRDD<number>().first(),
  );
  refuses("reduce of nothing", { code: "EMPTY_COLLECTION", says: /fold takes a value to start from/ }, (vc) =>
    vc
      .range(0, 9)
      .filter((x) => x > 9)
      .reduce((a, b) => a + b),
  );
  refuses("treeReduce of nothing", { code: "EMPTY_COLLECTION", says: /treeReduce/ }, (vc) =>
    vc.emptyRDD<number>().treeReduce((a, b) => a + b),
  );
  refuses("max of nothing", { code: "EMPTY_COLLECTION", says: /max of an RDD without rows/ }, (vc) =>
    vc.emptyRDD<number>().max(),
  );
  refuses("min of nothing", { code: "EMPTY_COLLECTION", says: /min of an RDD without rows/ }, (vc) =>
    vc.emptyRDD<number>().min(),
  );
  refuses("histogram of nothing", { code: "EMPTY_COLLECTION", says: /histogram/ }, (vc) =>
    vc.emptyRDD<number>().histogram(3),
  );
  refuses("histogram of an infinity", { code: "INVALID_ARGUMENT", says: /give the boundaries yourself/ }, (vc) =>
    vc.parallelize([1, Number.POSITIVE_INFINITY]).histogram(3),
  );

  refuses("a promise from map", { code: "PROMISE_IN_SYNC_FUNCTION", says: /mapAsync/, points: "place" }, (vc) =>
    vc
      .range(0, 9)
      .map((x) => Promise.resolve(x))
      .count(),
  );
  refuses(
    "a promise from map, cut by take",
    { code: "ROW_NOT_TRANSFERABLE", says: /a promise.*mapAsync/, points: "place" },
    (vc) =>
      vc
        .range(0, 9)
        .map((x) => Promise.resolve(x))
        .take(1),
  );
  refuses("a promise from filter", { code: "PROMISE_IN_SYNC_FUNCTION", says: /filterAsync/, points: "place" }, (vc) =>
    vc
      .range(0, 9)
      .filter((x) => Promise.resolve(x))
      .collect(),
  );
  refuses("a promise from flatMap", { code: "PROMISE_IN_SYNC_FUNCTION", says: /flatMapAsync/, points: "place" }, (vc) =>
    vc
      .range(0, 9)
      .flatMap(wrong((x: number) => Promise.resolve([x])))
      .collect(),
  );
  refuses("a promise from reduce", { code: "PROMISE_IN_SYNC_FUNCTION", says: /promise/, points: "place" }, (vc) =>
    vc.range(0, 9).reduce(wrong((a: number) => Promise.resolve(a))),
  );
  refuses("a promise from reduceByKey", { code: "PROMISE_IN_SYNC_FUNCTION", says: /promise/, points: "place" }, (vc) =>
    pairs(vc)
      .reduceByKey(wrong((a: number) => Promise.resolve(a)))
      .collect(),
  );
  refuses("a promise from mapValues", { code: "PROMISE_IN_SYNC_FUNCTION", says: /promise/, points: "place" }, (vc) =>
    pairs(vc)
      .mapValues((x) => Promise.resolve(x))
      .collect(),
  );
  refuses("a promise from foreach", { code: "PROMISE_IN_SYNC_FUNCTION", says: /foreachAsync/, points: "place" }, (vc) =>
    vc.range(0, 9).foreach((x) => Promise.resolve(x)),
  );
  refuses("a promise from a comparator", { code: "PROMISE_IN_SYNC_FUNCTION", says: /promise/, points: "place" }, (vc) =>
    vc.range(0, 9).max(wrong(() => Promise.resolve(1))),
  );
  refuses(
    "a promise from mapPartitions",
    { code: "PROMISE_IN_SYNC_FUNCTION", says: /promise/, points: "place" },
    (vc) =>
      vc
        .range(0, 9)
        .mapPartitions(wrong(() => Promise.resolve([1])))
        .collect(),
  );
  refuses("a promise from groupBy", { code: "UNSUPPORTED_KEY", says: /promise/i, points: "place" }, (vc) =>
    vc
      .range(0, 9)
      .groupBy(wrong((x: number) => Promise.resolve(x)))
      .collect(),
  );
  refuses("a promise from sortBy", { code: "PROMISE_IN_SYNC_FUNCTION", says: /promise/, points: "place" }, (vc) =>
    vc
      .range(0, 9)
      .sortBy(wrong((x: number) => Promise.resolve(x)))
      .collect(),
  );
  refuses("a promise from aggregate", { code: "PROMISE_IN_SYNC_FUNCTION", says: /promise/, points: "place" }, (vc) =>
    vc.range(0, 9).aggregate(
      0,
      wrong((x: number) => Promise.resolve(x)),
      (a, b) => a + b,
    ),
  );
  refuses("a promise from runJob", { code: "PROMISE_IN_SYNC_FUNCTION", says: /promise/, points: "place" }, (vc) =>
    vc.runJob(vc.range(0, 9), () => Promise.resolve(1)),
  );
  refuses("an async function for map", { code: "PROMISE_IN_SYNC_FUNCTION", says: /use mapAsync/ }, (vc) =>
    vc.range(0, 9).map(async (x) => x),
  );
  refuses("an async function for reduceByKey", { code: "PROMISE_IN_SYNC_FUNCTION", says: /mapAsync first/ }, (vc) =>
    pairs(vc).reduceByKey(wrong(async (a: number) => a)),
  );
  refuses("an async function for foreachPartition", { code: "PROMISE_IN_SYNC_FUNCTION", says: /synchronous/ }, (vc) =>
    pairs(vc).foreachPartition(async () => 1),
  );

  refuses("flatMap that gives a number", { code: "NOT_ITERABLE", says: /flatMap/, points: "place" }, (vc) =>
    vc
      .range(0, 9)
      .flatMap(wrong((x: number) => x))
      .collect(),
  );
  refuses("mapPartitions that gives a number", { code: "NOT_ITERABLE", says: /mapPartitions/, points: "place" }, (vc) =>
    vc
      .range(0, 9)
      .mapPartitions(wrong(() => 1))
      .collect(),
  );
  refuses(
    "rows that are no pairs",
    { code: "NOT_A_PAIR", says: /needs rows \[key, value\], but met/, points: "place" },
    (vc) => (vc.parallelize(wrong([1, 2])) as RDD<[number, number]>).reduceByKey(wrong((a: number) => a)).collect(),
  );
  refuses(
    "a string of two characters is no pair",
    { code: "NOT_A_PAIR", says: /needs rows \[key, value\], but met/, points: "place" },
    (vc) => (vc.parallelize(wrong(["ab"])) as RDD<[string, string]>).mapValues((x) => x).collect(),
  );
  refuses(
    "keys() of rows that are no pairs",
    { code: "NOT_A_PAIR", says: /needs rows \[key, value\], but met/, points: "place" },
    (vc) => (vc.parallelize(wrong([{ a: 1 }])) as RDD<[string, string]>).keys().collect(),
  );
  refuses(
    "countByKey of triples",
    { code: "NOT_A_PAIR", says: /needs rows \[key, value\], but met/, points: "stack" },
    (vc) => (vc.parallelize(wrong([[1, 2, 3]])) as RDD<[number, number]>).countByKey(),
  );
  refuses("sum of text", { code: "NOT_A_NUMBER", says: /number/, points: "stack" }, (vc) =>
    (vc.parallelize(["a"]) as unknown as RDD<number>).sum(),
  );
  refuses("stats of null", { code: "NOT_A_NUMBER", says: /number/, points: "stack" }, (vc) =>
    (vc.parallelize([null]) as unknown as RDD<number>).stats(),
  );
  refuses("a class instance as key", { code: "UNSUPPORTED_KEY", says: /key/, points: "place" }, (vc) =>
    vc
      .range(0, 9)
      .map((x) => [new Map([[x, x]]), x])
      .groupByKey()
      .collect(),
  );
  refuses("a function as key", { code: "UNSUPPORTED_KEY", says: /key/, points: "place" }, (vc) =>
    vc
      .range(0, 9)
      .keyBy(() => () => 1)
      .reduceByKey((a) => a)
      .collect(),
  );
  refuses("distinct of what has no value", { code: "UNSUPPORTED_KEY", says: /key|row/, points: "place" }, (vc) =>
    vc
      .range(0, 9)
      .map((x) => new Set([x]))
      .distinct()
      .collect(),
  );
  refuses("sortBy a symbol", { code: "ROW_NOT_TRANSFERABLE", says: /symbol/, points: "place" }, (vc) =>
    vc
      .range(0, 9, 1, 2)
      .sortBy(() => Symbol("x"))
      .collect(),
  );
  refuses("lookup of a Map", { code: "UNSUPPORTED_KEY", says: /key/ }, (vc) => pairs(vc).lookup(wrong(new Map())));
  refuses("lookup of a Map under a partitioner", { code: "UNSUPPORTED_KEY", says: /key/ }, (vc) =>
    pairs(vc).groupByKey(2).lookup(wrong(new Map())),
  );
  refuses(
    "a partitioner that gives another partition",
    { code: "INVALID_PARTITIONER", says: /partition 2|2/, points: "place" },
    (vc) => pairs(vc).partitionBy(new OutOfRange()).collect(),
  );

  refuses(
    "a function as a row",
    { code: "ROW_NOT_TRANSFERABLE", says: /a function.*map it to plain data first/, points: "place" },
    (vc) =>
      vc
        .range(0, 9)
        .map(() => () => 1)
        .collect(),
  );
  refuses("a symbol in a row", { code: "ROW_NOT_TRANSFERABLE", says: /symbol/i, points: "stack" }, (vc) =>
    vc
      .range(0, 9)
      .map((x) => ({ a: [x, Symbol("x")] }))
      .collect(),
  );
  refuses("a WeakMap in a row", { code: "ROW_NOT_TRANSFERABLE", says: /WeakMap/, points: "stack" }, (vc) =>
    vc
      .range(0, 9)
      .map(() => new WeakMap())
      .cache()
      .count(),
  );
  refuses("a promise inside a row", { code: "ROW_NOT_TRANSFERABLE", says: /promise/i, points: "stack" }, (vc) =>
    vc
      .range(0, 9)
      .map((x) => ({ later: Promise.resolve(x) }))
      .collect(),
  );
  refuses(
    "a class whose private field calls a function, back on the driver",
    { code: "ROW_NOT_TRANSFERABLE", says: /Numbered.*made again.*`nextId\(\)`.*in the constructor/, points: "place" },
    (vc) =>
      vc
        .range(0, 2)
        .map(() => new Numbered())
        .collect(),
  );
  refuses(
    "a class with private members that extends Map, as a row",
    { code: "ROW_NOT_TRANSFERABLE", says: /Tally.*#hits.*use an ordinary field/, points: "place" },
    (vc) =>
      vc
        .range(0, 2)
        .map(() => new Tally())
        .collect(),
  );
  refuses("parallelize of functions", { code: "ROW_NOT_TRANSFERABLE", says: /function/ }, (vc) =>
    vc.parallelize(wrong([() => 1])).count(),
  );
  refuses(
    "parallelize of a class with private members that extends Map",
    { code: "ROW_NOT_TRANSFERABLE", says: /Tally.*#hits/ },
    (vc) => vc.parallelize([new Tally()]).count(),
  );
  refuses(
    "a user's own error",
    {
      code: "USER_FUNCTION_FAILED",
      says: /the function given to map threw RangeError: no 7(.|\n)*record: 7/,
      points: "place",
    },
    (vc) =>
      vc
        .range(0, 9)
        .map((x) => {
          if (x === 7) throw new RangeError("no 7");
          return x;
        })
        .count(),
  );
  refuses("what is thrown is no error", { code: "USER_FUNCTION_FAILED", says: /plain text/, points: "place" }, (vc) =>
    vc
      .range(0, 9)
      .map(() => {
        throw "plain text";
      })
      .count(),
  );
  refuses(
    "a merge that throws on the driver",
    { code: "USER_FUNCTION_FAILED", says: /reduce threw Error: on the driver/, points: "place" },
    (vc) =>
      vc.range(0, 3, 1, 3).reduce(() => {
        throw new Error("on the driver");
      }),
  );
  refuses(
    "a rejection in mapAsync",
    { code: "USER_FUNCTION_FAILED", says: /mapAsync threw Error: late(.|\n)*record: /, points: "place" },
    (vc) =>
      vc
        .range(0, 9)
        .mapAsync(async () => {
          throw new Error("late");
        })
        .count(),
  );
  refuses("a program that fails", { code: "PROCESS_FAILED", says: /false|status/, points: "stack" }, (vc) =>
    vc.range(0, 9).pipe("false").count(),
  );
  refuses("a program that is not there", { code: "PROCESS_FAILED", says: /no-such-program/, points: "stack" }, (vc) =>
    vc.range(0, 9).pipe("no-such-program").count(),
  );
});

function pairs(vc: VolleyContext): RDD<[string, number]> {
  return vc.parallelize(
    [
      ["a", 1],
      ["a", 2],
      ["b", 2],
    ] as [string, number][],
    2,
  );
}
