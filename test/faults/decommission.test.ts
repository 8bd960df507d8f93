/** An executor that is told to leave (SIGTERM): its tasks end, its blocks go to others, and nothing of what was moved is computed again. */

import { describe, expect, it } from "vitest";
import { StorageLevel, type VolleyContext, type VolleyError } from "volley";
import { added, pidsOf, removed, startCluster } from "../kit/local-cluster.js";
import { isRunning } from "../kit/script-process.js";

/** Resolves when that executor has said that it runs a task: what the driver has launched may still be on its way. */
const runs = (vc: VolleyContext, executorId: string) =>
  new Promise<void>((resolve) =>
    vc.addListener({
      onEvent: (event) => {
        if (event.kind === "executorStatus" && event.executorId === executorId && event.runningTasks > 0) resolve();
      },
    }),
  );

/** Groups whose map side and cached parents count what they compute. */
function counted(vc: VolleyContext, level: StorageLevel) {
  const [cachedRows, mapped] = [vc.longAccumulator(), vc.longAccumulator()];
  const cached = vc
    .range(0, 8_000, 1, 8)
    .map((x) => {
      cachedRows.add(1);
      return x;
    })
    .persist(level);
  const groups = cached
    .map((x) => {
      mapped.add(1);
      return [x % 10, x];
    })
    .groupByKey(4)
    .mapValues((values) => values.reduce((a, b) => a + b, 0));
  const expected = new Map(
    Array.from({ length: 10 }, (_, key) => [
      key,
      Array.from({ length: 800 }, (_, i) => key + 10 * i).reduce((a, b) => a + b),
    ]),
  );
  return {
    counts: () => [cachedRows.value, mapped.value],
    cached,
    check: async () => expect(new Map(await groups.collect())).toEqual(expected),
  };
}

describe("an executor that gets SIGTERM", () => {
  it.each([StorageLevel.MEMORY_ONLY, StorageLevel.MEMORY_AND_DISK, StorageLevel.DISK_ONLY])(
    "gives cached partitions ($name) and map outputs to another, and goes",
    async (level) => {
      const vc = await startCluster();
      const { counts, cached, check } = counted(vc, level);
      await check();
      expect(counts()).toEqual([8_000, 8_000]);
      const [pid] = pidsOf(vc) as [number];
      const loss = removed(vc);
      const replacement = added(vc);
      process.kill(pid, "SIGTERM");
      const { reason, after } = await loss;
      expect(reason).toBe("decommissioned");
      expect(after).toBeLessThan(5_000);
      await replacement;
      expect(pidsOf(vc)).not.toContain(pid);
      // The shuffle is read where it is now.
      await check();
      expect(await cached.sum()).toBe(31_996_000);
      expect(counts()).toEqual([8_000, 8_000]);
    },
    40_000,
  );

  it("is followed by another that takes its blocks when it was the only one", async () => {
    const vc = await startCluster({}, 1);
    const { counts, cached, check } = counted(vc, StorageLevel.MEMORY_ONLY);
    await check();
    const loss = removed(vc);
    process.kill(pidsOf(vc)[0] as number, "SIGTERM");
    expect((await loss).reason).toBe("decommissioned");
    await check();
    expect(await cached.sum()).toBe(31_996_000);
    expect(counts()).toEqual([8_000, 8_000]);
  }, 40_000);

  it("lets the task that runs end, and gives back those that wait", async () => {
    const vc = await startCluster({ heartbeatIntervalMs: 100 });
    const job = vc
      .range(0, 8, 1, 8)
      .map((x) => {
        const until = Date.now() + 700;
        while (Date.now() < until);
        return x;
      })
      .collect();
    const ends: string[] = [];
    vc.addListener({ onTaskEnd: ({ executorId, outcome }) => ends.push(`${executorId} ${outcome}`) });
    await runs(vc, "0");
    const loss = removed(vc);
    process.kill(pidsOf(vc)[0] as number, "SIGTERM");
    expect((await loss).reason).toBe("decommissioned");
    expect(await job).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(ends.filter((end) => end.endsWith("failed"))).toEqual([]);
    // One ran there when it was told.
    expect(ends.filter((end) => end === "0 succeeded").length).toBeGreaterThanOrEqual(1);
  }, 40_000);

  it("is gone when its time is over, and the task that it ran is not charged", async () => {
    const vc = await startCluster({ decommissionTimeoutMs: 1_000, taskAttemptsMax: 1, heartbeatIntervalMs: 100 });
    const executor = vc.driver.executors()[0] as { pid: number; executorId: string };
    const job = vc
      .range(0, 2, 1, 2)
      .map((x) => {
        const until = Date.now() + 6_000;
        while (Date.now() < until);
        return x;
      })
      .collect();
    await runs(vc, executor.executorId);
    const loss = removed(vc);
    process.kill(executor.pid, "SIGTERM");
    const { reason, after } = await loss;
    expect(reason).toBe("decommissioned");
    expect(after).toBeGreaterThan(900);
    expect(after).toBeLessThan(5_000);
    expect(await job).toEqual([0, 1]);
    expect(isRunning(executor.pid)).toBe(false);
  }, 40_000);

  it("ends at once when it is told twice, or when the context is stopped", async () => {
    const vc = await startCluster({ decommissionTimeoutMs: 60_000, heartbeatIntervalMs: 100 });
    const job = vc
      .range(0, 2, 1, 2)
      .map(() => {
        for (;;);
      })
      .count();
    const failed = job.catch((error: VolleyError) => error.code);
    await Promise.all(vc.driver.executors().map(({ executorId }) => runs(vc, executorId)));
    const [first, second] = pidsOf(vc) as [number, number];
    const loss = removed(vc);
    const leaves = new Promise<void>((resolve) =>
      vc.addListener({ onEvent: ({ kind }) => kind === "executorDecommissioning" && resolve() }),
    );
    process.kill(first, "SIGTERM");
    await leaves;
    process.kill(first, "SIGTERM");
    expect((await loss).after).toBeLessThan(5_000);
    process.kill(second, "SIGTERM");
    const startedAt = performance.now();
    await vc.stop();
    expect(performance.now() - startedAt).toBeLessThan(3_000);
    expect(await failed).toBe("CANCELLED");
    expect([first, second].filter(isRunning)).toEqual([]);
  }, 40_000);
});
