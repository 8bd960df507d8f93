import { describe, expect, test } from "vitest";
import { LocalContext } from "../testing/local-context.js";

describe("take", () => {
  test("scans one partition, then up to four times more each round, and stops early", async () => {
    const vc = new LocalContext();
    const rdd = vc.range(0, 100, 1, 100).filter((x) => x >= 40);
    expect(await rdd.take(2)).toEqual([40, 41]);
    // 1, then 4, 20, and of the next 100 only what there is.
    expect(vc.ran.map(({ partition }) => partition)).toEqual(Array.from({ length: 100 }, (_, index) => index));
    vc.ran.length = 0;
    expect(await vc.range(0, 100, 1, 100).take(3)).toEqual([0, 1, 2]);
    expect(vc.ran.map(({ partition }) => partition)).toEqual([0, 1, 2, 3]);
  });

  test("computes no row beyond the last", async () => {
    const seen: number[] = [];
    const rdd = new LocalContext().range(0, 10, 1, 1).map((x) => {
      seen.push(x);
      return x;
    });
    expect(await rdd.take(2)).toEqual([0, 1]);
    expect(seen).toEqual([0, 1]);
  });

  test("of nothing, of none, of fewer", async () => {
    const vc = new LocalContext();
    expect(await vc.range(0, 3).take(0)).toEqual([]);
    expect(await vc.range(0, 3).take(-1)).toEqual([]);
    expect(await vc.range(0, 3).take(9)).toEqual([0, 1, 2]);
    expect(await vc.parallelize([], 3).take(1)).toEqual([]);
    await expect(vc.parallelize([], 3).first()).rejects.toMatchObject({ code: "EMPTY_COLLECTION" });
    await expect(vc.range(0, 3).take(1.5)).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
    expect([await vc.range(0, 3).isEmpty(), await vc.range(0, 0).isEmpty()]).toEqual([false, true]);
  });
});

test("an iterator computes a partition when its first row is asked for", async () => {
  const vc = new LocalContext();
  const rows = vc.range(0, 6, 1, 3).toLocalIterator();
  expect(vc.ran).toEqual([]);
  expect((await rows.next()).value).toBe(0);
  expect(vc.ran).toHaveLength(1);
  await rows.return();
  expect(vc.ran).toHaveLength(1);
  const all: number[] = [];
  for await (const row of vc.range(0, 6, 1, 3)) all.push(row);
  expect(all).toEqual([0, 1, 2, 3, 4, 5]);
});

test("collectPartitions, foreach, foreachPartition, count", async () => {
  const vc = new LocalContext();
  const rdd = vc.range(0, 7, 1, 3);
  expect(await rdd.collectPartitions([2, 0])).toEqual([
    [4, 5, 6],
    [0, 1],
  ]);
  await expect(rdd.collectPartitions([3])).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
  const seen: unknown[] = [];
  await rdd.foreach((x) => seen.push(x));
  await rdd.foreachPartition((rows) => seen.push([...rows].length));
  expect(seen).toEqual([0, 1, 2, 3, 4, 5, 6, 2, 2, 3]);
  expect([await rdd.count(), await vc.parallelize([undefined, null], 1).count()]).toEqual([7, 2]);
});

test("questions", async () => {
  const vc = new LocalContext();
  const rdd = vc.range(0, 4, 1, 2).map((x) => [x, x]);
  expect([rdd.name, rdd.partitioner, rdd.isCheckpointed, rdd.getCheckpointFile()]).toEqual([
    undefined,
    undefined,
    false,
    undefined,
  ]);
  expect(rdd.setName("mine").name).toBe("mine");
  expect(`${rdd}`).toMatch(/^mine MapPartitionsRDD\[\d+\] at map at reading\.test\.ts:\d+$/);
  expect(await rdd.partitions()).toEqual([{ index: 0 }, { index: 1 }]);
  expect(await rdd.toDebugString()).toContain("mine");
  const shuffled = rdd.reduceByKey((a) => a);
  expect(shuffled.dependencies.map(({ kind, rdd: parent }) => [kind, parent.id])).toEqual([["shuffle", rdd.id]]);
  expect(rdd.dependencies.map(({ kind }) => kind)).toEqual(["narrow"]);
  expect(await rdd.explain()).toContain("function");
});
