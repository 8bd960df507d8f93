/** Map outputs that tasks write to files: of several chunks a segment, read here and elsewhere, and removed. */

import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { TaskSpec } from "@volley/engine/task/task-spec.js";
import { LAST_WORDS_FILE } from "@volley/engine/wire/last-words.js";
import type { MapStatus } from "@volley/engine/wire/messages.js";
import { expect, test } from "vitest";
import { script, textOf, useExecutors } from "./testing/executor-fixture.js";
import type { ExecutorProcess } from "./testing/executor-process.js";

const executors = useExecutors();
const MIB = 1 << 20;
/** Chunks of each segment, in MiB: larger than one request, an empty segment, a small one. */
const SEGMENTS = [[9, 3, 5, 1], [], [2]];

/** Chunk k (counted over the whole output) is full of the byte 10 * map partition + k. */
const MAP = `(task, io) => {
  const sink = io.createMapOutput();
  const segments = ${JSON.stringify(SEGMENTS)};
  const offsets = [0], chunkOffsets = [0], chunkChecksums = [], checksums = [];
  let at = 0;
  for (const segment of segments) {
    const first = chunkChecksums.length;
    for (const mib of segment) {
      const chunk = new Uint8Array(mib << 20).fill(10 * task.partition + chunkChecksums.length);
      for (let from = 0; from < chunk.length; from += 100_000) sink.write(chunk.subarray(from, from + 100_000));
      chunkOffsets.push(at += chunk.length);
      chunkChecksums.push(io.crc32(chunk));
    }
    offsets.push(at);
    const own = chunkChecksums.slice(first);
    checksums.push(own.length > 1 ? io.crc32(new Uint8Array(Uint32Array.from(own).buffer)) : own[0] ?? 0);
  }
  if (task.attempt === 9) throw new Error("after it has written");
  if (task.attempt === 8) for (;;) io.checkCancelled();
  return { mapOutput: {
    bytes: sink.close(), offsets: Float64Array.from(offsets), rows: new Float64Array(3), checksums: Uint32Array.from(checksums),
    chunks: { offsets: Float64Array.from(chunkOffsets), checksums: Uint32Array.from(chunkChecksums) },
  } };
}`;

async function runMap(executor: ExecutorProcess, partition: number, attempt = 0): Promise<MapStatus> {
  const [ended] = await executor.ends(await executor.run(MAP, [{ partition, attempt }], { shuffleId: 5 }));
  if (ended?.end.outcome !== "succeeded") throw new Error(JSON.stringify(ended?.end));
  const { offsets } = ended.end.mapOutput as { offsets: number[] };
  return { mapPartition: partition, attempt, executorId: executor.config.executorId, offsets };
}

/** The bytes and the MiB of each block that a reduce task is given. */
async function read(executor: ExecutorProcess, partition: number): Promise<unknown> {
  const task: Partial<TaskSpec> = { inputs: [{ kind: "shuffle", shuffleId: 5, partition }] };
  const body = `return [...io.readSegments(5, ${partition})].map((bytes) => {
    for (let at = 0; at < bytes.length; at += 997) if (bytes[at] !== bytes[0]) throw new Error("chunks are mixed");
    return [bytes[0], bytes.length / ${MIB}];
  })`;
  const [ended] = await executor.ends(await executor.run(script(body), [task]));
  return ended?.end.outcome === "succeeded" ? JSON.parse(textOf(ended.result)) : ended?.end;
}

function tell(outputs: readonly MapStatus[]): void {
  executors.driver.locations = () => ({
    shuffles: [{ shuffleId: 5, outputs: [...outputs], complete: true }],
    blocks: [],
  });
}

const filesOf = ({ config: { localDir } }: ExecutorProcess) =>
  readdirSync(localDir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== LAST_WORDS_FILE)
    .map(({ name }) => name);

const pair = () =>
  Promise.all([
    executors.start({ executorId: "1", memoryBytes: 8 * MIB }),
    executors.start({ executorId: "2", memoryBytes: 8 * MIB }),
  ]);

test("are read chunk by chunk, in the order of the map partitions, here and elsewhere", async () => {
  const [first, second] = await pair();
  tell([await runMap(first, 0), await runMap(second, 1), await runMap(first, 2)]);
  const large = [0, 1, 2].flatMap((map) => [9, 3, 5, 1].map((mib, chunk) => [10 * map + chunk, mib]));
  const small = [0, 1, 2].map((map) => [10 * map + 4, 2]);
  for (const executor of [first, second]) {
    expect(await read(executor, 0)).toEqual(large);
    expect(await read(executor, 1)).toEqual([]);
    expect(await read(executor, 2)).toEqual(small);
  }
});

test("lie in files that only their owner reads, until the shuffle is removed", async () => {
  const executor = await executors.start();
  tell([await runMap(executor, 0)]);
  expect(filesOf(executor)).toEqual(["shuffle_5_0_0"]);
  const { mode, size } = statSync(join(executor.config.localDir, "blocks", "shuffle_5_0_0"));
  expect([mode & 0o777, size]).toEqual([0o600, 20 * MIB]);
  const remove = { epoch: 7, rddIds: [], shuffleIds: [5], broadcastIds: [], sourceRddIds: [], blocks: [] };
  await executor.post("/v1/remove", remove);
  await expect.poll(() => filesOf(executor)).toEqual([]);
});

test("of tasks that fail or are stopped leave no file", async () => {
  const executor = await executors.start();
  await expect(runMap(executor, 0, 9)).rejects.toThrow("after it has written");
  await expect.poll(() => filesOf(executor)).toEqual([]);
  const [taskId] = await executor.run(MAP, [{ partition: 1, attempt: 8 }], { shuffleId: 5 });
  await expect.poll(() => filesOf(executor)).toHaveLength(1);
  await executor.post("/v1/kill", { epoch: 7, taskIds: [taskId], reason: "a test" });
  expect((await executor.ends([taskId as number]))[0]?.end.outcome).toBe("killed");
  await expect.poll(() => filesOf(executor)).toEqual([]);
});

test("of which an attempt is gone half way are lost: chunks of two attempts do not make a segment", async () => {
  const [first, second] = await pair();
  const status = await runMap(second, 0);
  // The reader believes in a segment that is larger than the one that is there.
  tell([{ ...status, offsets: [0, 30 * MIB, 30 * MIB, 32 * MIB] }]);
  expect(await read(first, 0)).toMatchObject({
    failure: { code: "FETCH_FAILED", fetch: { shuffleId: 5, mapPartition: 0, executorId: "2" } },
  });
});
