/**
 * npm run network -- [--runs=40] [--seed=first] [--share=0.05]
 *
 * Jobs whose messages are held up, doubled, cut and swallowed on their way. Prints a line a run, then what came out in all; fails when anything is against the law. One run again:
 * --seed=N --runs=1.
 */

import { parseArgs } from "node:util";
import bundleForTests from "../../scripts/bundle-for-tests.mjs";
import { KINDS, type NetworkRun, networkRun } from "./network-run.js";

await bundleForTests();
const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "40" },
    seed: { type: "string", default: "1" },
    share: { type: "string", default: "0.05" },
    silent: { type: "string", default: "2" },
  },
});
const runs: NetworkRun[] = [];
const first = Number(values.seed);
for (let seed = first; seed < first + Number(values.runs); seed++) {
  const run = await networkRun({ seed, kinds: KINDS, share: Number(values.share), silentMax: Number(values.silent) });
  runs.push(run);
  const struck = Array.from(run.struck, ([kind, count]) => `${kind} ${count}`).join(", ");
  const wrong = run.violations.map((text) => `\n    AGAINST THE LAW: ${text}`).join("");
  console.log(
    `seed ${seed}: ${struck} -> ${run.outcomes.join(" ")}, ${run.lost} lost, ${Math.round(run.tookMs)} ms${wrong}`,
  );
}
const sum = (of: (run: NetworkRun) => number) => runs.reduce((total, run) => total + of(run), 0);
const faults = sum(({ struck }) => [...struck.values()].reduce((a, b) => a + b, 0));
const answers = sum(({ outcomes }) => outcomes.filter((outcome) => outcome === "answer").length);
const bad = sum(({ violations }) => (violations.length > 0 ? 1 : 0));
const longest = Math.max(0, ...runs.map(({ tookMs }) => tookMs));
console.log(
  `${runs.length} runs, ${faults} faults, ${sum(({ lost }) => lost)} executors lost; ${answers} of ${sum(({ outcomes }) => outcomes.length)} jobs answered, the others with a code; the longest run ${Math.round(longest / 1000)} s; ${bad} against the law`,
);
process.exitCode = bad === 0 ? 0 : 1;
