import { existsSync, rmSync } from "node:fs";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { buildEntries } from "./testing/build-entries.js";
import { ExecutorProcess } from "./testing/executor-process.js";
import { FakeDriver } from "./testing/fake-driver.js";

let entries: Awaited<ReturnType<typeof buildEntries>>;
let driver: FakeDriver;
const processes: ExecutorProcess[] = [];

beforeAll(async () => {
  entries = await buildEntries();
});
afterAll(() => rmSync(entries.folder, { recursive: true }));
afterEach(async () => {
  await Promise.all(processes.splice(0).map((executor) => executor.end()));
  await driver.close();
});

async function start(options: Parameters<typeof ExecutorProcess.start>[2] = {}): Promise<ExecutorProcess> {
  const executor = await ExecutorProcess.start(entries.entry, driver, options);
  processes.push(executor);
  return executor;
}

const text = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString();
const RESULT = "({ result: new TextEncoder().encode(JSON.stringify(value)) })";

describe("an executor process", () => {
  test("registers, runs tasks and reports their results", async () => {
    driver = await FakeDriver.start();
    const executor = await start();
    const ids = await executor.run(`(task, io) => { const value = task.partition * 2; return ${RESULT}; }`, [
      {},
      {},
      {},
    ]);
    const ended = await driver.ends(ids);
    expect(ended.map(({ result }) => text(result))).toEqual(["0", "2", "4"]);
  });

  test("leaves nothing when it ends", async () => {
    driver = await FakeDriver.start();
    const executor = await start();
    expect(existsSync(executor.config.localDir)).toBe(true);
    executor.child.disconnect();
    expect(await executor.exited).toEqual({ code: 0, signal: null });
    expect(existsSync(executor.config.applicationDir)).toBe(false);
  });
});
