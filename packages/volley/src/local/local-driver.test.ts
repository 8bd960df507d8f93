/** The driver's shell with its real core and real executor processes. Stage programs are written by hand: what the engine emits is tested elsewhere. */

import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { DriverCore } from "@volley/driver/core/driver-core.js";
import type { CoreLimits } from "@volley/driver/core/limits.js";
import { Driver } from "@volley/driver/driver.js";
import type { VolleyEvent } from "@volley/driver/observe/events.js";
import type { RunJobOptions } from "@volley/driver/running-job.js";
import { decodeRows } from "@volley/engine/columnar/block-reader.js";
import type { PlannedJob } from "@volley/engine/plan/planned-job.js";
import { buildEntries } from "@volley/executor/testing/build-entries.js";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { LocalSource } from "./local-source.js";

let entry: string;
let parent: string;
beforeAll(async () => {
  entry = (await buildEntries("task/slot-worker.ts")).entry;
  parent = mkdtempSync(join(tmpdir(), "local-driver-"));
});
afterAll(() => {
  rmSync(dirname(entry), { recursive: true });
  rmSync(parent, { recursive: true });
});

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

interface Started {
  readonly driver: Driver;
  readonly source: LocalSource;
}

async function start(limits: Partial<CoreLimits> = {}, executors = 1, program = entry): Promise<Started> {
  const source = new LocalSource(
    { entry: program, slots: 2, memoryMiB: 256, decommissionMs: 0, host: "127.0.0.1", parentDir: parent },
    executors,
  );
  const driver = await Driver.start({
    applicationId: "app-test",
    appName: "test",
    master: "test",
    host: "127.0.0.1",
    port: 0,
    core: new DriverCore({ localExecutors: executors, ...limits }),
    source,
    initialExecutors: executors,
    heartbeatIntervalMs: 200,
    maxResultBytes: 1 << 20,
  });
  cleanups.push(() => driver.stop());
  return { driver, source };
}

let stageIds = 0;
/** A job of one stage whose tasks evaluate `program`, a function of the task's runtime. */
function job(program: string, partitions = 2): PlannedJob {
  const stageId = stageIds++;
  return {
    description: "collect at test.ts:1",
    stages: [
      {
        stageId,
        name: "map at test.ts:1",
        spec: {
          stageKey: stageId,
          sources: [`(${program})`],
          pipelines: [{ source: 0, bindings: [], firstSite: 0 }],
          bindings: [],
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
      },
    ],
  };
}

const classes = { idOf: () => expect.unreachable(), byId: () => expect.unreachable() } as never;

async function collect(driver: Driver, plan: PlannedJob, signal?: AbortSignal): Promise<unknown[]> {
  const rows: unknown[] = [];
  const options: RunJobOptions = {
    signal,
    pool: "default",
    group: undefined,
    tags: [],
    onResult: (partition, bytes) => {
      rows[partition] = decodeRows(bytes, classes)[0];
    },
    onAccumulators: () => {},
  };
  await driver.runJob(plan, options);
  return rows;
}

/** Resolves with the first event that is as asked, past ones included. */
function happened(driver: Driver, matches: (event: VolleyEvent) => boolean): Promise<VolleyEvent> {
  for (const event of driver.events.since(0)) if (matches(event)) return Promise.resolve(event);
  return new Promise((resolve) => {
    const end = driver.events.subscribe((event) => {
      if (!matches(event)) return;
      end();
      resolve(event);
    });
  });
}

const DOUBLE = "(t) => t.block([t.io.partition * 2])";
/** The first attempt never ends, later ones tell who ran them. */
const HANGS_ONCE =
  "(t) => { if (t.io.attempt === 0) for (;;) t.io.checkCancelled(); return t.block([t.io.executorId]); }";

describe("a local driver", () => {
  it("runs jobs on one executor process", async () => {
    const { driver } = await start();
    expect(await collect(driver, job(DOUBLE, 5))).toEqual([0, 2, 4, 6, 8]);
    expect(await collect(driver, job(DOUBLE, 1))).toEqual([0]);
  });

  it("spreads tasks over the executors of a local cluster", async () => {
    const { driver } = await start({}, 2);
    await Promise.all(
      ["0", "1"].map((id) => happened(driver, (event) => event.kind === "executorAdded" && event.executorId === id)),
    );
    expect(new Set(await collect(driver, job("(t) => t.block([t.io.executorId])", 8)))).toEqual(new Set(["0", "1"]));
  });

  it("replaces an executor that was killed and runs its tasks again", async () => {
    const { driver, source } = await start();
    const running = collect(driver, job(HANGS_ONCE));
    await happened(driver, (event) => event.kind === "taskStart");
    process.kill(source.pids()[0] as number, "SIGKILL");
    expect(await running).toEqual(["1", "1"]);
    const removed = await happened(driver, (event) => event.kind === "executorRemoved");
    expect(removed).toMatchObject({ executorId: "0", reason: "exited", detail: "signal SIGKILL" });
  });

  it("gives up one that is silent, and ends its process", async () => {
    const { driver, source } = await start({ heartbeatTimeoutMs: 1000 });
    const running = collect(driver, job(HANGS_ONCE));
    await happened(driver, (event) => event.kind === "taskStart");
    process.kill(source.pids()[0] as number, "SIGSTOP");
    expect(await running).toEqual(["1", "1"]);
    expect(source.pids()).toHaveLength(1);
  });

  it("loses nobody while the script blocks the event loop", async () => {
    const { driver } = await start({ heartbeatTimeoutMs: 1000 });
    const running = collect(
      driver,
      job("(t) => { const end = Date.now() + 2500; while (Date.now() < end); return t.block([t.io.executorId]); }"),
    );
    await happened(driver, (event) => event.kind === "taskStart");
    const end = performance.now() + 3000;
    while (performance.now() < end);
    expect(await running).toEqual(["0", "0"]);
  });

  it("cancels a function that never ends", async () => {
    const { driver } = await start();
    const controller = new AbortController();
    const running = collect(driver, job("() => { for (;;); }"), controller.signal);
    await happened(driver, (event) => event.kind === "taskStart");
    controller.abort();
    await expect(running).rejects.toMatchObject({ code: "CANCELLED" });
    const started = performance.now();
    expect(await collect(driver, job(DOUBLE))).toEqual([0, 2]);
    expect(performance.now() - started).toBeLessThan(6000);
  });

  it("stops in the middle of a job and leaves nothing", async () => {
    const { driver, source } = await start();
    const running = collect(driver, job("() => { for (;;); }"));
    const rejected = expect(running).rejects.toMatchObject({ code: "CANCELLED" });
    await happened(driver, (event) => event.kind === "taskStart");
    const started = performance.now();
    await driver.stop();
    expect(performance.now() - started).toBeLessThan(2000);
    await rejected;
    expect([source.pids(), existsSync(source.folder)]).toEqual([[], false]);
  });

  it("says why no executor could be started", async () => {
    const { driver } = await start({ startBackoffMs: 0, replacementsMax: 2 }, 1, join(parent, "missing.js"));
    await expect(collect(driver, job(DOUBLE))).rejects.toMatchObject({
      code: "NO_EXECUTORS",
      message: expect.stringContaining("exit code 1"),
    });
  });
});
