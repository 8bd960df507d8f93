import { crc32 } from "node:zlib";
import type { PlannedJob, PlannedStage } from "@volley/engine/plan/planned-job.js";
import { VolleyError } from "@volley/engine/wire/errors.js";
import { WIRE_VERSION } from "@volley/engine/wire/messages.js";
import { afterEach, describe, expect, it } from "vitest";
import { Driver, type DriverConfig } from "./driver.js";
import type { ExecutorOrder, ExecutorWatch } from "./executor-source.js";
import type { RunJobOptions } from "./running-job.js";
import { FakeExecutor, type FakeExecutorOptions, succeeded } from "./testing/fake-executor.js";
import { FifoCore } from "./testing/fifo-core.js";

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const config = (core: FifoCore): DriverConfig => ({
  applicationId: "app-test",
  appName: "test",
  master: "test",
  host: "127.0.0.1",
  port: 0,
  core,
  initialExecutors: 0,
  heartbeatIntervalMs: 1000,
  maxResultBytes: 1 << 20,
});

async function startDriver(maxResultBytes = 1 << 20): Promise<{ driver: Driver; core: FifoCore }> {
  const core = new FifoCore();
  const driver = await Driver.start({ ...config(core), maxResultBytes });
  cleanups.push(() => driver.stop());
  return { driver, core };
}

async function startExecutor(driver: Driver, options: Partial<FakeExecutorOptions> = {}): Promise<FakeExecutor> {
  const executor = await FakeExecutor.start({
    driverUrl: driver.url,
    secret: driver.secrets.executor,
    executorId: "0",
    ...options,
  });
  cleanups.push(() => executor.close());
  await executor.register();
  return executor;
}

let keys = 0;
function stage(partitions: number, more: Partial<PlannedStage> & { envelopes?: readonly number[] } = {}): PlannedStage {
  const stageId = keys++;
  return {
    stageId,
    name: "collect at test.ts:1",
    spec: {
      stageKey: stageId,
      sources: ["return 1"],
      pipelines: [],
      bindings: (more.envelopes ?? []).map((id) => [id, 0] as const),
    },
    parentShuffleIds: [],
    partitions: Array.from({ length: partitions }, (_, index) => index),
    barrier: false,
    task: (partition) => ({
      pipeline: 0,
      roots: [0],
      inputs: [{ kind: "partition", partition }],
      cachedBlocks: [],
      hosts: [],
    }),
    rddIds: [],
    site: () => ({ operator: "map", place: { file: "", line: 0, column: 0 } }),
    ...more,
  };
}

const job = (...stages: PlannedStage[]): PlannedJob => ({ stages, description: "collect at test.ts:1" });

function collecting(options: Partial<RunJobOptions> = {}): {
  results: Map<number, Uint8Array>;
  options: RunJobOptions;
} {
  const results = new Map<number, Uint8Array>();
  return {
    results,
    options: {
      pool: "default",
      group: undefined,
      tags: [],
      onResult: (partition, bytes) => results.set(partition, bytes),
      onAccumulators: () => {},
      ...options,
    },
  };
}

const answering: FakeExecutorOptions["run"] = (task) => ({
  end: succeeded(task.taskId),
  frames: [Uint8Array.of(task.partition)],
});

describe("jobs", () => {
  it("runs a job: each partition's bytes once", async () => {
    const { driver } = await startDriver();
    await startExecutor(driver, { run: answering });
    const { results, options } = collecting();
    await driver.runJob(job(stage(4)), options);
    expect([...results.keys()].sort()).toEqual([0, 1, 2, 3]);
    expect(results.get(3)).toEqual(Uint8Array.of(3));
    // Columns are read in place.
    expect(results.get(3)?.byteOffset).toBe(0);
  });

  it("waits for the first executor", async () => {
    const { driver } = await startDriver();
    const { results, options } = collecting();
    const running = driver.runJob(job(stage(1)), options);
    await startExecutor(driver, { run: answering });
    await running;
    expect(results.size).toBe(1);
  });

  it("sends an envelope and a stage once to an executor, and says when they are over", async () => {
    const { driver } = await startDriver();
    const executor = await startExecutor(driver, { run: answering, slots: 1 });
    const envelope = driver.addEnvelope(Uint8Array.of(7, 8, 9));
    await driver.runJob(job(stage(3, { envelopes: [envelope] })), collecting().options);
    expect(
      executor.launches.map((launch) => [launch.envelopes.length, launch.stages.length, launch.tasks.length]),
    ).toEqual([
      [1, 1, 1],
      [0, 0, 1],
      [0, 0, 1],
    ]);
    expect(executor.launchFrames[0]?.map((frame) => [...frame])).toEqual([[7, 8, 9]]);
    driver.releaseEnvelope(envelope);
    await driver.runJob(job(stage(1)), collecting().options);
    const last = executor.launches.at(-1);
    expect(last?.forgetEnvelopes).toEqual([envelope]);
    expect(last?.forgetStages).toHaveLength(1);
  });

  it("fetches a large result from its executor, and has it removed there", async () => {
    const { driver } = await startDriver();
    const big = new Uint8Array(300_000).fill(5);
    const executor = await startExecutor(driver, {
      run: (task, self) => {
        self.blocks.set(`result_${task.taskId}`, big);
        return {
          end: {
            outcome: "succeeded",
            taskId: task.taskId,
            result: { at: "executor", bytes: big.byteLength },
            metrics: {},
            runMs: 1,
          },
        };
      },
    });
    const { results, options } = collecting();
    await driver.runJob(job(stage(1)), options);
    expect(results.get(0)).toEqual(big);
    await executor.until(() =>
      executor.removals.some((removal) => removal.blocks.some((name) => name.startsWith("result_"))),
    );
  });

  it("refuses results beyond maxResultSize", async () => {
    const { driver } = await startDriver(1000);
    const executor = await startExecutor(driver, {
      slots: 1,
      run: (task) => ({ end: succeeded(task.taskId), frames: [new Uint8Array(600)] }),
    });
    await expect(driver.runJob(job(stage(4)), collecting().options)).rejects.toMatchObject({
      code: "RESULT_TOO_LARGE",
    });
    expect(executor.launches.length).toBeLessThan(4);
  });

  it("turns a task's failure into an error that names the user's function, and rebuilds its cause", async () => {
    const { driver } = await startDriver();
    await startExecutor(driver, {
      run: (task) => ({
        end: {
          outcome: "failed",
          taskId: task.taskId,
          failure: {
            code: "USER_FUNCTION_FAILED",
            message: "bad row",
            details: { site: 0, stageId: task.stageId, partition: task.partition, attempt: 0, record: '{"a":1}' },
            cause: {
              name: "TypeError",
              message: "bad row",
              stack: "TypeError: bad row\n    at f (/nowhere/user.js:3:4)",
            },
          },
          metrics: {},
          runMs: 1,
        },
      }),
    });
    const error: unknown = await driver.runJob(job(stage(1)), collecting().options).catch((caught: unknown) => caught);
    expect(VolleyError.is(error, "USER_FUNCTION_FAILED")).toBe(true);
    const { message, cause } = error as VolleyError;
    expect(message).toContain("the function given to map threw TypeError: bad row");
    expect(message).toContain("/nowhere/user.js:3:4");
    expect(message).toContain('record: {"a":1}');
    expect(message.split("\n").length).toBeLessThanOrEqual(12);
    expect(cause).toBeInstanceOf(TypeError);
  });

  it("cancels by signal: kills on the executor and rejects with the signal's reason as cause", async () => {
    const { driver } = await startDriver();
    const executor = await startExecutor(driver);
    const controller = new AbortController();
    const running = driver.runJob(job(stage(2)), collecting({ signal: controller.signal }).options);
    await executor.until(() => executor.launches.length > 0);
    controller.abort(new Error("enough"));
    await expect(running).rejects.toMatchObject({ code: "CANCELLED", cause: new Error("enough") });
    await executor.until(() => executor.kills.length > 0);
  });

  it("does not warn of many actions on one signal", async () => {
    const { driver } = await startDriver();
    await startExecutor(driver, { run: answering });
    const warnings: Error[] = [];
    const listen = (warning: Error) => warnings.push(warning);
    process.on("warning", listen);
    const controller = new AbortController();
    await Promise.all(
      Array.from({ length: 30 }, () => driver.runJob(job(stage(1)), collecting({ signal: controller.signal }).options)),
    );
    await new Promise((resolve) => setImmediate(resolve));
    process.off("warning", listen);
    expect(warnings).toEqual([]);
  });

  it("stop() rejects what runs with CANCELLED and what comes after with CONTEXT_STOPPED", async () => {
    const { driver } = await startDriver();
    const executor = await startExecutor(driver);
    const running = driver.runJob(job(stage(1)), collecting().options);
    const rejected = expect(running).rejects.toMatchObject({ code: "CANCELLED" });
    await executor.until(() => executor.launches.length > 0);
    await Promise.all([driver.stop(), driver.stop()]);
    await rejected;
    await expect(driver.runJob(job(stage(1)), collecting().options)).rejects.toMatchObject({ code: "CONTEXT_STOPPED" });
  });

  it("a callback that throws fails its job", async () => {
    const { driver } = await startDriver();
    await startExecutor(driver, { run: answering });
    const { options } = collecting({
      onResult: () => {
        throw new VolleyError("BLOCK_CORRUPT", "unreadable");
      },
    });
    await expect(driver.runJob(job(stage(1)), options)).rejects.toMatchObject({ code: "BLOCK_CORRUPT" });
  });
});

describe("rows that cannot be sent", () => {
  it("fail the job that reads them, with their own error", async () => {
    const { driver } = await startDriver();
    const executor = await startExecutor(driver);
    driver.putBlock({ kind: "source", rddId: 3, partition: 0 }, () => {
      throw new VolleyError("ROW_NOT_TRANSFERABLE", "a row holds a function");
    });
    const running = driver.runJob(job(stage(1, { rddIds: [3] })), collecting().options);
    const refused = expect(running).rejects.toMatchObject({
      code: "ROW_NOT_TRANSFERABLE",
      message: "a row holds a function\n  during collect at test.ts:1",
    });
    expect((await executor.getBlock("source_3_0")).status).toBe(404);
    await refused;
  });
});

describe("blocks and locations", () => {
  it("serves blocks with their checksum, encoding lazily", async () => {
    const { driver } = await startDriver();
    const executor = await startExecutor(driver);
    let made = 0;
    driver.putBlock({ kind: "source", rddId: 1, partition: 0 }, () => {
      made++;
      return Uint8Array.of(1, 2, 3);
    });
    expect(made).toBe(0);
    const { status, bytes, crc } = await executor.getBlock("source_1_0");
    expect([status, [...bytes], crc, made]).toEqual([200, [1, 2, 3], String(crc32(Uint8Array.of(1, 2, 3))), 1]);
    await driver.removeBlocks([{ kind: "source", rddId: 1, partition: 0 }]);
    expect((await executor.getBlock("source_1_0")).status).toBe(404);
    expect(executor.removals.at(-1)?.blocks).toEqual(["source_1_0"]);
  });

  it("tells where map outputs are", async () => {
    const { driver } = await startDriver();
    const executor = await startExecutor(driver, {
      run: (task) => {
        if (task.partition > 0) return undefined;
        const mapOutput = { offsets: [0, 10], rows: [2], checksums: [1] };
        return {
          end: { outcome: "succeeded", taskId: task.taskId, result: { at: "none" }, mapOutput, metrics: {}, runMs: 1 },
        };
      },
    });
    const map = stage(1, {
      shuffleId: 9,
      spec: { stageKey: 1000, sources: [], pipelines: [], bindings: [], shuffleId: 9 },
    });
    await driver.runJob(job(map, stage(1, { parentShuffleIds: [9] })), collecting().options);
    expect(driver.isShuffleComplete(9)).toBe(true);
    const { executors, shuffles } = await executor.locations([9]);
    expect(executors).toEqual([{ executorId: "0", host: "127.0.0.1", port: executor.port }]);
    expect(shuffles).toEqual([
      { shuffleId: 9, complete: true, outputs: [{ mapPartition: 0, attempt: 0, executorId: "0", offsets: [0, 10] }] },
    ]);
    await driver.releaseShuffle(9);
    expect(executor.removals.at(-1)?.shuffleIds).toEqual([9]);
  });

  it("knows what is cached", async () => {
    const { driver } = await startDriver();
    const executor = await startExecutor(driver);
    await executor.report({ blocks: [{ block: { kind: "rdd", rddId: 4, partition: 1 }, where: "memory", bytes: 77 }] });
    expect(driver.cachedBlocks(4)).toEqual([{ partition: 1, executorIds: ["0"], where: "memory", bytes: 77 }]);
    expect(driver.observers.summary()).toMatchObject({ cachedBlocks: 1, cachedBytes: 77 });
    await driver.releaseRdd(4);
    expect(driver.cachedBlocks(4)).toEqual([]);
    expect(driver.observers.summary()).toMatchObject({ cachedBlocks: 0, cachedBytes: 0 });
    expect(executor.removals.at(-1)?.rddIds).toEqual([4]);
  });

  it("counts a report that comes twice once", async () => {
    const { driver, core } = await startDriver();
    const executor = await startExecutor(driver);
    const block = { block: { kind: "rdd" as const, rddId: 4, partition: 1 }, where: "memory" as const, bytes: 77 };
    expect([
      await executor.report({ seq: 100, blocks: [block] }),
      await executor.report({ seq: 100, blocks: [block] }),
    ]).toEqual([200, 200]);
    expect(core.events.filter((event) => event.type === "blockChanged")).toHaveLength(1);
  });

  it("answers 410 to an incarnation that it does not know", async () => {
    const { driver } = await startDriver();
    const executor = await startExecutor(driver);
    executor.epoch = 99;
    expect(await executor.report({})).toBe(410);
  });
});

describe("registration", () => {
  const registration = (executor: FakeExecutor, more: object = {}) => ({
    wireVersion: WIRE_VERSION,
    executorId: "9",
    incarnation: "i",
    host: "127.0.0.1",
    port: executor.port,
    slots: 1,
    memoryBytes: 1,
    pid: 1,
    ...more,
  });

  it("refuses another version, and says which", async () => {
    const { driver } = await startDriver();
    const executor = await startExecutor(driver);
    const { status, text } = await executor.call(
      "/v1/register",
      registration(executor, { wireVersion: WIRE_VERSION + 1, somethingNew: true }),
    );
    expect([status, JSON.parse(text)]).toEqual([
      409,
      { code: "VERSION_MISMATCH", message: expect.stringContaining(`version ${WIRE_VERSION + 1}`) },
    ]);
  });

  it.each([
    { host: "169.254.169.254" },
    { host: "evil.example" },
    { host: "http://127.0.0.1" },
    { host: "user@127.0.0.1" },
    { host: "10.0.0.1" },
    { port: 22 },
  ])("calls no address such as %j", async (more) => {
    const { driver } = await startDriver();
    const executor = await startExecutor(driver);
    const { status } = await executor.call("/v1/register", registration(executor, more));
    expect([status, driver.executors().length]).toEqual([400, 1]);
  });

  it("answers the same to the same incarnation, and replaces one by its next", async () => {
    const { driver, core } = await startDriver();
    const executor = await startExecutor(driver);
    const first = executor.epoch;
    expect((await executor.register()).epoch).toBe(first);
    const next = await startExecutor(driver, { incarnation: "next" });
    expect(next.epoch).toBeGreaterThan(first);
    expect(core.events.filter((event) => event.type === "executorLost")).toMatchObject([
      { incarnation: executor.incarnation, reason: "replaced" },
    ]);
    expect(await executor.report({})).toBe(410);
    expect(driver.executors()).toHaveLength(1);
  });

  it("takes only executors that the source started, if there is one", async () => {
    const orders: ExecutorOrder[] = [];
    const watches: ExecutorWatch[] = [];
    const core = new FifoCore();
    const driver = await Driver.start({
      ...config(core),
      initialExecutors: 1,
      source: {
        start: (order, watch) => {
          orders.push(order);
          watches.push(watch);
        },
        end: () => {},
        stopAll: async () => {},
      },
    });
    cleanups.push(() => driver.stop());
    const order = orders[0] as ExecutorOrder;
    expect(order).toMatchObject({ driverUrl: driver.url, secret: driver.secrets.executor });
    const { executorId, incarnation } = order;
    const executor = await startExecutor(driver, { executorId, incarnation });
    expect((await executor.call("/v1/register", registration(executor))).status).toBe(409);
    expect((await executor.call("/v1/register", registration(executor, { executorId }))).status).toBe(409);
    watches[0]?.failed("OUT_OF_MEMORY", "no heap");
    watches[0]?.exited({ detail: "exit code 134", isOutOfMemory: false });
    expect(core.events.at(-1)).toMatchObject({
      type: "executorLost",
      reason: "exited",
      detail: "OUT_OF_MEMORY: no heap (exit code 134)",
    });
    expect(driver.executors()).toEqual([]);
  });
});

describe("a port in use", () => {
  it("is one clear error", async () => {
    const { driver } = await startDriver();
    const port = Number(new URL(driver.url).port);
    await expect(Driver.start({ ...config(new FifoCore()), port })).rejects.toMatchObject({
      code: "NO_EXECUTORS",
      message: `the driver cannot listen on 127.0.0.1:${port}: the port is in use`,
    });
  });
});

describe("the event loop", () => {
  it("is held while an action runs and not otherwise", async () => {
    const { driver } = await startDriver();
    const timers = () => process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
    const before = timers();
    const executor = await startExecutor(driver);
    const idle = timers();
    const controller = new AbortController();
    const running = driver.runJob(job(stage(1)), collecting({ signal: controller.signal }).options);
    const refused = expect(running).rejects.toMatchObject({ code: "CANCELLED" });
    await executor.until(() => executor.launches.length > 0);
    expect(timers()).toBeGreaterThan(Math.max(before, idle) - 1);
    controller.abort();
    await refused;
    expect(timers()).toBeLessThanOrEqual(idle);
  });
});
