/**
 * npm run sim -- --seeds=10000 [--seed=first] [--large] [--without=crash,loss] [--log]
 *
 * Runs seeds one after the other; prints a line for each that fails, with the command that repeats it and the fewest kinds of faults it
 * takes. With 10,000 seeds or more it also fails if a transition was never taken under some kind of fault.
 */
import { parseArgs } from "node:util";
import { Coverage } from "./coverage.js";
import { drawOptions, type FaultKind, LARGE, SMALL } from "./faults.js";
import { runSeed } from "./run-seed.js";
import { shrink } from "./shrink.js";

/** From here on every pair should have been met. */
const FULL_RUN = 10_000;

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "0" },
    seeds: { type: "string", default: "1" },
    large: { type: "boolean", default: false },
    without: { type: "string", default: "" },
    log: { type: "boolean", default: false },
    coverage: { type: "boolean", default: false },
  },
});
const first = Number(values.seed);
const count = Number(values.seeds);
const size = values.large ? LARGE : SMALL;
const without = new Set(values.without.split(",").filter((kind) => kind !== "")) as Set<FaultKind>;
const coverage = new Coverage();
const outcomes = new Map<string, number>();
let failures = 0;
let steps = 0;
const startedAt = process.cpuUsage();
for (let seed = first; seed < first + count; seed++) {
  const options = drawOptions(seed, size, without);
  const log: string[] | undefined = values.log ? [] : undefined;
  const run = coverage.start();
  const result = runSeed(options, run.probe, log);
  coverage.add(run, options.faults);
  steps += result.steps;
  for (const outcome of result.outcomes.values()) outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  if (log !== undefined) console.log(log.join("\n"));
  if (result.error === undefined) continue;
  failures++;
  const { needed, dropped } = shrink(seed, size, without);
  const flags = `${values.large ? " --large" : ""}${dropped.length > 0 ? ` --without=${dropped.join(",")}` : ""}`;
  console.log(
    `seed ${seed} FAILED: ${result.error.message}\n  needs: ${needed.join(", ")}\n  again: npm run sim -- --seed=${seed}${flags} --log`,
  );
  if (values.log) console.log(result.error.stack);
}
const { user, system } = process.cpuUsage(startedAt);
const seconds = (user + system) / 1e6;
const rate = Math.round(count / seconds);
console.log(
  `${count} seeds, ${failures} failed, ${steps} steps, ${seconds.toFixed(1)} s of processor time, ${rate} seeds/s`,
);
console.log(`jobs: ${[...outcomes].map(([outcome, jobs]) => `${outcome} ${jobs}`).join(", ")}`);
const unmet = coverage.unmet();
if (count >= FULL_RUN || values.coverage)
  console.log(
    `${coverage.met} pairs of transition and fault met, ${unmet.length} not${unmet.map((pair) => `\n  ${pair}`).join("")}`,
  );
if (failures > 0 || (count >= FULL_RUN && unmet.length > 0)) process.exitCode = 1;
