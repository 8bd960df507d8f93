/** A part of `npm run chaos` for every test run. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { chaosRun } from "../chaos/chaos-run.js";
import { bundleScript } from "../kit/script-process.js";

const RUNS = 20;
/** Runs at once: they wait more than they compute. */
const AT_ONCE = 3;

let folder: string;
let script: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "chaos-test-"));
  script = join(folder, "victim.mjs");
  await bundleScript(fileURLToPath(new URL("../chaos/victim.ts", import.meta.url)), script);
});
afterAll(() => rmSync(folder, { recursive: true }));

it("executors and drivers that are killed or stopped at random moments cost neither the answer nor the end, and leave nothing", async () => {
  const seeds = Array.from({ length: RUNS }, (_, index) => index + 1);
  const runs: Awaited<ReturnType<typeof chaosRun>>[] = [];
  const work = async () => {
    for (let seed = seeds.shift(); seed !== undefined; seed = seeds.shift())
      runs.push(await chaosRun(script, join(folder, `run-${seed}`), seed));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  expect(runs.filter(({ violations }) => violations.length > 0)).toEqual([]);
  expect(runs.filter(({ outcome }) => outcome === "answer").length).toBeGreaterThan(RUNS / 2);
  expect(runs.reduce((sum, { lost }) => sum + lost.length, 0)).toBeGreaterThan(RUNS / 2);
}, 180_000);
