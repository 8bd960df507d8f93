/**
 * What a job that fails or is cancelled leaves of a shuffle: nothing on the executors while its RDD lives, and nothing that a later job would mix with its own.
 * What was once whole is computed again as it was first, also in a later job.
 */

import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { VolleyContext, VolleyError } from "volley";
import { pidsOf, removed, startCluster } from "../kit/local-cluster.js";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "failed-jobs-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const codeOf = (job: Promise<unknown>) =>
  job.then(
    () => "done",
    (error: VolleyError) => error.code,
  );

/** Executors of 16 MiB, so that map outputs go to disk. */
const startSmall = () => startCluster({ master: "local-cluster[2,1,16]", localDir: folder });

const blocksOnDisk = () =>
  readdirSync(folder, { recursive: true, withFileTypes: true }).filter(
    (entry) => entry.isFile() && entry.parentPath.endsWith("blocks"),
  ).length;

/** Removals are told with the next message: jobs give them occasions. */
async function untilNoBlocks(vc: VolleyContext): Promise<number> {
  for (let round = 0; round < 100 && blocksOnDisk() > 0; round++) await vc.range(0, 4, 1, 4).count();
  return blocksOnDisk();
}

const text = (x: number) => `${x}-${"abcdefghij".repeat(20)}`;

it("map outputs of a job that fails are removed though its RDD is held", async () => {
  const vc = await startSmall();
  const failing = vc
    .range(0, 200_000, 1, 8)
    .map((x) => {
      if (x === 199_999) throw new Error("the last row");
      return [x % 1_000, text(x)] as [number, string];
    })
    .groupByKey(2);
  let most = 0;
  vc.addListener({
    onTaskEnd: () => {
      most = Math.max(most, blocksOnDisk());
    },
  });
  expect(await codeOf(failing.count())).toBe("USER_FUNCTION_FAILED");
  expect(most).toBeGreaterThan(0);
  expect(await untilNoBlocks(vc)).toBe(0);
  expect(await codeOf(failing.count())).toBe("USER_FUNCTION_FAILED");
  expect(await untilNoBlocks(vc)).toBe(0);
}, 60_000);

it("map outputs of a job that is cancelled are removed, those of tasks that end later too", async () => {
  const vc = await startSmall();
  const slow = vc
    .range(0, 400_000, 1, 16)
    .map((x) => [x % 1_000, text(x)] as [number, string])
    .groupByKey(2);
  const abort = new AbortController();
  let ended = 0;
  vc.addListener({
    onTaskEnd: () => {
      if (++ended === 5) abort.abort();
    },
  });
  expect(await codeOf(slow.count({ signal: abort.signal }))).toBe("CANCELLED");
  expect(await untilNoBlocks(vc)).toBe(0);
  expect(await slow.count()).toBe(1_000);
}, 60_000);

it("a later job computes all of it, with what its functions refer to by then", async () => {
  const vc = await startCluster();
  let version = 1;
  let fails = true;
  const sums = vc
    .range(0, 8, 1, 8)
    .map((x) => {
      if (fails && x === 7) throw new Error("not yet");
      return [x % 4, version] as [number, number];
    })
    .reduceByKey((a, b) => a + b, 2);
  expect(await codeOf(sums.collect())).toBe("USER_FUNCTION_FAILED");
  fails = false;
  version = 10;
  expect(new Map(await sums.collect())).toEqual(new Map([0, 1, 2, 3].map((key) => [key, 20])));
}, 40_000);

it("a shuffle that was whole is mended with what its functions referred to then, whichever job mends it", async () => {
  const vc = await startCluster();
  let version = 1;
  const sums = vc
    .range(0, 8, 1, 8)
    .map((x) => [x % 4, version] as [number, number])
    .reduceByKey((a, b) => a + b, 2);
  const expected = new Map([0, 1, 2, 3].map((key) => [key, 2]));
  expect(new Map(await sums.collect())).toEqual(expected);
  const loss = removed(vc);
  process.kill(pidsOf(vc)[0] as number, "SIGKILL");
  await loss;
  version = 10;
  expect(new Map(await sums.collect())).toEqual(expected);
}, 40_000);

it("a shuffle that is there is read though what it was made of has been checkpointed since, and mended", async () => {
  const vc = await startCluster();
  vc.setCheckpointDir(folder);
  const reduced = vc
    .range(0, 100, 1, 4)
    .map((x) => [x % 7, x] as [number, number])
    .reduceByKey((a, b) => a + b, 3)
    .map(([key, sum]) => [key % 2, sum] as [number, number]);
  reduced.checkpoint();
  const grouped = reduced.groupByKey(2).mapValues((values) => values.reduce((a, b) => a + b, 0));
  const sumOf = (key: number) =>
    Array.from({ length: 100 }, (_, x) => ((x % 7) % 2 === key ? x : 0)).reduce((a, b) => a + b);
  const expected = new Map([0, 1].map((key) => [key, sumOf(key)]));
  expect(new Map(await grouped.collect())).toEqual(expected);
  expect(reduced.isCheckpointed).toBe(true);
  expect(new Map(await grouped.collect())).toEqual(expected);
  const loss = removed(vc);
  process.kill(pidsOf(vc)[0] as number, "SIGKILL");
  await loss;
  expect(new Map(await grouped.collect())).toEqual(expected);
}, 40_000);

it("an action that shares the search for a sort's bounds with one that is cancelled goes on", async () => {
  const vc = await startCluster();
  const sorted = vc
    .range(0, 200, 1, 4)
    .map((x) => {
      for (const until = performance.now() + 5; performance.now() < until; );
      return 200 - x;
    })
    .sortBy((x) => x, { numPartitions: 3 });
  const abort = new AbortController();
  const outcomes = Promise.all([
    codeOf(sorted.count({ signal: abort.signal })),
    sorted.count(),
    sorted.collect(),
    codeOf(sorted.count({ signal: abort.signal })),
  ]);
  await new Promise<void>((resolve) => vc.addListener({ onTaskStart: () => resolve() }));
  abort.abort();
  expect(await outcomes).toEqual(["CANCELLED", 200, Array.from({ length: 200 }, (_, x) => x + 1), "CANCELLED"]);
}, 40_000);
