/** Deep and broad lineages: nothing recurses over nodes, nothing takes more time than the lineage is long. */

import { expect, test } from "vitest";
import { LocalContext } from "../testing/local-context.js";

test("a lineage 100,000 deep", async () => {
  const vc = new LocalContext();
  let rdd = vc.parallelize([1, 2], 1);
  for (let depth = 0; depth < 100_000; depth++) rdd = rdd.filter((x) => x > 0);
  expect(vc.knownPartitions(rdd.reduceByKey.call(rdd.keyBy((x) => x) as never, (a: never) => a).node)).toBe(1);
  // Running it would compile 2,000 functions: planned elsewhere, here only its shape.
  expect(await rdd.getNumPartitions()).toBe(1);
});

test("thirty nested zips", async () => {
  const vc = new LocalContext();
  const one = vc.parallelize([1, 2, 3], 2);
  let zipped = one.map((x): unknown => x);
  for (let depth = 0; depth < 30; depth++) zipped = zipped.zip(one).map(([a]): unknown => a);
  expect(await zipped.collect()).toEqual([1, 2, 3]);
});

test("thirty nested zips of an RDD with itself are planned as thirty", async () => {
  const vc = new LocalContext();
  let zipped = vc.parallelize([1, 2, 3], 2).map((x): unknown => x);
  for (let depth = 0; depth < 30; depth++) zipped = zipped.zip(zipped).map(([a]): unknown => a);
  expect((await zipped.explain()).length).toBeLessThan(100_000);
});

test("a union of 10,000 RDDs", async () => {
  const vc = new LocalContext();
  const parts = Array.from({ length: 10_000 }, (_, index) => vc.parallelize([index], 1));
  const all = vc.union(parts);
  expect(await all.take(3)).toEqual([0, 1, 2]);
  expect(await all.getNumPartitions()).toBe(10_000);
});

test("5,000 RDDs added one after the other are found in one step each", async () => {
  const vc = new LocalContext();
  let all = vc.range(0, 1, 1, 1);
  for (let index = 1; index < 5_000; index++) all = all.union(vc.range(index, index + 1, 1, 1));
  expect(await all.sum()).toBe((5_000 * 4_999) / 2);
});

test("unions of unions with steps, empties and kept RDDs between them", async () => {
  const vc = new LocalContext();
  const a = vc.range(0, 3, 1, 2);
  const kept = a.union(vc.range(3, 5, 1, 1)).cache();
  const stepped = kept.union(a).map((x) => x * 10);
  const all = stepped
    .union(kept)
    .union(vc.parallelize<number>([], 1))
    .union(kept.union(stepped))
    .union(a.filter((x) => x > 1));
  const once = [0, 1, 2, 3, 4];
  const tens = [...once, 0, 1, 2].map((x) => x * 10);
  const expected = [...tens, ...once, ...once, ...tens, 2];
  expect(await all.collect()).toEqual(expected);
  expect(await all.collect()).toEqual(expected);
  expect(await all.getNumPartitions()).toBe(5 + 3 + 1 + 3 + 5 + 2);
});

test("first of 100,000 partitions is one task", async () => {
  const vc = new LocalContext();
  expect(await vc.range(0, 1_000_000, 1, 100_000).first()).toBe(0);
  expect(vc.ran).toHaveLength(1);
});
