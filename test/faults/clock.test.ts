/** The wall clock may jump, by hours and either way: it is for people to read, and nothing is decided by it. */

import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterEach, expect, it, vi } from "vitest";
import { VolleyContext } from "volley";

afterEach(() => vi.restoreAllMocks());

/** Who reads the wall clock, and what for. */
const READERS: Readonly<Record<string, string>> = {
  "driver/src/net/read-tls.ts": "certificates are valid until a date",
  "driver/src/observe/observers.ts": "the times in the event log",
  "driver/src/observe/progress-line.ts": "what is drawn on a terminal",
  "engine/src/closure/quiet-construction.ts": "a list of what has no effect; it is not called",
  "volley/src/local/start-local.ts": "a part of an application's id",
};

it("is read by few, and by none that decides", () => {
  const root = fileURLToPath(new URL("../../packages/", import.meta.url));
  const sources = readdirSync(root, { recursive: true, encoding: "utf8" }).filter(
    (path) => /^[a-z]+\/src\/.*\.ts$/.test(path) && !path.endsWith(".test.ts") && !path.includes("/testing/"),
  );
  expect(sources.length).toBeGreaterThan(300);
  const readers = sources.filter((path) => /\bDate\.now\b|\bnew Date\(\)/.test(readFileSync(root + path, "utf8")));
  expect(readers.sort()).toEqual(Object.keys(READERS).sort());
});

it("that jumps by hours in the middle of jobs costs no executor and no answer", async () => {
  const HOUR_MS = 3_600_000;
  const now = Date.now.bind(Date);
  let reads = 0;
  // From one reading to the next, forth and back.
  const jumps = vi.spyOn(Date, "now").mockImplementation(() => now() + [0, HOUR_MS, -HOUR_MS][reads++ % 3]!);
  const options = { executorLossTimeoutMs: 2_000, heartbeatIntervalMs: 200 };
  const vc = await VolleyContext.create({ master: "local-cluster[2,1,256]", progress: false, ...options });
  let lost = 0;
  vc.addListener({ onExecutorRemoved: () => lost++ });
  for (let round = 0; round < 3; round++) {
    const counts = vc
      .range(0, 1_000, 1, 8)
      .map((x) => {
        const until = performance.now() + 0.2;
        while (performance.now() < until);
        return [x % 10, 1];
      })
      .reduceByKey((a, b) => a + b);
    expect(await counts.map(([, count]) => count).sum()).toBe(1_000);
  }
  await vc.stop();
  expect(lost).toBe(0);
  expect(jumps.mock.calls.length).toBeGreaterThan(20);
}, 60_000);
