/** One bundled executor for a test file, a fresh fake driver for each test, and no process left behind. */

import { rmSync } from "node:fs";
import type { ExecutorConfig } from "@volley/engine/wire/executor-config.js";
import { afterAll, afterEach, beforeAll, beforeEach } from "vitest";
import { buildEntries } from "./build-entries.js";
import { ExecutorProcess } from "./executor-process.js";
import { FakeDriver } from "./fake-driver.js";

export interface ExecutorFixture {
  driver: FakeDriver;
  entry: string;
  /** An executor that has registered. */
  start(options?: Partial<ExecutorConfig>): Promise<ExecutorProcess>;
  /** One that is on its way. */
  spawn(options?: Partial<ExecutorConfig>): ExecutorProcess;
}

export function useExecutors(): ExecutorFixture {
  let folder = "";
  const processes: ExecutorProcess[] = [];
  const fixture = {
    async start(options: Partial<ExecutorConfig> = {}) {
      const executor = fixture.spawn(options);
      await executor.isRegistered();
      return executor;
    },
    spawn(options: Partial<ExecutorConfig> = {}) {
      const executor = new ExecutorProcess(fixture.entry, fixture.driver, options);
      processes.push(executor);
      return executor;
    },
  } as ExecutorFixture;
  beforeAll(async () => {
    const built = await buildEntries();
    folder = built.folder;
    fixture.entry = built.entry;
  });
  afterAll(() => rmSync(folder, { recursive: true }));
  beforeEach(async () => {
    fixture.driver = await FakeDriver.start();
  });
  afterEach(async () => {
    await Promise.all(processes.splice(0).map((executor) => executor.end()));
    await fixture.driver.close();
  });
  return fixture;
}

export const textOf = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString();

/** A script whose result is the JSON of what `body` returns. */
export function script(body: string): string {
  return `(task, io, envelope, host) => { const value = (() => { ${body} })(); return { result: Buffer.from(JSON.stringify(value ?? null)) }; }`;
}
