import { describe, expect, test } from "vitest";
import { LocalContext } from "../testing/local-context.js";

const vc = new LocalContext();
const rows = vc.range(0, 2000, 1, 4);
const keyed = rows.map((x) => [`k${x % 3}`, x]);

describe("sample", () => {
  test("the same seed gives the same rows, another seed others", async () => {
    const first = await rows.sample(false, 0.3, 7).collect();
    expect(await rows.sample(false, 0.3, 7).collect()).toEqual(first);
    expect(await rows.sample(false, 0.3, 8).collect()).not.toEqual(first);
    expect(first.length).toBeGreaterThan(500);
    expect(first.length).toBeLessThan(700);
    expect(new Set(first).size).toBe(first.length);
    expect([await rows.sample(false, 0, 1).count(), await rows.sample(false, 1, 1).count()]).toEqual([0, 2000]);
  });

  test("with replacement repeats rows", async () => {
    const drawn = await rows.sample(true, 2, 3).collect();
    expect(Math.abs(drawn.length - 4000)).toBeLessThan(300);
    expect(new Set(drawn).size).toBeLessThan(drawn.length);
  });

  test("randomSplit puts every row in one part", async () => {
    const parts = await Promise.all(rows.randomSplit([1, 2, 0, 1], 5).map((part) => part.collect()));
    expect(parts.flat().sort((a, b) => a - b)).toEqual(Array.from({ length: 2000 }, (_, x) => x));
    expect(parts[2]).toEqual([]);
    expect((parts[1] as number[]).length).toBeGreaterThan((parts[0] as number[]).length);
  });
});

describe("takeSample", () => {
  test("gives exactly as many rows, without repeating one", async () => {
    for (const n of [1, 10, 500]) {
      const drawn = await rows.takeSample(false, n, 9);
      expect(new Set(drawn).size).toBe(n);
    }
    expect(await rows.takeSample(false, 10, 9)).toEqual(await rows.takeSample(false, 10, 9));
    expect((await vc.range(0, 5).takeSample(false, 9, 1)).sort()).toEqual([0, 1, 2, 3, 4]);
  });

  test("with replacement, more than there are", async () => {
    expect(await vc.range(0, 3).takeSample(true, 50, 1)).toHaveLength(50);
    expect(await vc.parallelize([], 2).takeSample(true, 5, 1)).toEqual([]);
    expect(await rows.takeSample(false, 0)).toEqual([]);
  });
});

describe("by key", () => {
  const fractions = new Map([
    ["k0", 0.1],
    ["k1", 1],
    ["k2", 0],
  ]);

  test("sampleByKey", async () => {
    const counts = await keyed.sampleByKey(false, fractions, 3).countByKey();
    expect(counts.get("k1")).toBe(667);
    expect(counts.has("k2")).toBe(false);
    expect(Math.abs((counts.get("k0") as number) - 67)).toBeLessThan(30);
  });

  test("sampleByKeyExact gives ceil(fraction * n) different rows", async () => {
    const drawn = await keyed.sampleByKeyExact(false, fractions, 3).collect();
    expect(new Set(drawn.map(([, x]) => x)).size).toBe(drawn.length);
    expect(drawn.filter(([key]) => key === "k0")).toHaveLength(67);
    expect(drawn.filter(([key]) => key === "k1")).toHaveLength(667);
    expect(await keyed.sampleByKeyExact(false, fractions, 3).collect()).toEqual(drawn);
  });

  test("sampleByKeyExact with replacement", async () => {
    const counts = await keyed
      .sampleByKeyExact(
        true,
        new Map([
          ["k0", 2],
          ["k1", 0.5],
          ["k2", 0],
        ]),
        3,
      )
      .countByKey();
    expect([...counts].sort()).toEqual([
      ["k0", 1334],
      ["k1", 334],
    ]);
  });

  test("sampleByKeyExact draws evenly over partitions", async () => {
    const places = new Array<number>(4).fill(0);
    for (let seed = 0; seed < 20; seed++) {
      const parts = await keyed
        .sampleByKeyExact(
          false,
          new Map([
            ["k0", 0.3],
            ["k1", 0],
            ["k2", 0],
          ]),
          seed,
        )
        .glom()
        .collect();
      parts.forEach((part, index) => {
        places[index] = (places[index] as number) + part.length;
      });
    }
    // 20 * 201 rows over four equal partitions: 1005 each, standard deviation about 25.
    for (const place of places) expect(Math.abs(place - 1005)).toBeLessThan(110);
  });
});
