/** `create` to the first collected answer, embedded, in a fresh process: wall time of the whole process, context stopped. */
import { execFileSync } from "node:child_process";
import { printFigure } from "../kit/figure.ts";
import { median } from "../kit/median.ts";

const RUNS = 9;
const SCRIPT = `import { VolleyContext } from "volley";
const vc = await VolleyContext.create();
const rows = await vc.parallelize([1, 2, 3, 4], 4).map((x) => x + 1).collect();
await vc.stop();
if (rows.join() !== "2,3,4,5") throw new Error(rows.join());`;

function wallOf(script: string): number {
  const start = performance.now();
  execFileSync(process.execPath, ["--input-type=module", "--eval", script], { cwd: import.meta.dirname });
  return performance.now() - start;
}

wallOf(SCRIPT);
const times: number[] = [];
const nothing: number[] = [];
for (let run = 0; run < RUNS; run++) {
  times.push(wallOf(SCRIPT));
  nothing.push(wallOf(""));
}
printFigure({
  name: "whole process: create, four rows mapped, collected, stop",
  value: median(times),
  unit: "ms",
  goal: 500,
  note: `an empty Node: ${median(nothing).toFixed(0)} ms`,
});
