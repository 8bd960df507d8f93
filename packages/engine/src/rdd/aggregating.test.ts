import { describe, expect, test } from "vitest";
import { LocalContext } from "../testing/local-context.js";
import { rounds } from "./tree.js";

describe("reduce, fold, aggregate", () => {
  test("merge partitions in their order", async () => {
    const letters = new LocalContext().parallelize(["a", "b", "c", "d", "e"], 4);
    expect(await letters.reduce((a, b) => a + b)).toBe("abcde");
    // The zero counts once a partition and once more.
    expect(await letters.fold("-", (a, b) => a + b)).toBe("--a-b-c-de");
    expect(
      await letters.aggregate(
        0,
        (n, letter) => n + letter.length,
        (a, b) => a + b,
      ),
    ).toBe(5);
  });

  test("empty partitions have the zero too, an RDD without partitions has it once", async () => {
    const vc = new LocalContext();
    expect(await vc.parallelize([1], 4).fold(10, (a, b) => a + b)).toBe(51);
    expect(await vc.union<number>([]).fold(7, (a, b) => a + b)).toBe(7);
  });

  test("a zero that is written to stays as it was", async () => {
    const zero: number[] = [];
    const rdd = new LocalContext().range(0, 4, 1, 2);
    const push = (list: number[], x: number) => {
      list.push(x);
      return list;
    };
    expect(await rdd.aggregate(zero, push, (a, b) => [...a, ...b])).toEqual([0, 1, 2, 3]);
    expect(await rdd.treeAggregate(zero, push, (a, b) => [...a, ...b])).toEqual([0, 1, 2, 3]);
    expect(zero).toEqual([]);
  });

  test("countByValue finds rows by value", async () => {
    const counts = await new LocalContext()
      .parallelize(
        [
          ["a", 1],
          ["b", 2],
          ["a", 1],
        ],
        2,
      )
      .countByValue();
    expect([counts.get(["a", 1]), counts.get(["b", 2]), counts.size]).toEqual([2, 1, 2]);
  });
});

describe("trees", () => {
  test("have Spark's rounds", () => {
    expect(rounds(4, 2)).toEqual([]);
    expect(rounds(10, 2)).toEqual([2]);
    expect(rounds(100, 2)).toEqual([10]);
    expect(rounds(100, 3)).toEqual([20, 4]);
    expect(rounds(1000, 1)).toEqual([]);
  });

  test("give what reduce and aggregate give, with shuffles in between", async () => {
    const vc = new LocalContext();
    const rdd = vc.range(0, 100, 1, 20);
    expect(await rdd.treeReduce((a, b) => a + b)).toBe(4950);
    expect(new Set(vc.ran.map(({ stage }) => stage)).size).toBeGreaterThan(0);
    expect(vc.ran.length).toBe(20 + (rounds(20, 2).at(-1) as number));
    for (const depth of [1, 2, 3, 4]) {
      expect(
        await rdd.treeAggregate(
          [0, 0],
          ([sum, n], x) => [sum + x, n + 1],
          (a, b) => [a[0] + b[0], a[1] + b[1]],
          depth,
        ),
      ).toEqual([4950, 100]);
    }
    expect(await vc.parallelize([7], 30).treeReduce((a, b) => a + b)).toBe(7);
  });
});
