/** Shuffles, sorts and caches that memory cannot hold: the same answers by way of the disk. What docs/shuffle-and-memory.md says. */

import { afterAll, beforeAll, expect, it } from "vitest";
import { StorageLevel, VolleyContext } from "volley";

const ROWS = 300_000;

let vc: VolleyContext;
beforeAll(async () => {
  vc = await VolleyContext.create({ master: "local[2]", executorMemoryMiB: 8 });
});
afterAll(() => vc.stop());

/** Every key twice, far apart. */
const keyed = () => vc.range(0, ROWS, 1, 4).map((x) => [`key ${x % (ROWS / 2)}`, x] as [string, number]);

async function spilledBy(action: () => Promise<void>): Promise<number> {
  const before = vc.summary().spilledBytes;
  await action();
  return vc.summary().spilledBytes - before;
}

it("reduceByKey and groupByKey over more keys than fit", async () => {
  const spilled = await spilledBy(async () => {
    const sums = keyed().reduceByKey((a, b) => a + b, 2);
    expect(await sums.count()).toBe(ROWS / 2);
    expect(await sums.values().sum()).toBe((ROWS * (ROWS - 1)) / 2);
    const sizes = keyed()
      .groupByKey(2)
      .map(([, values]) => values.length);
    expect(await sizes.countByValue()).toEqual(new Map([[2, ROWS / 2]]));
  });
  expect(spilled).toBeGreaterThan(1 << 20);
});

it("sortBy of more rows than fit: in order, equal keys in theirs", async () => {
  const spilled = await spilledBy(async () => {
    const sorted = keyed().sortBy(([key]) => key, { numPartitions: 2 });
    const disorder = await sorted
      .mapPartitions((rows) => {
        let wrong = 0;
        let [lastKey, lastValue] = ["", -1];
        for (const [key, value] of rows) {
          if (key < lastKey || (key === lastKey && value < lastValue)) wrong++;
          [lastKey, lastValue] = [key, value];
        }
        return [wrong];
      })
      .collect();
    expect(disorder).toEqual(disorder.map(() => 0));
    expect(await sorted.count()).toBe(ROWS);
  });
  expect(spilled).toBeGreaterThan(1 << 20);
});

it("join of two sides that do not fit", async () => {
  const left = keyed();
  const joined = left.join(left.mapValues((x) => -x));
  expect(
    await joined
      .values()
      .map(([a, b]) => a + b)
      .sum(),
  ).toBe(0);
  expect(await joined.count()).toBe(ROWS * 2);
});

it("a cache that does not fit: MEMORY_ONLY computes what was dropped again, MEMORY_AND_DISK reads it back", async () => {
  for (const level of [StorageLevel.MEMORY_ONLY, StorageLevel.MEMORY_AND_DISK, StorageLevel.DISK_ONLY]) {
    const rows = vc
      .range(0, ROWS, 1, 16)
      .map((x) => `row ${x} of a cache that is larger than the memory`)
      .persist(level);
    expect(await rows.count()).toBe(ROWS);
    expect(await rows.filter((row) => row.startsWith("row 299999 ")).count()).toBe(1);
    const cached = vc.driver.cachedBlocks(rows.id);
    const memory = cached.filter(({ where }) => where === "memory").reduce((sum, { bytes }) => sum + bytes, 0);
    expect(memory).toBeLessThanOrEqual(8 << 20);
    if (level === StorageLevel.MEMORY_ONLY) expect(cached.length).toBeLessThan(16);
    else expect(cached.length).toBe(16);
    if (level === StorageLevel.DISK_ONLY) expect(memory).toBe(0);
    await rows.unpersist();
  }
});
