import { writeFileSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { TaskSpec } from "@volley/engine/task/task-spec.js";
import type { MapStatus } from "@volley/engine/wire/messages.js";
import { describe, expect, test } from "vitest";
import { script, textOf, useExecutors } from "./testing/executor-fixture.js";
import type { ExecutorProcess } from "./testing/executor-process.js";

const executors = useExecutors();
const NOTHING = { epoch: 7, rddIds: [], shuffleIds: [], broadcastIds: [], sourceRddIds: [], blocks: [] };

async function valuesOf(
  executor: ExecutorProcess,
  body: string,
  tasks: Partial<TaskSpec>[] = [{}],
): Promise<unknown[]> {
  const ended = await executor.ends(await executor.run(script(body), tasks));
  return ended.map(({ end, result }) => (end.outcome === "succeeded" ? JSON.parse(textOf(result)) : end));
}

const put = (rdd: string, partition: string, mib: number, level = "MEMORY_ONLY") => {
  const flags = {
    MEMORY_ONLY: [true, false],
    MEMORY_AND_DISK: [true, true],
    DISK_ONLY: [false, true],
    MEMORY_ONLY_2: [true, false],
  }[level];
  const replication = level.endsWith("_2") ? 2 : 1;
  return `io.putCached({ kind: 'rdd', rddId: ${rdd}, partition: ${partition} }, io.allocate(${mib} << 20).fill(${partition} + 1), { name: '${level}', useMemory: ${flags?.[0]}, useDisk: ${flags?.[1]}, replication: ${replication} })`;
};
const get = (rdd: number, partition: number) =>
  `(io.readCached({ kind: 'rdd', rddId: ${rdd}, partition: ${partition} }) ?? [])[5]`;

/** A third of so small a budget is for what is counted: four MiB and a little. */
const ROOM_FOR_FOUR = 12 << 20;

describe("cached partitions", () => {
  test("are read by every slot and told to the driver", async () => {
    const executor = await executors.start();
    expect(await valuesOf(executor, `return ${put("3", "task.partition", 1)}`, [{}, {}])).toEqual([true, true]);
    expect(await valuesOf(executor, `return [${get(3, 0)}, ${get(3, 1)}, ${get(3, 2)}]`, [{}, {}])).toEqual([
      [1, 2, null],
      [1, 2, null],
    ]);
    const { driver } = executors;
    await driver.until(() => driver.blockChanges.length === 2);
    expect(driver.blockChanges).toContainEqual({
      block: { kind: "rdd", rddId: 3, partition: 1 },
      where: "memory",
      bytes: 1 << 20,
    });
  });

  test("push out the least recently used of other RDDs, and not of their own", async () => {
    const executor = await executors.start({ memoryBytes: ROOM_FOR_FOUR });
    await valuesOf(executor, `${put("1", "0", 2)}; ${put("1", "1", 1)}; return 0`);
    // Used: partition 0 is now the younger one.
    expect(await valuesOf(executor, `return ${get(1, 0)}`)).toEqual([1]);
    expect(await valuesOf(executor, `return [${put("2", "0", 2)}, ${put("2", "1", 3)}]`)).toEqual([[true, false]]);
    expect(await valuesOf(executor, `return [${get(1, 0)}, ${get(1, 1)}, ${get(2, 0)}]`)).toEqual([[1, null, 1]]);
  });

  test("go to disk when their level says so", async () => {
    const executor = await executors.start({ memoryBytes: ROOM_FOR_FOUR });
    await valuesOf(
      executor,
      `${put("1", "0", 2, "MEMORY_AND_DISK")}; ${put("1", "1", 2, "MEMORY_AND_DISK")}; ${put("1", "2", 2, "MEMORY_AND_DISK")}; return 0`,
    );
    await valuesOf(executor, `return ${put("2", "0", 3, "DISK_ONLY")}`);
    await valuesOf(executor, `return ${put("2", "1", 3, "MEMORY_AND_DISK")}`);
    expect(
      await valuesOf(executor, `return [${get(1, 0)}, ${get(1, 1)}, ${get(1, 2)}, ${get(2, 0)}, ${get(2, 1)}]`),
    ).toEqual([[1, 2, 3, 1, 2]]);
    const files = await readdir(join(executor.config.localDir, "blocks"));
    expect(files.toSorted()).toEqual(["rdd_1_0", "rdd_1_1", "rdd_1_2", "rdd_2_0"]);
    const { driver } = executors;
    await driver.until(() => driver.blockChanges.filter(({ where }) => where === "disk").length === 4);
  });

  test("that were damaged on disk count as lost", async () => {
    const executor = await executors.start();
    await valuesOf(executor, `return ${put("1", "0", 1, "DISK_ONLY")}`);
    writeFileSync(join(executor.config.localDir, "blocks", "rdd_1_0"), new Uint8Array(1 << 20).fill(9));
    expect(await valuesOf(executor, `return ${get(1, 0)}`)).toEqual([null]);
    const { driver } = executors;
    await driver.until(() => driver.blockChanges.some(({ where }) => where === "gone"));
    expect(await valuesOf(executor, `return [${put("1", "0", 1)}, ${get(1, 0)}]`)).toEqual([[true, 1]]);
  });

  test("go when they are removed", async () => {
    const executor = await executors.start();
    await valuesOf(executor, `${put("1", "0", 1)}; ${put("1", "1", 1, "DISK_ONLY")}; return ${put("2", "0", 1)}`);
    await executor.post("/v1/remove", { ...NOTHING, rddIds: [1] });
    expect(await valuesOf(executor, `return [${get(1, 0)}, ${get(1, 1)}, ${get(2, 0)}]`)).toEqual([[null, null, 1]]);
  });

  test("are read from another executor that holds them", async () => {
    const [first, second] = await Promise.all([
      executors.start({ executorId: "1" }),
      executors.start({ executorId: "2" }),
    ]);
    await valuesOf(first, `return ${put("1", "0", 1)}`);
    executors.driver.locations = (_, blocks) => ({
      shuffles: [],
      blocks: blocks.map((name) => ({ name, executorIds: ["1"] })),
    });
    const input = {
      kind: "cached",
      block: { kind: "rdd", rddId: 1, partition: 0 },
      level: "MEMORY_ONLY",
      compute: 0,
    } as const;
    expect(await valuesOf(second, `return ${get(1, 0)}`, [{ inputs: [input] }])).toEqual([1]);
  });

  test("of a level with two copies are given to a second executor", async () => {
    const [first] = await Promise.all([executors.start({ executorId: "1" }), executors.start({ executorId: "2" })]);
    await valuesOf(first, `return ${put("1", "0", 1, "MEMORY_ONLY_2")}`);
    const { driver } = executors;
    await driver.until(() =>
      driver.reports.some(({ executorId, blocks }) => executorId === "2" && blocks.length === 1),
    );
    expect(driver.blockChanges).toHaveLength(2);
  });
});

describe("blocks of the driver", () => {
  test("are fetched once and kept", async () => {
    const executor = await executors.start();
    executors.driver.blocks.set("broadcast_4", Buffer.from("shared"));
    const read = "return Buffer.from(io.readBlock({ kind: 'broadcast', broadcastId: 4 })).toString()";
    expect(await valuesOf(executor, read, [{}, {}])).toEqual(["shared", "shared"]);
    executors.driver.blocks.delete("broadcast_4");
    expect(await valuesOf(executor, read)).toEqual(["shared"]);
    await executor.post("/v1/remove", { ...NOTHING, broadcastIds: [4] });
    expect(await valuesOf(executor, read)).toMatchObject([{ outcome: "failed", failure: { code: "BLOCK_LOST" } }]);
  });
});

/** A map task whose segment for reduce partition r is r + 1 times the byte 10 * map partition + r; partition 1 of map 1 is empty. */
const MAP = `(task, io) => {
  const lengths = [0, 1, 2].map((r) => (task.partition === 1 && r === 1 ? 0 : r + 1));
  const offsets = Float64Array.from([0, 0, 0, 0]);
  lengths.forEach((length, r) => { offsets[r + 1] = offsets[r] + length; });
  const bytes = io.allocate(offsets[3]);
  const checksums = new Uint32Array(3);
  lengths.forEach((_, r) => {
    bytes.fill(10 * task.partition + r, offsets[r], offsets[r + 1]);
    checksums[r] = io.crc32(bytes.subarray(offsets[r], offsets[r + 1]));
  });
  return { mapOutput: { bytes, offsets, rows: Float64Array.from(lengths), checksums } };
}`;
const REDUCE = "return [...io.readSegments(5, task.partition)].map((segment) => [...segment])";
const EXPECTED = [
  [[0], [10], [20]],
  [
    [1, 1],
    [21, 21],
  ],
  [
    [2, 2, 2],
    [12, 12, 12],
    [22, 22, 22],
  ],
];
const reduceTasks = [0, 1, 2].map((partition) => ({ inputs: [{ kind: "shuffle", shuffleId: 5, partition }] as const }));

/** Runs map tasks (map partition, executor) and answers where their outputs are. */
async function runMaps(
  maps: readonly (readonly [number, ExecutorProcess])[],
  attempt = 0,
  code = MAP,
): Promise<MapStatus[]> {
  return Promise.all(
    maps.map(async ([partition, executor]) => {
      const ids = await executor.run(code, [{ partition, attempt }], { shuffleId: 5 });
      const [ended] = await executor.ends(ids);
      if (ended?.end.outcome !== "succeeded") throw new Error(JSON.stringify(ended?.end));
      const { offsets } = ended.end.mapOutput as { offsets: number[] };
      return { mapPartition: partition, attempt, executorId: executor.config.executorId, offsets };
    }),
  );
}

function tell(outputs: readonly MapStatus[], complete = true): void {
  executors.driver.locations = () => ({ shuffles: [{ shuffleId: 5, outputs: [...outputs], complete }], blocks: [] });
}

describe("a shuffle", () => {
  test("on one executor is read in the order of the map partitions, with one question", async () => {
    const executor = await executors.start();
    const outputs = await runMaps([
      [2, executor],
      [0, executor],
      [1, executor],
    ]);
    tell(outputs);
    expect(await valuesOf(executor, REDUCE, reduceTasks)).toEqual(EXPECTED);
    expect(executors.driver.locationRequests).toBe(1);
  });

  test("is asked for again when one of its outputs was lost, and not before", async () => {
    const executor = await executors.start();
    const outputs = await runMaps([
      [0, executor],
      [1, executor],
      [2, executor],
    ]);
    tell(outputs);
    for (const version of [0, 0, 1, 1]) {
      executor.shuffleVersion = version;
      expect(await valuesOf(executor, REDUCE, reduceTasks)).toEqual(EXPECTED);
    }
    expect(executors.driver.locationRequests).toBe(2);
  });

  test("that a slot remembers is forgotten when its outputs are removed", async () => {
    const executor = await executors.start({ slots: 1 });
    tell(await runMaps([0, 1, 2].map((partition) => [partition, executor] as const)));
    const reduce = reduceTasks.slice(0, 1);
    expect(await valuesOf(executor, REDUCE, reduce)).toEqual([EXPECTED[0]]);
    await executor.post("/v1/remove", { ...NOTHING, blocks: ["shuffle_5_1_0"] });
    expect(await valuesOf(executor, REDUCE, reduce)).toMatchObject([
      { failure: { code: "FETCH_FAILED", fetch: { shuffleId: 5, mapPartition: 1, executorId: "1" } } },
    ]);
  });

  test("over two executors too", async () => {
    const [first, second] = await Promise.all([
      executors.start({ executorId: "1" }),
      executors.start({ executorId: "2" }),
    ]);
    tell(
      await runMaps([
        [0, first],
        [1, second],
        [2, second],
      ]),
    );
    expect(await valuesOf(first, REDUCE, reduceTasks)).toEqual(EXPECTED);
    expect(await valuesOf(second, REDUCE, reduceTasks)).toEqual(EXPECTED);
  });

  test("spills map outputs that memory cannot hold, and serves them from disk", async () => {
    const [first, second] = await Promise.all([
      executors.start({ executorId: "1", memoryBytes: 1 << 20 }),
      executors.start({ executorId: "2" }),
    ]);
    const big = MAP.replace("r + 1));", "(r + 1) << 20));");
    const outputs = await runMaps([[0, first]], 0, big);
    expect(await readdir(join(first.config.localDir, "blocks"))).toEqual(["shuffle_5_0_0"]);
    tell(outputs);
    const sum = "return [...io.readSegments(5, 2)].map((segment) => [segment.length, segment[0], segment.at(-1)])";
    const tasks = [{ inputs: [{ kind: "shuffle", shuffleId: 5, partition: 2 } as const] }];
    expect(await valuesOf(first, sum, tasks)).toEqual([[[3 << 20, 2, 2]]]);
    expect(await valuesOf(second, sum, tasks)).toEqual([[[3 << 20, 2, 2]]]);
  });

  test("names the map output that cannot be read", async () => {
    const [first, second] = await Promise.all([
      executors.start({ executorId: "1" }),
      executors.start({ executorId: "2" }),
    ]);
    tell(
      await runMaps([
        [0, first],
        [1, second],
        [2, first],
      ]),
    );
    second.child.kill("SIGKILL");
    await second.exited;
    const failed = await valuesOf(first, REDUCE, reduceTasks.slice(0, 1));
    expect(failed).toMatchObject([
      { failure: { code: "FETCH_FAILED", fetch: { shuffleId: 5, mapPartition: 1, executorId: "2" } } },
    ]);
  });

  test("finds an output that was computed again elsewhere", async () => {
    const [first, second] = await Promise.all([
      executors.start({ executorId: "1" }),
      executors.start({ executorId: "2" }),
    ]);
    const old = await runMaps([
      [0, first],
      [1, second],
      [2, first],
    ]);
    second.child.kill("SIGKILL");
    await second.exited;
    const [again] = await runMaps([[1, first]], 1);
    let asked = 0;
    executors.driver.locations = () => {
      const outputs =
        asked++ === 0 ? old : old.map((status) => (status.mapPartition === 1 ? (again as MapStatus) : status));
      return { shuffles: [{ shuffleId: 5, outputs, complete: true }], blocks: [] };
    };
    expect(await valuesOf(first, REDUCE, reduceTasks.slice(0, 1))).toEqual([EXPECTED[0]]);
  });

  test("takes no part for the whole", async () => {
    const executor = await executors.start();
    tell(await runMaps([[0, executor]]), false);
    expect(await valuesOf(executor, REDUCE, reduceTasks.slice(0, 1))).toMatchObject([
      { failure: { code: "FETCH_FAILED", fetch: { shuffleId: 5, mapPartition: 1 } } },
    ]);
  });
});
