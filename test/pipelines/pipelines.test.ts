/**
 * Random pipelines against arrays. Others than these few seeds: `PIPELINES=1000-3000 npm test -- test/pipelines`; a seed that fails is had again by
 * `PIPELINES=1234`.
 */

import { expect, it } from "vitest";
import { onEveryMaster } from "../kit/masters.ts";
import { runSeed } from "./pipeline.ts";

const [FIRST = 1, LAST = FIRST] = (process.env["PIPELINES"] ?? "1-20").split("-").map(Number);
/** A seed takes a few jobs of some milliseconds each. */
const SEED_TIMEOUT_MS = 5000;

onEveryMaster("random pipelines", (context) => {
  it(`seeds ${FIRST} to ${LAST}`, { timeout: SEED_TIMEOUT_MS * (LAST - FIRST + 1) }, async () => {
    for (let seed = FIRST; seed <= LAST; seed++) {
      const difference = await runSeed(context(), seed);
      for (const rdd of context().getPersistentRDDs().values()) await rdd.unpersist();
      expect(difference).toBeUndefined();
    }
  });
});
