/** Sorting and extremes against arrays. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compareValues } from "../lib/ordering.js";
import { LocalContext } from "../testing/local-context.js";

const SEED = 20_261;
const values = fc.array(
  fc.oneof(fc.integer({ min: -5, max: 5 }), fc.constantFrom(Number.NaN, -0, 0.5, Infinity, undefined, null)),
  { maxLength: 30 },
);

/** `Array.prototype.sort` asks no comparator about `undefined`: rows in boxes. */
function inOrder<T>(rows: readonly T[], compare: (a: T, b: T) => number): T[] {
  return rows
    .map((row) => ({ row }))
    .sort((a, b) => compare(a.row, b.row))
    .map(({ row }) => row);
}

test("sortBy, sortByKey, takeOrdered, top, max, min", async () => {
  await fc.assert(
    fc.asyncProperty(values, fc.integer({ min: 1, max: 5 }), fc.integer({ min: 0, max: 8 }), async (rows, n, k) => {
      const rdd = new LocalContext().parallelize(rows, n);
      const up = inOrder(rows, compareValues);
      const down = inOrder(rows, (a, b) => compareValues(b, a));
      expect(await rdd.sortBy((x) => x).collect()).toEqual(up);
      expect(await rdd.sortBy((x) => x, { ascending: false, numPartitions: 3 }).collect()).toEqual(down);
      expect(await rdd.takeOrdered(k)).toEqual(up.slice(0, k));
      expect(await rdd.top(k)).toEqual(down.slice(0, k));
      expect(await rdd.takeOrdered(k, (a, b) => compareValues(b, a))).toEqual(down.slice(0, k));
      if (rows.length > 0) expect([await rdd.min(), await rdd.max()]).toEqual([up[0], down[0]]);
      const indexed = rows.map((key, index): [typeof key, number] => [key, index]);
      // Equal keys stay in their order.
      const byKey = [...indexed].sort(([a], [b]) => compareValues(a, b));
      expect(await new LocalContext().parallelize(indexed, n).sortByKey().collect()).toEqual(byKey);
    }),
    { seed: SEED, numRuns: 30 },
  );
});

describe("sortBy", () => {
  test("takes an order of its own", async () => {
    const rdd = new LocalContext().parallelize(["bb", "a", "ccc"], 2);
    expect(await rdd.sortBy((word) => word, { compare: (a, b) => b.length - a.length }).collect()).toEqual([
      "ccc",
      "bb",
      "a",
    ]);
    expect(
      await rdd
        .keyBy((word) => word.length)
        .sortByKey({ compare: (a, b) => b - a })
        .values()
        .collect(),
    ).toEqual(["ccc", "bb", "a"]);
  });

  test("runs nothing before an action does", async () => {
    const vc = new LocalContext();
    vc.parallelize([3, 1, 2], 2).sortBy((x) => x);
    await Promise.resolve();
    expect(vc.ran).toEqual([]);
  });

  test("max and min keep the first of equal rows, and refuse nothing at all", async () => {
    const rdd = new LocalContext().parallelize(
      [
        [1, "a"],
        [1, "b"],
        [0, "c"],
        [0, "d"],
      ],
      3,
    );
    expect(await rdd.max(([a], [b]) => a - b)).toEqual([1, "a"]);
    expect(await rdd.min(([a], [b]) => a - b)).toEqual([0, "c"]);
    await expect(new LocalContext().parallelize([], 2).max()).rejects.toMatchObject({ code: "EMPTY_COLLECTION" });
  });

  test("an error of the user's order is the user's", async () => {
    const rdd = new LocalContext().parallelize([2, 1], 2);
    const broken = () => {
      throw new TypeError("no order");
    };
    await expect(rdd.top(1, broken)).rejects.toMatchObject({
      code: "USER_FUNCTION_FAILED",
      message: expect.stringContaining("no order"),
    });
  });

  test("an order that gives a boolean is refused, not taken for 1 and 0", async () => {
    const rdd = new LocalContext().parallelize([3, 1, 2], 3);
    const greater = ((a: number, b: number) => a > b) as never;
    const refusal = { code: "INVALID_ARGUMENT", message: expect.stringContaining("must give a number") };
    await expect(rdd.takeOrdered(2, greater)).rejects.toMatchObject(refusal);
    await expect(rdd.min(greater)).rejects.toMatchObject(refusal);
    await expect(rdd.sortBy((x) => x, { compare: greater }).collect()).rejects.toMatchObject(refusal);
  });

  test("repartitionAndSortWithinPartitions", async () => {
    const rdd = new LocalContext().parallelize(
      [
        [3, "c"],
        [1, "a"],
        [2, "b"],
        [1, "z"],
      ],
      2,
    );
    expect(await rdd.repartitionAndSortWithinPartitions(1).collect()).toEqual([
      [1, "a"],
      [1, "z"],
      [2, "b"],
      [3, "c"],
    ]);
  });
});

describe("ranges of the lines of a large file", () => {
  const LINES = 100_000;
  const lines = Array.from({ length: LINES }, (_, i) => `${(i * 7919) % LINES} ${"x".repeat(100)}`);
  const keyOf = (line: string) => Number.parseInt(line, 10);

  function contextWithFile(): LocalContext {
    const vc = new LocalContext();
    vc.store.chunkBytes = 1 << 20;
    vc.store.files.set("lines", Buffer.from(`${lines.join("\n")}\n`));
    return vc;
  }

  test("are found from parts of it, and are even", async () => {
    let seen = 0;
    const rdd = contextWithFile()
      .textFile("lines", 2)
      .map((line) => {
        seen++;
        return line;
      })
      .sortBy(keyOf, { numPartitions: 4 });
    expect(await rdd.getNumPartitions()).toBe(4);
    expect(seen).toBeLessThan(LINES / 3);
    const sizes = await rdd.mapPartitions((rows) => [[...rows].length]).collect();
    expect(sizes.reduce((sum, size) => sum + size)).toBe(LINES);
    for (const size of sizes) expect(Math.abs(size - LINES / 4)).toBeLessThan(LINES / 40);
    expect(await rdd.take(3)).toEqual([
      lines[0],
      lines.find((line) => keyOf(line) === 1),
      lines.find((line) => keyOf(line) === 2),
    ]);
  });

  test("are found from all of it where few rows are left, or where functions see whole partitions", async () => {
    const file = contextWithFile().textFile("lines", 2);
    const few = file.filter((line) => keyOf(line) % 10_000 === 0).sortBy(keyOf, { numPartitions: 4 });
    expect(await few.mapPartitions((rows) => [[...rows].length]).collect()).toEqual([3, 2, 3, 2]);
    let longest = 0;
    const whole = file.mapPartitions((rows) => {
      const all = [...rows];
      longest = Math.max(longest, all.length);
      return all;
    });
    expect(await whole.sortBy(keyOf).getNumPartitions()).toBe(2);
    expect(longest).toBeGreaterThan(LINES / 2 - 100);
  });
});
