/** A part of `npm run chaos` for every test run. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ENDINGS } from "../chaos/ends.js";
import { SUITES, type Suite, type SuiteName, type SuiteRun } from "../chaos/suites.js";
import { bundleScript } from "../kit/script-process.js";

/** Runs at once: they wait more than they compute. */
const AT_ONCE = 3;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "chaos-test-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

async function runs(name: SuiteName, count: number): Promise<readonly SuiteRun[]> {
  const suite: Suite = SUITES[name];
  const script = join(folder, `${name}.mjs`);
  if (suite.victim !== undefined)
    await bundleScript(fileURLToPath(new URL(`../chaos/${suite.victim}`, import.meta.url)), script);
  const seeds = Array.from({ length: count }, (_, index) => index + 1);
  const done: SuiteRun[] = [];
  const work = async () => {
    for (let seed = seeds.shift(); seed !== undefined; seed = seeds.shift())
      done.push(await suite.run(script, join(folder, `${name}-${seed}`), seed));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  expect(done.filter(({ violations }) => violations.length > 0)).toEqual([]);
  expect(done).toHaveLength(count);
  return done;
}

it("executors and drivers that are killed or stopped at random moments cost neither the answer nor the end, and leave nothing", async () => {
  const RUNS = 20;
  const done = await runs("kills", RUNS);
  expect(done.filter(({ outcome }) => outcome === "answer").length).toBeGreaterThan(RUNS / 2);
  expect(done.reduce((sum, { counts }) => sum + (counts["executors lost"] ?? 0), 0)).toBeGreaterThan(RUNS / 2);
}, 180_000);

it("executors that are told to leave do so in time, and what they had is not computed again", async () => {
  const done = await runs("leaves", 7);
  expect(done.map(({ outcome }) => outcome)).toEqual(done.map(() => "answer"));
  expect(done.reduce((sum, { counts }) => sum + (counts["executors left"] ?? 0), 0)).toBeGreaterThan(3);
}, 120_000);

it("a save or checkpoint whose driver or executor is killed is whole, or cleared away by the next", async () => {
  const outcomes = (await runs("saves", 5)).map(({ outcome }) => outcome);
  expect(outcomes).toContain("killed");
  expect(outcomes).toContain("saved");
}, 120_000);

it("a script that changes, aborts and kills while its actions run gets right answers", async () => {
  const done = await runs("mixed", 4);
  expect(done.reduce((sum, { counts }) => sum + (counts["right"] ?? 0), 0)).toBeGreaterThan(20);
}, 240_000);

it("a script that ends in whatever way leaves no process, no file and no port", async () => {
  const done = await runs("ends", ENDINGS.length);
  expect(new Set(done.map(({ outcome }) => outcome))).toEqual(new Set(ENDINGS));
}, 120_000);
