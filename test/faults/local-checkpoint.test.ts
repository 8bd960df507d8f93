/** What a local checkpoint keeps is all there is of its RDD: memory that is short must not cost it, and what costs it is said. */

import { expect, it } from "vitest";
import { StorageLevel, type VolleyContext, type VolleyError } from "volley";
import { pidsOf, removed, startCluster } from "../kit/local-cluster.js";

const ROWS = 150_000;
const SUM = (ROWS * (ROWS - 1)) / 2;

/** Some 40 MB. */
const largeRows = (vc: VolleyContext) =>
  vc.range(0, ROWS, 1, 12).map((x) => ({ x, text: `${x}-${"abcdefghij".repeat(20)}` }));

it("is kept on disk where memory is short, though the RDD was to be kept in memory only, before and after", async () => {
  const vc = await startCluster({ master: "local-cluster[2,1,16]" });
  for (const countedBefore of [false, true]) {
    const rows = largeRows(vc).cache();
    if (countedBefore) expect(await rows.count()).toBe(ROWS);
    rows.localCheckpoint();
    expect(rows.getStorageLevel()).toBe(StorageLevel.MEMORY_AND_DISK);
    expect(await rows.count()).toBe(ROWS);
    expect(rows.isCheckpointed).toBe(true);
    for (let round = 0; round < 2; round++) expect(await rows.map(({ x }) => x).sum()).toBe(SUM);
    expect(vc.getPersistentRDDs().has(rows.id)).toBe(true);
    await rows.unpersist();
  }
}, 90_000);

it("goes when the RDD is unpersisted, which is computed from its parents again", async () => {
  const vc = await startCluster();
  const computed = vc.longAccumulator();
  const rows = vc
    .range(0, 100, 1, 4)
    .map((x) => {
      computed.add(1);
      return x;
    })
    .localCheckpoint();
  expect(await rows.sum()).toBe(4_950);
  expect([rows.isCheckpointed, computed.value]).toEqual([true, 100]);
  await rows.unpersist();
  expect(rows.isCheckpointed).toBe(false);
  expect(await rows.sum()).toBe(4_950);
  expect(computed.value).toBe(200);
}, 40_000);

it("is not made of an RDD that was unpersisted before it was", async () => {
  const vc = await startCluster();
  const rows = vc.range(0, 100, 1, 4).localCheckpoint();
  await rows.unpersist();
  for (let round = 0; round < 2; round++) expect(await rows.sum()).toBe(4_950);
  expect(rows.isCheckpointed).toBe(false);
}, 40_000);

it("that is lost with its executor fails the job and says so", async () => {
  const vc = await startCluster();
  const rows = vc.range(0, 100, 1, 4).localCheckpoint();
  expect(await rows.sum()).toBe(4_950);
  const loss = removed(vc);
  process.kill(pidsOf(vc)[0] as number, "SIGKILL");
  await loss;
  const error = await rows.sum().catch((reason: VolleyError) => reason);
  expect(error).toMatchObject({
    code: "BLOCK_LOST",
    message: expect.stringMatching(/was lost with its executor, and a local checkpoint keeps nothing/),
  });
  await rows.unpersist();
  expect(await rows.sum()).toBe(4_950);
}, 40_000);
