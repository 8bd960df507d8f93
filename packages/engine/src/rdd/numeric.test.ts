import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { normalQuantile, studentQuantile } from "../lib/quantiles.js";
import { LocalContext } from "../testing/local-context.js";
import { countBounds, meanBounds, sumBounds } from "./bounds.js";
import { StatCounter } from "./stat-counter.js";

const close = (a: number, b: number) => Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(a), Math.abs(b));

describe("statistics", () => {
  test("against the definition, in any number of partitions", () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 2, maxLength: 40 }),
        fc.integer({ min: 1, max: 6 }),
        async (rows, n) => {
          const rdd = new LocalContext().parallelize(rows, n);
          const mean = rows.reduce((a, b) => a + b) / rows.length;
          const squares = rows.reduce((sum, x) => sum + (x - mean) ** 2, 0);
          const stats = await rdd.stats();
          expect([stats.count, stats.min, stats.max, await rdd.sum()]).toEqual([
            rows.length,
            Math.min(...rows),
            Math.max(...rows),
            rows.reduce((a, b) => a + b),
          ]);
          expect(close(stats.mean, mean) && close(await rdd.mean(), mean)).toBe(true);
          expect(close(await rdd.variance(), squares / rows.length)).toBe(true);
          expect(close(await rdd.sampleVariance(), squares / (rows.length - 1))).toBe(true);
          expect(close(await rdd.stdev(), Math.sqrt(squares / rows.length))).toBe(true);
          expect(close(await rdd.sampleStdev(), Math.sqrt(squares / (rows.length - 1)))).toBe(true);
          expect(await rdd.popVariance()).toBe(await rdd.variance());
          expect(await rdd.popStdev()).toBe(await rdd.stdev());
        },
      ),
      { seed: 5, numRuns: 30 },
    ));

  test("of nothing", async () => {
    const none = new LocalContext().parallelize([] as number[], 2);
    const stats = await none.stats();
    expect([stats.count, stats.sum, stats.mean, stats.min, stats.max]).toEqual([0, 0, 0, Infinity, -Infinity]);
    expect([await none.mean(), await none.sum(), await none.variance(), await none.sampleVariance()]).toEqual([
      0,
      0,
      NaN,
      NaN,
    ]);
  });

  test("a counter merged with itself counts twice", () => {
    const counter = new StatCounter([1, 2, 3]);
    counter.merge(counter);
    expect([counter.count, counter.mean, counter.max]).toEqual([6, 2, 3]);
    expect(new StatCounter().merge([4, 5]).merge(6).sum).toBe(15);
  });
});

describe("histogram", () => {
  test("buckets against counting by hand", () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 40 }),
        fc.uniqueArray(fc.integer({ min: 0, max: 20 }), { minLength: 2, maxLength: 6 }),
        async (rows, boundaries) => {
          boundaries.sort((a, b) => a - b);
          const last = boundaries.length - 2;
          const wanted = boundaries.slice(0, -1).map((low, index) => {
            const high = boundaries[index + 1] as number;
            return rows.filter((x) => x >= low && (x < high || (index === last && x === high))).length;
          });
          expect(await new LocalContext().parallelize(rows, 3).histogram(boundaries)).toEqual(wanted);
        },
      ),
      { seed: 6, numRuns: 40 },
    ));

  test("equal buckets, equal rows, what lies outside", async () => {
    const vc = new LocalContext();
    expect(await vc.range(0, 51, 1, 4).histogram(2)).toEqual([
      [0, 25, 50],
      [25, 26],
    ]);
    expect(await vc.parallelize([3, 3], 2).histogram(4)).toEqual([[3, 3], [2]]);
    expect(await vc.parallelize([NaN, -1, 5, 2], 2).histogram([0, 2, 4])).toEqual([0, 1]);
    await expect(vc.parallelize([1, Infinity], 2).histogram(2)).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
  });
});

describe("bounds", () => {
  test("quantiles agree with the tables", () => {
    expect(normalQuantile(0.975)).toBeCloseTo(1.959964, 5);
    expect(normalQuantile(0.001)).toBeCloseTo(-3.090232, 5);
    expect(studentQuantile(0.975, 1)).toBeCloseTo(12.7062, 3);
    expect(studentQuantile(0.975, 2)).toBeCloseTo(4.3027, 3);
    expect(studentQuantile(0.975, 4)).toBeCloseTo(2.7764, 3);
    expect(studentQuantile(0.975, 30)).toBeCloseTo(2.0423, 3);
    expect(studentQuantile(0.025, 30)).toBeCloseTo(-2.0423, 3);
  });

  test("hold what is known and widen with what is not", () => {
    expect(countBounds(10, 1, 0.9)).toEqual({ mean: 10, low: 10, high: 10, confidence: 1 });
    const half = countBounds(1000, 0.5, 0.95);
    expect(half.mean).toBe(2000);
    expect(half.low).toBeLessThan(2000);
    expect(half.low).toBeGreaterThan(1900);
    expect(half.high).toBeGreaterThan(2000);
    expect(countBounds(0, 0, 0.9).high).toBe(Infinity);
    const counter = new StatCounter([1, 2, 3, 4, 5]);
    const mean = meanBounds(counter, 0.5, 0.95);
    // 3 +- 2.7764 * sqrt(2.5 / 5)
    expect(mean.low).toBeCloseTo(3 - 1.9632, 3);
    expect(sumBounds(counter, 0.5, 0.95).mean).toBeCloseTo(33, 9);
    expect(sumBounds(counter, 1, 0.95).low).toBe(15);
  });
});
