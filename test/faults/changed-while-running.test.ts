/** The script persists, unpersists or checkpoints an RDD while a job over it runs: the job goes on as it was planned. */

import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import type { RDD, VolleyContext } from "volley";
import { pidsOf, removed, startCluster } from "../kit/local-cluster.js";

const PARTITIONS = 64;
const EXPECTED = (PARTITIONS * (PARTITIONS + 1)) / 2;

const rowsOf = (vc: VolleyContext): RDD<number> =>
  vc.range(0, PARTITIONS, 1, PARTITIONS).map((x) => {
    const until = Date.now() + 5;
    while (Date.now() < until);
    return x;
  });

/** Runs a job over the RDD and calls `change` when its tenth task has ended, which is before it has launched them all. */
async function changeDuringJob(vc: VolleyContext, rdd: RDD<number>, change: () => unknown): Promise<number> {
  let ended = 0;
  vc.addListener({
    onTaskEnd: () => {
      if (++ended === 10) change();
    },
  });
  return await rdd.map((x) => x + 1).sum();
}

it("persist", async () => {
  const vc = await startCluster();
  const rows = rowsOf(vc);
  expect(await changeDuringJob(vc, rows, () => rows.cache())).toBe(EXPECTED);
  expect(await rows.map((x) => x + 1).sum()).toBe(EXPECTED);
  expect(vc.driver.cachedBlocks(rows.id)).toHaveLength(PARTITIONS);
}, 40_000);

it("unpersist: tasks that have not begun keep nothing", async () => {
  const vc = await startCluster();
  const rows = rowsOf(vc).cache();
  const misses = { afterwards: 0 };
  let freed: Promise<unknown> | undefined;
  const sum = await changeDuringJob(vc, rows, () => {
    freed = rows.unpersist();
  });
  expect(sum).toBe(EXPECTED);
  await freed;
  vc.addListener({ onTaskEnd: ({ metrics }) => void (misses.afterwards += metrics?.cacheMisses ?? 0) });
  await expect.poll(() => vc.driver.cachedBlocks(rows.id)).toEqual([]);
  expect(await rows.map((x) => x + 1).sum()).toBe(EXPECTED);
  expect(misses.afterwards).toBe(0);
}, 40_000);

it("unpersist: what tasks that had begun keep afterwards is removed", async () => {
  const folder = mkdtempSync(join(tmpdir(), "changed-while-running-"));
  try {
    const vc = await startCluster();
    const begun = join(folder, "begun");
    const mayEnd = join(folder, "may-end");
    const rows = vc
      .range(0, 1, 1, 1)
      .map((x) => {
        writeFileSync(begun, "");
        while (!existsSync(mayEnd));
        return x;
      })
      .cache();
    const kept: string[] = [];
    vc.addListener({ onBlockUpdated: ({ where }) => void kept.push(where) });
    const job = rows.count();
    await expect.poll(() => existsSync(begun), { timeout: 20_000 }).toBe(true);
    await rows.unpersist();
    writeFileSync(mayEnd, "");
    expect(await job).toBe(1);
    await expect.poll(() => kept).toEqual(["memory", "gone"]);
    expect(vc.driver.cachedBlocks(rows.id)).toEqual([]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}, 40_000);

it("checkpoint, by another job, with an executor lost meanwhile", async () => {
  const folder = mkdtempSync(join(tmpdir(), "changed-while-running-"));
  try {
    const vc = await startCluster();
    vc.setCheckpointDir(folder);
    const few = vc.range(0, 200, 1, 4).filter((x) => x < PARTITIONS);
    const slow = few
      .map((x) => {
        const until = Date.now() + 5;
        while (Date.now() < until);
        return [x % 4, x] as [number, number];
      })
      .reduceByKey((a, b) => a + b, 16);
    few.checkpoint();
    const loss = removed(vc);
    const job = changeDuringJob(
      vc,
      slow.map(([, sum]) => sum),
      () => process.kill(pidsOf(vc)[0] as number, "SIGKILL"),
    );
    expect(await few.count()).toBe(PARTITIONS);
    expect(few.isCheckpointed).toBe(true);
    expect(await job).toBe((PARTITIONS * (PARTITIONS - 1)) / 2 + 4);
    await loss;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}, 40_000);
