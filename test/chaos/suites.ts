/** The suites of chaos by name: which script is started, how often, and what befalls it in the run of a seed. */

import { Prng } from "@volley/engine/lib/prng.js";
import { type ChaosRun, chaosRun } from "./chaos-run.js";
import { ENDINGS, type Ending, endRun } from "./ends.js";
import { drawLeaves } from "./faults.js";
import { mixedRun } from "./mixed-run.js";
import { saveRun } from "./save-run.js";

export interface SuiteRun {
  readonly outcome: string;
  /** The run in a line. */
  readonly story: string;
  /** What is against the law; empty when all is well. */
  readonly violations: readonly string[];
  /** Figures that are summed over the runs. */
  readonly counts: Readonly<Record<string, number>>;
}

export interface Suite {
  /** The script's source, beside this file; undefined when each run writes its own. */
  readonly victim: string | undefined;
  readonly runs: number;
  /** `script`: the bundled victim; `folder` is made and removed. */
  run(script: string, folder: string, seed: number): Promise<SuiteRun>;
}

export const SUITES = {
  kills: {
    victim: "victim.ts",
    runs: 200,
    async run(script, folder, seed) {
      const run = await chaosRun(script, folder, seed);
      const { outcome, violations } = run;
      return {
        ...{ outcome, violations, story: storyOf(run) },
        counts: { faults: run.struck, "executors lost": run.lost.length },
      };
    },
  },
  leaves: {
    victim: "victim.ts",
    runs: 100,
    async run(script, folder, seed) {
      const run = await chaosRun(script, folder, seed, drawLeaves(seed));
      const others = run.lost.filter((reason) => reason !== "decommissioned");
      const violations =
        others.length === 0 ? run.violations : [...run.violations, `executors were lost otherwise: ${others.join()}`];
      return {
        ...{ outcome: run.outcome, violations, story: storyOf(run) },
        counts: { signals: run.struck, "executors left": run.lost.length },
      };
    },
  },
  places: {
    victim: "victim.ts",
    runs: 100,
    async run(script, folder, seed) {
      // Reducers have started: what the lost executor wrote has been read already, in part.
      const random = new Prng(seed);
      const [at, delayMs, victim] = [0.62 + 0.36 * random.nextDouble(), random.nextInt(20), random.nextInt(64)];
      const workload = seed % 2 === 0 ? "randomPlaces" : "clockPlaces";
      const run = await chaosRun(script, folder, seed, [{ kind: "kill", at, delayMs, victim }], workload);
      const { outcome, violations } = run;
      return {
        ...{ outcome: `${workload} ${outcome}`, violations, story: storyOf(run) },
        counts: { faults: run.struck, "executors lost": run.lost.length },
      };
    },
  },
  saves: {
    victim: "save-victim.ts",
    runs: 200,
    async run(script, folder, seed) {
      const { what, outcome, violations } = await saveRun(script, folder, seed);
      return { outcome, story: `${what} -> ${outcome}`, violations, counts: {} };
    },
  },
  mixed: {
    victim: "mixed-victim.ts",
    runs: 50,
    async run(script, folder, seed) {
      const { counts, violations } = await mixedRun(script, folder, seed);
      const story = Object.entries(counts).map(([what, count]) => `${what} ${count}`);
      return { outcome: violations.length === 0 ? "right" : "wrong", story: story.join(", "), violations, counts };
    },
  },
  ends: {
    victim: undefined,
    runs: 50 * ENDINGS.length,
    async run(_script, folder, seed) {
      const ending = ENDINGS[seed % ENDINGS.length] as Ending;
      const { afterMs, lingeredMs, violations } = await endRun(ending, folder, seed);
      const story = `${ending} after ${afterMs} ms -> all gone ${Math.round(lingeredMs)} ms later`;
      return { outcome: ending, story, violations, counts: {} };
    },
  },
} as const satisfies Record<string, Suite>;
function storyOf({ workload, master, faults, outcome, tookMs }: ChaosRun): string {
  const befell = faults.map(({ kind, at }) => `${kind}@${at.toFixed(2)}`).join(" ");
  return `${workload} ${master} ${befell} -> ${outcome} in ${Math.round(tookMs)} ms`;
}

export type SuiteName = keyof typeof SUITES;
