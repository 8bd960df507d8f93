/** Narrow operators, sets and files. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { LocalContext } from "../testing/local-context.js";

const lists = fc.array(fc.integer({ min: 0, max: 6 }), { maxLength: 20 });
const parts = fc.integer({ min: 1, max: 5 });
const up = (a: number, b: number) => a - b;

describe("against arrays", () => {
  test("sets", () =>
    fc.assert(
      fc.asyncProperty(lists, lists, parts, async (left, right, n) => {
        const vc = new LocalContext();
        const [a, b] = [vc.parallelize(left, n), vc.parallelize(right, 2)];
        const inBoth = [...new Set(left)].filter((x) => right.includes(x));
        expect((await a.distinct().collect()).sort(up)).toEqual([...new Set(left)].sort(up));
        expect((await a.intersection(b).collect()).sort(up)).toEqual(inBoth.sort(up));
        expect((await a.subtract(b).collect()).sort(up)).toEqual(left.filter((x) => !right.includes(x)).sort(up));
        expect(await a.union(b).collect()).toEqual([...left, ...right]);
        expect((await a.cartesian(b).collect()).length).toBe(left.length * right.length);
      }),
      { seed: 7, numRuns: 30 },
    ));

  test("windows", () =>
    fc.assert(
      fc.asyncProperty(
        lists,
        parts,
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 5 }),
        async (rows, n, size, step) => {
          const wanted: number[][] = [];
          for (let from = 0; from + size <= rows.length; from += step) wanted.push(rows.slice(from, from + size));
          expect(await new LocalContext().parallelize(rows, n).sliding(size, step).collect()).toEqual(wanted);
        },
      ),
      { seed: 8, numRuns: 60 },
    ));

  test("numbering and zipping", () =>
    fc.assert(
      fc.asyncProperty(lists, parts, async (rows, n) => {
        const rdd = new LocalContext().parallelize(rows, n);
        expect(await rdd.zipWithIndex().collect()).toEqual(rows.map((row, index) => [row, index]));
        expect(await rdd.zip(rdd.map((x) => x * 2)).collect()).toEqual(rows.map((row) => [row, row * 2]));
        const ids = await rdd.zipWithUniqueId().values().collect();
        expect(new Set(ids).size).toBe(rows.length);
        expect((await rdd.glom().collect()).flat()).toEqual(rows);
        expect((await rdd.repartition(3).collect()).sort(up)).toEqual([...rows].sort(up));
        expect(await rdd.coalesce(2).collect()).toEqual(rows);
      }),
      { seed: 9, numRuns: 30 },
    ));
});

describe("partitioners of unions", () => {
  test("co-partitioned RDDs are laid over each other; RDDs without partitions do not count", async () => {
    const vc = new LocalContext();
    const pairs = vc
      .parallelize(
        [
          ["a", 1],
          ["b", 2],
        ],
        2,
      )
      .reduceByKey((a, b) => a + b, 3);
    const both = pairs.union(pairs.mapValues((v) => v * 10));
    expect([await both.getNumPartitions(), both.partitioner?.numPartitions]).toEqual([3, 3]);
    expect((await both.groupByKey().collect()).sort()).toEqual([
      ["a", [1, 10]],
      ["b", [2, 20]],
    ]);
    const empty = vc.parallelize<[string, number]>([], 0);
    expect(vc.union([empty, pairs]).partitioner?.numPartitions).toBe(3);
    expect(await vc.union([empty, pairs]).getNumPartitions()).toBe(3);
    expect(await pairs.distinct().getNumPartitions()).toBe(3);
    expect(pairs.distinct().partitioner?.numPartitions).toBe(3);
    expect(pairs.distinct(2).partitioner).toBeUndefined();
  });
});

describe("functions over partitions", () => {
  test("mapPartitions, with index, in a barrier, and several RDDs at once", async () => {
    const rdd = new LocalContext().range(0, 5, 1, 2);
    const total = (rows: Iterable<number>) => [...rows].reduce((a, b) => a + b, 0);
    expect(await rdd.mapPartitions((rows) => [total(rows)]).collect()).toEqual([1, 9]);
    expect(await rdd.mapPartitionsWithIndex((index, rows) => [[index, total(rows)]]).collect()).toEqual([
      [0, 1],
      [1, 9],
    ]);
    expect(
      await rdd
        .barrier()
        .mapPartitions((rows) => [total(rows)])
        .collect(),
    ).toEqual([1, 9]);
    expect(
      await rdd
        .barrier()
        .mapPartitionsWithIndex((index) => [index])
        .collect(),
    ).toEqual([0, 1]);
    expect(await rdd.zipPartitions(rdd, rdd, (a, b, c) => [total(a) + total(b) + total(c)]).collect()).toEqual([3, 27]);
  });

  test("pipe hands rows over as lines", async () => {
    const rdd = new LocalContext().parallelize(["é", 1, { a: 1n }, [1, 2]], 2);
    expect(await rdd.pipe("cat").collect()).toEqual(["é", "1", '{"a":"1"}', "[1,2]"]);
    await expect(rdd.pipe(["false"]).collect()).rejects.toMatchObject({ code: "PROCESS_FAILED" });
  });
});

describe("asynchronous functions", () => {
  test("keep the order and stay within the concurrency", async () => {
    let running = 0;
    let most = 0;
    const work = async (x: number) => {
      most = Math.max(most, ++running);
      // Longer than it takes to ask for a row.
      for (let tick = 0; tick < 50; tick++) await Promise.resolve();
      running--;
      return x;
    };
    const rdd = new LocalContext().range(0, 20, 1, 2);
    expect(
      await rdd
        .mapAsync(work, { concurrency: 3 })
        .map((x) => x + 1)
        .collect(),
    ).toEqual(Array.from({ length: 20 }, (_, x) => x + 1));
    expect(most).toBe(3);
    expect(await rdd.filterAsync(async (x) => x % 7 === 0).collect()).toEqual([0, 7, 14]);
    expect(await rdd.flatMapAsync(async (x) => (x < 2 ? [x, x] : [])).collect()).toEqual([0, 0, 1, 1]);
    const seen: number[] = [];
    await rdd.foreachAsync(async (x) => void seen.push(x), { concurrency: 1 });
    expect(seen.length).toBe(20);
    expect(
      await rdd
        .mapAsync(async (x) => [x % 2, x])
        .reduceByKey((a, b) => a + b)
        .collect(),
    ).toHaveLength(2);
  });

  test("a rejection names the row", async () => {
    const rdd = new LocalContext().range(0, 4, 1, 1).mapAsync(async (x) => {
      if (x === 2) throw new Error("late");
      return x;
    });
    await expect(rdd.collect()).rejects.toMatchObject({ code: "USER_FUNCTION_FAILED", message: "late" });
  });
});

describe("files", () => {
  test("saved text is read again", async () => {
    const vc = new LocalContext();
    await vc.parallelize(["a", 1, true, 2n, new Date(0), [1, "x"], { b: null }], 3).saveAsTextFile("out");
    expect(vc.store.text("out/part-00000")).toBe("a\n1\n");
    expect(vc.store.text("out/part-00001")).toBe("true\n2\n");
    expect(vc.store.text("out/part-00002")).toBe('1970-01-01T00:00:00.000Z\n[1,"x"]\n{"b":null}\n');
    await expect(vc.range(0, 1).saveAsTextFile("out")).rejects.toMatchObject({ code: "OUTPUT_EXISTS" });
  });

  test("object files give every value back as it was", async () => {
    const vc = new LocalContext();
    const rows = [
      undefined,
      null,
      Number.NaN,
      -0,
      1n,
      "é",
      new Date(5),
      [1, [2]],
      { a: new Map([[1, new Set([2])]]) },
      new Uint8Array([1, 2]),
    ];
    await vc.parallelize(rows, 3).saveAsObjectFile("objects");
    expect(await vc.objectFile("objects").collect()).toEqual(rows);
    const damaged = vc.store.files.get("objects/part-00001") as Uint8Array;
    damaged[damaged.byteLength - 9] = (damaged[damaged.byteLength - 9] as number) ^ 1;
    await expect(vc.objectFile("objects").count()).rejects.toMatchObject({ code: "FILE_DAMAGED" });
    vc.store.putText("objects/part-00001", "no such thing");
    await expect(vc.objectFile("objects").count()).rejects.toMatchObject({ code: "FILE_DAMAGED" });
  });

  test("whole files and records", async () => {
    const vc = new LocalContext();
    vc.store.putText("in/a", "\ufeffone\ntwo");
    vc.store.putText("in/b", "");
    expect(await vc.wholeTextFiles("in").collect()).toEqual([
      ["in/a", "one\ntwo"],
      ["in/b", ""],
    ]);
    expect((await vc.binaryFiles("in").collect()).map(([path, bytes]) => [path, bytes.byteLength])).toEqual([
      ["in/a", 10],
      ["in/b", 0],
    ]);
    vc.store.files.set(
      "records",
      Uint8Array.from({ length: 30 }, (_, index) => index),
    );
    for (const minPartitions of [1, 2, 4, 7]) {
      const records = await vc.binaryRecords("records", 5, minPartitions).collect();
      expect(records.map((bytes) => bytes[0])).toEqual([0, 5, 10, 15, 20, 25]);
    }
    await expect(vc.binaryRecords("records", 4, 2).collect()).rejects.toMatchObject({ code: "FILE_DAMAGED" });
    await expect(vc.wholeTextFiles("nowhere").collect()).rejects.toMatchObject({ code: "FILE_NOT_FOUND" });
  });
});
