/** An executor that is told to leave, between a driver that only listens and other executors. */

import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { decodeFrames } from "@volley/engine/wire/frames.js";
import type { SegmentsRequest } from "@volley/engine/wire/messages.js";
import { describe, expect, test } from "vitest";
import { script, useExecutors } from "./testing/executor-fixture.js";
import type { ExecutorProcess } from "./testing/executor-process.js";

const executors = useExecutors();
const NOTHING = { epoch: 7, rddIds: [], shuffleIds: [], broadcastIds: [], sourceRddIds: [], blocks: [] };
const LEVELS = { MEMORY_ONLY: "useMemory: true, useDisk: false", DISK_ONLY: "useMemory: false, useDisk: true" };
const cache = (rddId: number, mib: number, level: keyof typeof LEVELS = "MEMORY_ONLY") =>
  script(
    `return io.putCached({ kind: 'rdd', rddId: ${rddId}, partition: task.partition }, io.allocate(${mib} << 20).fill(task.partition + 1), { name: '${level}', ${LEVELS[level]}, replication: 1 })`,
  );
/** Two segments of so many MiB, an empty one between them. */
const mapOutput = (mib: number) => `(task, io) => {
  const size = ${mib} << 20;
  const bytes = io.allocate(size * 2);
  bytes.fill(task.partition + 1, 0, size);
  bytes.fill(task.partition + 101, size);
  const checksums = Uint32Array.of(io.crc32(bytes.subarray(0, size)), 0, io.crc32(bytes.subarray(size)));
  return { mapOutput: { bytes, offsets: Float64Array.of(0, size, size, size * 2), rows: Float64Array.of(1, 0, 1), checksums } };
}`;
const ENDLESS = "(task, io) => { for (;;) io.checkCancelled(); }";

const leave = (executor: ExecutorProcess) => {
  executor.child.kill("SIGTERM");
};
const reportsOf = (executorId: string) => executors.driver.reports.filter((report) => report.executorId === executorId);
const movesOf = (executorId: string) => reportsOf(executorId).flatMap(({ moved }) => moved ?? []);
const hasLeft = (executorId: string) => reportsOf(executorId).some(({ leaving }) => leaving?.hasLeft === true);
async function runMaps(executor: ExecutorProcess, mib: number, count = 1): Promise<void> {
  const ids = await executor.run(
    mapOutput(mib),
    Array.from({ length: count }, () => ({})),
    { shuffleId: 5 },
  );
  const ends = await executor.ends(ids);
  expect(ends.map(({ end }) => end.outcome)).toEqual(ends.map(() => "succeeded"));
}
const pair = () => Promise.all([executors.start({ executorId: "1" }), executors.start({ executorId: "2" })]);

async function segment(executor: ExecutorProcess, mapPartition: number, reducePartition: number): Promise<Uint8Array> {
  const request: SegmentsRequest = { shuffleId: 5, reducePartition, outputs: [{ mapPartition, attempt: 0 }] };
  const response = await executor.post("/v1/segments", request);
  const { json, frames } = decodeFrames(new Uint8Array(await response.arrayBuffer()));
  const [bytes] = frames as [Uint8Array];
  expect(JSON.parse(json)).toEqual({ checksums: [crc32(bytes)] });
  return bytes;
}

const isAll = (bytes: Uint8Array, value: number, length: number) =>
  Buffer.compare(bytes, new Uint8Array(length).fill(value)) === 0;

describe("an executor that leaves", () => {
  test("goes at once when it has nothing", async () => {
    const executor = await executors.start();
    const startedAt = performance.now();
    leave(executor);
    expect(await executor.exited).toEqual({ code: 0, signal: null });
    expect(performance.now() - startedAt).toBeLessThan(2_000);
    expect(hasLeft("1")).toBe(true);
    expect(existsSync(executor.config.applicationDir)).toBe(false);
  });

  test("gives cached partitions and map outputs to another and says where they are", async () => {
    const [first, second] = await pair();
    await first.ends(await first.run(cache(1, 3), [{}, {}]));
    await first.ends(await first.run(cache(2, 2, "DISK_ONLY")));
    await runMaps(first, 1, 2);
    leave(first);
    expect((await first.exited).code).toBe(0);
    expect(movesOf("1").sort((a, b) => a.mapPartition - b.mapPartition)).toEqual(
      [0, 1].map((mapPartition) => ({ shuffleId: 5, mapPartition, attempt: 0, toExecutorId: "2" })),
    );
    const { driver } = executors;
    const held = () =>
      reportsOf("2").flatMap(({ blocks }) =>
        blocks.map(({ block, where }) => `${block.kind} ${"rddId" in block ? block.rddId : ""} ${where}`),
      );
    await driver.until(() => held().length === 3);
    expect(held().sort()).toEqual(["rdd 1 memory", "rdd 1 memory", "rdd 2 disk"]);
    for (const partition of [0, 1]) {
      expect(isAll(await segment(second, partition, 0), partition + 1, 1 << 20)).toBe(true);
      expect(isAll(await segment(second, partition, 2), partition + 101, 1 << 20)).toBe(true);
    }
  });

  test("takes no task, gives back those that wait, and lets those that run end", async () => {
    const executor = await executors.start({ slots: 1 });
    const { driver } = executors;
    const [running, waiting] = (await executor.run(
      "(task, io) => { process._rawDebug('runs'); const until = Date.now() + 1500; while (Date.now() < until); return {}; }",
      [{}, {}],
    )) as [number, number];
    await executor.printed("runs");
    leave(executor);
    await driver.until(() => driver.ended.has(waiting));
    expect(driver.ended.get(waiting)?.end.outcome).toBe("killed");
    expect(driver.ended.has(running)).toBe(false);
    expect(await executor.launch({})).toEqual({ executorId: "1", accepted: false });
    expect((await executor.exited).code).toBe(0);
    expect(driver.ended.get(running)?.end.outcome).toBe("succeeded");
  });

  test("keeps results until the driver has fetched them", async () => {
    const executor = await executors.start();
    const [taskId] = await executor.run("(task, io) => ({ result: io.allocate(1 << 20).fill(7) })");
    const { driver } = executors;
    await driver.until(() => driver.ended.has(taskId as number));
    leave(executor);
    await driver.until(() => reportsOf("1").some(({ leaving }) => leaving !== undefined));
    const response = await executor.call(`/v1/blocks/result_${taskId}`);
    expect((await response.arrayBuffer()).byteLength).toBe(1 << 20);
    expect(hasLeft("1")).toBe(false);
    await executor.post("/v1/remove", { ...NOTHING, blocks: [`result_${taskId}`] });
    expect((await executor.exited).code).toBe(0);
    expect(hasLeft("1")).toBe(true);
  });

  test("waits for another to come, and not for longer than it may", async () => {
    const first = await executors.start({ executorId: "1" });
    await first.ends(await first.run(cache(1, 1)));
    leave(first);
    await executors.driver.until(() => executors.driver.locationRequests > 1);
    const second = await executors.start({ executorId: "2" });
    expect((await first.exited).code).toBe(0);
    expect((await second.call("/v1/blocks/rdd_1_0")).status).toBe(200);

    const third = await executors.start({ executorId: "3", decommissionMs: 1_200 });
    await third.run(ENDLESS);
    const startedAt = performance.now();
    leave(third);
    expect((await third.exited).code).toBe(0);
    expect(performance.now() - startedAt).toBeGreaterThan(1_000);
    expect(performance.now() - startedAt).toBeLessThan(3_500);
    expect(hasLeft("3")).toBe(true);
  });

  test("leaves behind what others have no room for; map outputs find room on disk", async () => {
    const [first, second] = await Promise.all([
      executors.start({ executorId: "1" }),
      executors.start({ executorId: "2", memoryBytes: 4 << 20 }),
    ]);
    await first.ends(await first.run(cache(1, 8)));
    await runMaps(first, 4);
    leave(first);
    expect((await first.exited).code).toBe(0);
    expect(movesOf("1")).toHaveLength(1);
    expect((await second.call("/v1/blocks/rdd_1_0")).status).toBe(404);
    expect(existsSync(join(second.config.localDir, "blocks", "shuffle_5_0_0"))).toBe(true);
    expect((await segment(second, 0, 2)).byteLength).toBe(4 << 20);
  });

  test("sends a large map output straight to disk", async () => {
    const [first, second] = await pair();
    await runMaps(first, 40);
    leave(first);
    expect((await first.exited).code).toBe(0);
    expect(existsSync(join(second.config.localDir, "blocks", "shuffle_5_0_0"))).toBe(true);
    expect(isAll(await segment(second, 0, 2), 101, 40 << 20)).toBe(true);
  });

  test("moves nothing that was damaged on disk", async () => {
    const [first, second] = await pair();
    await first.ends(await first.run(cache(1, 1, "DISK_ONLY")));
    writeFileSync(join(first.config.localDir, "blocks", "rdd_1_0"), new Uint8Array(1 << 20).fill(9));
    leave(first);
    expect((await first.exited).code).toBe(0);
    expect((await second.call("/v1/blocks/rdd_1_0")).status).toBe(404);
  });

  test("gives nothing to one that leaves too", async () => {
    const [first, second] = await Promise.all([
      executors.start({ executorId: "1", decommissionMs: 2_000 }),
      executors.start({ executorId: "2", decommissionMs: 2_000 }),
    ]);
    await second.run(ENDLESS);
    await runMaps(first, 1);
    leave(second);
    await executors.driver.until(() => reportsOf("2").some(({ leaving }) => leaving !== undefined));
    leave(first);
    expect((await first.exited).code).toBe(0);
    expect(movesOf("1")).toEqual([]);
    await second.exited;
  });
});
