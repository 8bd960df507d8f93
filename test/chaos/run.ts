/**
 * npm run chaos -- [--suite=kills] [--runs=200] [--seed=first] [--at-once=2] [--blocked=60]
 *
 * Ends, stops and blocks executors and drivers. Suites (suites.ts):
 *
 *   kills   executors and drivers are killed and stopped under the workloads of workloads.ts, and at last a driver is blocked for a minute
 *   leaves  executors are told to leave under the same workloads
 *   ends    scripts that stop, forget to, crash, exit or get a signal at a random moment of their work leave nothing
 *   places  executors are killed after reducers have begun to read rows that chance or the clock has placed: each row comes once
 *   mixed   a script acts on what it persists, unpersists, checkpoints and derives meanwhile, aborts actions and kills executors
 *   saves   drivers and executors are killed while they save text and checkpoints, and the same is saved again
 *
 * Prints a line a run, then what came out in all; fails when anything is against the law. One run again: --suite=S --seed=N --runs=1.
 */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import bundleForTests from "../../scripts/bundle-for-tests.mjs";
import { busyDriverScript } from "../kit/busy-driver.js";
import { bundleScript, ScriptProcess } from "../kit/script-process.js";
import { SUITES, type Suite, type SuiteRun } from "./suites.js";

await bundleForTests();
const { values } = parseArgs({
  options: {
    suite: { type: "string", default: "kills" },
    runs: { type: "string" },
    seed: { type: "string", default: "1" },
    "at-once": { type: "string", default: "2" },
    /** Seconds for which a driver is blocked in the middle of a job at last; 0: not at all. */
    blocked: { type: "string" },
  },
});
const suite = (SUITES as Record<string, Suite>)[values.suite];
if (suite === undefined) throw new Error(`no suite "${values.suite}"; there are ${Object.keys(SUITES).join(", ")}`);
const first = Number(values.seed);
const last = first + Number(values.runs ?? suite.runs) - 1;
const folder = mkdtempSync(join(tmpdir(), "chaos-"));
const script = join(folder, "victim.mjs");
if (suite.victim !== undefined)
  await bundleScript(fileURLToPath(new URL(`./${suite.victim}`, import.meta.url)), script);

const runs: SuiteRun[] = [];
let next = first;
async function work(chosen: Suite): Promise<void> {
  while (next <= last) {
    const seed = next++;
    const run = await chosen.run(script, join(folder, `run-${seed}`), seed);
    runs.push(run);
    const wrong = run.violations.map((text) => `\n    AGAINST THE LAW: ${text}`).join("");
    console.log(`seed ${seed} ${run.story}${wrong}`);
  }
}
await Promise.all(Array.from({ length: Number(values["at-once"]) }, () => work(suite)));
const blockedWell = await survivesBlocking(Number(values.blocked ?? (values.suite === "kills" ? 60 : 0)));
rmSync(folder, { recursive: true });

const outcomes = new Map<string, number>();
const counts = new Map<string, number>();
for (const run of runs) {
  outcomes.set(run.outcome, (outcomes.get(run.outcome) ?? 0) + 1);
  for (const [name, count] of Object.entries(run.counts)) counts.set(name, (counts.get(name) ?? 0) + count);
}
const bad = runs.filter(({ violations }) => violations.length > 0);
const figures = [...counts].map(([name, count]) => `, ${count} ${name}`).join("");
console.log(
  `${runs.length} runs${figures}; ${[...outcomes].map(([name, count]) => `${name}: ${count}`).join(", ")}; ${bad.length} against the law`,
);
process.exitCode = bad.length === 0 && blockedWell ? 0 : 1;

async function survivesBlocking(seconds: number): Promise<boolean> {
  if (seconds === 0) return true;
  const between = `const job = vc.range(0, 8, 1, 8).map(slowly).sum(); setImmediate(() => block(${seconds * 1000})); if ((await job) !== 28) throw new Error("wrong");`;
  const own = join(folder, "blocked");
  mkdirSync(own);
  const path = join(own, "script.mjs");
  writeFileSync(path, busyDriverScript("", between));
  const ended = await new ScriptProcess(path, [], own, (seconds + 60) * 1000, () => {}).ended;
  const isWell = ended.code === 0 && ended.lines.includes("lost 0");
  console.log(
    `a driver blocked for ${seconds} s: ${isWell ? "no executor lost" : `AGAINST THE LAW: ${ended.lines.join(" ")} ${ended.stderr}`}`,
  );
  return isWell;
}
