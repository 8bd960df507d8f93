import { describe, expect, it } from "vitest";
import { LocalContext } from "../testing/local-context.js";
import { elementwiseFold } from "./elementwise-fold.js";

type Vector = number[];

describe("elementwiseFold", () => {
  it("knows functions that make the new vector element by element", () => {
    const fold = elementwiseFold((a: Vector, b: Vector) => a.map((v, i) => v + (b[i] as number)));
    expect(fold).toMatchObject({ other: "b", element: "v", index: "i" });
    expect(elementwiseFold((a: Vector, b: Vector) => a.map((v) => v + b.length))).toBeDefined();
  });

  it("leaves alone what could tell the difference", () => {
    const seen: Vector = [];
    const k = 2;
    const others = [
      (a: Vector, b: Vector) => a.map((v, i) => v + (a[i + 1] ?? 0) + (b[i] as number)),
      (a: Vector, b: Vector) => a.map((v, i, all) => v + (b[i] as number) + all.length),
      (a: Vector, b: Vector) => b.map((v, i) => v + (a[i] as number)),
      (a: Vector, b: Vector) => a.map((v, i) => (v += b[i] as number)),
      (a: Vector, b: Vector) => a.map((v, i) => v * k + (b[i] as number)),
      (a: Vector, _b: Vector) => a.map((v) => seen.push(v)),
    ];
    expect(others.map(elementwiseFold)).toEqual(others.map(() => undefined));
  });
});

describe("reduce and aggregate in place", () => {
  const context = new LocalContext(2);
  const sum = (rows: readonly Vector[]) => rows.reduce((a, b) => a.map((v, i) => v + (b[i] as number)));

  it("adds as the called function would", async () => {
    const rows = Array.from({ length: 50 }, (_, i) => [i, i * 0.5, -i]);
    const added = await context.parallelize(rows, 3).reduce((a, b) => a.map((v, i) => v + (b[i] as number)));
    expect(added).toEqual(sum(rows));
    expect(rows[0]).toEqual([0, 0, -0]);
  });

  it("keeps typed arrays what they are, and rounds as they do", async () => {
    const rows = Array.from({ length: 20 }, (_, i) => Int8Array.of(i * 3, 1));
    const added = await context.parallelize(rows, 2).reduce((a, b) => a.map((v, i) => v + (b[i] as number)));
    expect(added).toEqual(rows.reduce((a, b) => a.map((v, i) => v + (b[i] as number))));
  });

  it("does not change the rows, which may be the same array many times", async () => {
    const result = await context
      .range(0, 6, 1, 1)
      .mapPartitions((rows) => {
        const one = [1, 2];
        return [...rows].map(() => one);
      })
      .reduce((a, b) => a.map((v, i) => v + (b[i] as number)));
    expect(result).toEqual([6, 12]);
  });

  it("leaves holes and rows of other lengths as map does", async () => {
    const rows = [
      [1, , 3],
      [10, 20, 30],
      [100, 200],
    ] as Vector[];
    const added = await context.parallelize(rows, 1).reduce((a, b) => a.map((v, i) => v + (b[i] as number)));
    expect(added).toEqual(sum(rows));
    expect(1 in added).toBe(false);
  });

  it("folds into a copy of the zero", async () => {
    const zero = [0, 0];
    const added = await context
      .range(0, 10, 1, 2)
      .map((i) => [i, 1])
      .aggregate(
        zero,
        (a, b) => a.map((v, i) => v + (b[i] as number)),
        (a, b) => a.map((v, i) => v + (b[i] as number)),
      );
    expect(added).toEqual([45, 10]);
    expect(zero).toEqual([0, 0]);
  });
});
