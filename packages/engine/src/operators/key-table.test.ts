import { describe, expect, it } from "vitest";
import { LocalContext } from "../testing/local-context.js";

/** More keys than a table takes before it is asked whether it pays. */
const MANY_KEYS = 300_000;

/** Keys that all come once and then once more: the second half meets a table that has been emptied, or none. */
function twice(vc: LocalContext, keys: number) {
  return vc.range(0, 2 * keys, 1, 1).map((i): [number, string] => [(i * 7919) % keys, i < keys ? "a" : "b"]);
}

describe("a table that does not pay", () => {
  it("lets rows pass by, and merges the values of each key in their order all the same", async () => {
    const vc = new LocalContext(2);
    const merged = twice(vc, MANY_KEYS).reduceByKey((a, b) => a + b);
    expect(await merged.count()).toBe(MANY_KEYS);
    expect(await merged.filter(([, text]) => text !== "ab").count()).toBe(0);
    expect(vc.store.metrics.shuffleRowsWritten).toBeGreaterThan(MANY_KEYS);
  });

  it("still gives each row once", async () => {
    const vc = new LocalContext(2);
    const rows = vc.range(0, 2 * MANY_KEYS, 1, 1).map((i) => `user ${(i * 7919) % MANY_KEYS}`);
    expect(await rows.distinct().count()).toBe(MANY_KEYS);
  });

  it("is no table of few keys, and none whose first combiners or zeros show", async () => {
    const vc = new LocalContext(2);
    await twice(vc, 100_000)
      .reduceByKey((a, b) => a + b)
      .count();
    expect(vc.store.metrics.shuffleRowsWritten).toBe(100_000);
    const lengths = twice(vc, MANY_KEYS).aggregateByKey(
      100,
      (sum, text) => sum + text.length,
      (a, b) => a + b,
    );
    expect(await lengths.filter(([, sum]) => sum !== 102).count()).toBe(0);
  });
});
