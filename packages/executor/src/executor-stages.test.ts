/** Slots with the stage compiler in them: what the scripted slots of the other tests leave out. */

import { rmSync } from "node:fs";
import { decodeRows } from "@volley/engine/columnar/block-reader.js";
import { encodeRows } from "@volley/engine/columnar/block-writer.js";
import type { ClassRegistry } from "@volley/engine/columnar/types.js";
import { afterAll, beforeAll, expect, test } from "vitest";
import { buildEntries } from "./testing/build-entries.js";
import { ExecutorProcess } from "./testing/executor-process.js";
import { FakeDriver } from "./testing/fake-driver.js";

const NO_CLASSES: ClassRegistry = {
  idOf: () => undefined,
  byId: () => {
    throw new Error("no classes here");
  },
};

let entries: Awaited<ReturnType<typeof buildEntries>>;
beforeAll(async () => {
  entries = await buildEntries("task/slot-worker.ts");
});
afterAll(() => rmSync(entries.folder, { recursive: true }));

test("a source block goes through a shuffle to a result", async () => {
  const driver = await FakeDriver.start();
  const executor = new ExecutorProcess(entries.entry, driver);
  await executor.isRegistered();
  const stage = { pipelines: [{ source: 0, bindings: [], firstSite: 0 }] };
  const map = `(t, b, p) => {
    const writer = t.segmentWriter(2);
    for (const batch of t.blockBatches(p.inputs[0])) for (const row of batch.rows()) writer.push(row % 2, [row % 2, row]);
    return writer.finish();
  }`;
  const reduce = `(t, b, p) => {
    const rows = [];
    for (const batch of t.segments(p.inputs[0])) rows.push(...batch.rows());
    return t.block(rows);
  }`;
  const maps = [0, 1].map((partition) => {
    driver.blocks.set(
      `source_1_${partition}`,
      encodeRows([10 * partition, 10 * partition + 1, 10 * partition + 2], NO_CLASSES),
    );
    return { roots: [0], inputs: [{ kind: "block", block: { kind: "source", rddId: 1, partition } } as const] };
  });
  const ended = await executor.ends(await executor.run(map, maps, { ...stage, shuffleId: 3 }));
  const outputs = ended.map(({ end }, mapPartition) => {
    if (end.outcome !== "succeeded") throw new Error(JSON.stringify(end));
    return { mapPartition, attempt: 0, executorId: "1", offsets: end.mapOutput?.offsets ?? [] };
  });
  driver.locations = () => ({ shuffles: [{ shuffleId: 3, outputs, complete: true }], blocks: [] });
  const reduces = [0, 1].map((partition) => ({
    roots: [0],
    inputs: [{ kind: "shuffle", shuffleId: 3, partition } as const],
  }));
  const results = await executor.ends(await executor.run(reduce, reduces, stage));
  expect(results.map(({ result }) => decodeRows(result as Uint8Array, NO_CLASSES))).toEqual([
    [
      [0, 0],
      [0, 2],
      [0, 10],
      [0, 12],
    ],
    [
      [1, 1],
      [1, 11],
    ],
  ]);
  await executor.end();
  await driver.close();
});
