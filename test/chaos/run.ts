/**
 * npm run chaos -- [--runs=200] [--seed=first] [--at-once=2] [--blocked=60]
 *
 * Kills and stops executors and drivers under the workloads of workloads.ts, and at last blocks a driver for a minute. Prints a line a run, then what came out in all; fails when anything is against the law.
 * One run again: --seed=N --runs=1.
 */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import bundleForTests from "../../scripts/bundle-for-tests.mjs";
import { busyDriverScript } from "../kit/busy-driver.js";
import { bundleScript, ScriptProcess } from "../kit/script-process.js";
import { type ChaosRun, chaosRun } from "./chaos-run.js";

await bundleForTests();
const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "200" },
    seed: { type: "string", default: "1" },
    "at-once": { type: "string", default: "2" },
    /** Seconds for which a driver is blocked in the middle of a job at last; 0: not at all. */
    blocked: { type: "string", default: "60" },
  },
});
const first = Number(values.seed);
const last = first + Number(values.runs) - 1;
const folder = mkdtempSync(join(tmpdir(), "chaos-"));
const script = join(folder, "victim.mjs");
await bundleScript(fileURLToPath(new URL("./victim.ts", import.meta.url)), script);

const runs: ChaosRun[] = [];
let next = first;
async function work(): Promise<void> {
  while (next <= last) {
    const seed = next++;
    const run = await chaosRun(script, join(folder, `run-${seed}`), seed);
    runs.push(run);
    console.log(lineOf(run));
  }
}
await Promise.all(Array.from({ length: Number(values["at-once"]) }, work));
const blockedWell = await survivesBlocking(Number(values.blocked));
rmSync(folder, { recursive: true });

const outcomes = new Map<string, number>();
for (const { outcome } of runs) outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
const bad = runs.filter(({ violations }) => violations.length > 0);
const struck = runs.reduce((sum, run) => sum + run.struck, 0);
const lost = runs.reduce((sum, run) => sum + run.lost.length, 0);
console.log(
  `${runs.length} runs, ${struck} faults, ${lost} executors lost; ${[...outcomes].map(([name, count]) => `${name}: ${count}`).join(", ")}; ${bad.length} against the law`,
);
process.exitCode = bad.length === 0 && blockedWell ? 0 : 1;

function lineOf(run: ChaosRun): string {
  const faults = run.faults.map(({ kind, at }) => `${kind}@${at.toFixed(2)}`).join(" ");
  const wrong = run.violations.map((text) => `\n    AGAINST THE LAW: ${text}`).join("");
  return `seed ${run.seed} ${run.workload} ${run.master} ${faults} -> ${run.outcome} in ${Math.round(run.tookMs)} ms${wrong}`;
}

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
