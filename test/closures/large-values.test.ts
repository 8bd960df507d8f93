/** Large captured data: each task its own copy, sent once as long as it does not change, let go of afterwards. With real executors. */

import { expect, it, vi } from "vitest";
import { onEveryMaster } from "../kit/masters.ts";

interface DriverInside {
  putBlock(id: { readonly kind: string; readonly broadcastId?: number }, bytes: unknown): void;
  removeBroadcast(id: number, destroy: boolean): Promise<void>;
}

/** About 2 MiB as columns. */
const names = () => new Map(Array.from({ length: 100_000 }, (_, index) => [`name ${index}`, index]));

onEveryMaster("large captured values", (context) => {
  const inside = () => (context() as unknown as { driver: DriverInside }).driver;

  it("become one block while they are equal, and another when they change", async () => {
    const put = vi.spyOn(inside(), "putBlock");
    const table = names();
    const lookUp = context()
      .range(0, 6, 1, 3)
      .map((x) => table.get(`name ${x * 1000}`));
    for (let round = 0; round < 3; round++) expect(await lookUp.collect()).toEqual([0, 1000, 2000, 3000, 4000, 5000]);
    const blocks = () => put.mock.calls.filter(([id]) => id.kind === "broadcast").length;
    expect(blocks()).toBe(1);
    table.set("name 1000", -1);
    expect((await lookUp.collect())[1]).toBe(-1);
    expect(blocks()).toBe(2);
    put.mockRestore();
  });

  it("are each task's own", async () => {
    const rows = Array.from({ length: 100_000 }, (_, id) => ({ id, text: `row ${id}`, seen: 0 }));
    const floats = new Float64Array(200_000);
    const counts = await context()
      .range(0, 8, 1, 8)
      .map(() => {
        const row = rows[5] as (typeof rows)[0];
        row.seen++;
        floats[5] = (floats[5] as number) + 1;
        return [row.seen, floats[5], rows.length];
      })
      .collect();
    expect(counts).toEqual(Array.from({ length: 8 }, () => [1, 1, 100_000]));
    expect([rows[5]?.seen, floats[5]]).toEqual([0, 0]);
  });

  it("feed shuffles and later stages, and are held while one may run again", async () => {
    const table = names();
    const pairs = context()
      .range(0, 100, 1, 4)
      .map((x): [number, number] => [x % 5, table.get(`name ${x}`) ?? -1])
      .reduceByKey((a, b) => a + b, 3)
      .mapValues((sum) => sum + table.size);
    const expected = Array.from({ length: 5 }, (_, key) => [key, 20 * key + 950 + 100_000]);
    const sorted = async () => (await pairs.collect()).sort(([a], [b]) => a - b);
    expect(await sorted()).toEqual(expected);
    expect(await sorted()).toEqual(expected);
  });

  it("of many contents do not heap up", async () => {
    const removed = vi.spyOn(inside(), "removeBroadcast");
    for (let round = 0; round < 4; round++) {
      const floats = new Float64Array(6 << 20).fill(round);
      expect(
        await context()
          .range(0, 1)
          .map(() => floats[floats.length - 1])
          .collect(),
      ).toEqual([round]);
    }
    expect(removed.mock.calls.length).toBeGreaterThan(0);
    removed.mockRestore();
  });
});
