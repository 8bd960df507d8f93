import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { script, textOf, useExecutors } from "./testing/executor-fixture.js";

const executors = useExecutors();
const ENDLESS = "(task, io) => { for (;;) io.checkCancelled(); }";

describe("an executor ends and leaves nothing", () => {
  test("when its driver's process is gone", async () => {
    const executor = await executors.start();
    await executor.run(ENDLESS, [{}, {}]);
    expect(existsSync(executor.config.localDir)).toBe(true);
    const startedAt = performance.now();
    executor.child.disconnect();
    expect(await executor.exited).toEqual({ code: 0, signal: null });
    expect(performance.now() - startedAt).toBeLessThan(2_000);
    expect(existsSync(executor.config.applicationDir)).toBe(false);
  });

  test("when told to stop over HTTP", async () => {
    const executor = await executors.start();
    await executor.post("/v1/stop", { epoch: 7, reason: "done" });
    expect(await executor.exited).toEqual({ code: 0, signal: null });
    expect(existsSync(executor.config.applicationDir)).toBe(false);
  });

  test("when told to stop over its channel, while a task is in native code that cannot be stopped", async () => {
    const executor = await executors.start();
    await executor.run(
      "() => { require('node:child_process').execSync('echo started; sleep 30', { stdio: 'inherit' }); }".replace(
        "require('node:child_process')",
        "process.getBuiltinModule('node:child_process')",
      ),
    );
    await executor.printed("started");
    const startedAt = performance.now();
    executor.child.send({ type: "stop", reason: "enough" });
    await executor.exited;
    expect(performance.now() - startedAt).toBeLessThan(2_500);
    expect(existsSync(executor.config.applicationDir)).toBe(false);
  });

  test("when a killed task is in native code that does not end", { timeout: 30_000 }, async () => {
    const executor = await executors.start();
    const ids = await executor.run(
      "() => { process.getBuiltinModule('node:child_process').execSync('echo started; sleep 60', { stdio: 'inherit' }); }",
    );
    await executor.printed("started");
    await executor.post("/v1/kill", { epoch: 7, taskIds: ids, reason: "enough" });
    expect(await executor.exited).toEqual({ code: null, signal: "SIGKILL" });
    expect(executor.said).toMatchObject([{ type: "failed", code: "EXECUTOR_LOST" }]);
    expect(existsSync(executor.config.applicationDir)).toBe(false);
  });

  test("when the driver has fenced it", async () => {
    const executor = await executors.start();
    executors.driver.refuseWith = 410;
    await executor.run(script("return 1"));
    expect((await executor.exited).code).toBe(1);
    expect(executor.said).toMatchObject([{ type: "failed", code: "EXECUTOR_LOST" }]);
  });

  test("when the driver is of another version, and says so", async () => {
    executors.driver.refuseWith = 409;
    executors.driver.refusal = { code: "VERSION_MISMATCH", message: "install the same version on both" };
    const executor = executors.spawn();
    expect((await executor.exited).code).toBe(1);
    expect(executor.said).toEqual([
      { type: "failed", code: "VERSION_MISMATCH", message: "install the same version on both" },
    ]);
  });

  test("not on SIGINT, which is the driver's", async () => {
    const executor = await executors.start();
    executor.child.kill("SIGINT");
    const [ended] = await executor.ends(await executor.run(script("return 'on'")));
    expect(textOf(ended?.result)).toBe('"on"');
  });

  test("when started by hand", async () => {
    const child = spawn(process.execPath, [executors.entry], { stdio: ["ignore", "ignore", "pipe"] });
    let said = "";
    child.stderr.on("data", (chunk: Buffer) => {
      said += chunk.toString();
    });
    const code = await new Promise((resolve) => child.on("exit", resolve));
    expect([code, said]).toEqual([1, expect.stringContaining("started by a master")]);
  });
});

describe("an executor and a driver that does not answer", () => {
  test("says the same again until it is heard, once", async () => {
    const executor = await executors.start();
    const { driver } = executors;
    driver.dropAnswers = 3;
    const [ended] = await executor.ends(await executor.run(script("return 5")));
    expect(textOf(ended?.result)).toBe("5");
    expect(driver.reports.filter(({ tasks }) => tasks.length > 0)).toHaveLength(1);
  });

  test("heartbeats with what it runs", async () => {
    executors.driver.heartbeatIntervalMs = 20;
    const executor = await executors.start();
    const ids = await executor.run(ENDLESS);
    const { driver } = executors;
    await driver.until(() => driver.reports.some(({ status }) => status?.runningTaskIds.includes(ids[0] as number)));
    expect(driver.reports.at(-1)?.status).toMatchObject({ memoryBytes: 64 << 20 });
  });
});
