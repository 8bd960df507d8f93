/**
 * Map outputs whose table of keys spilled, computed again after results made of the first ones have been handed out: how a table spills depends on the
 * memory that others leave, so the bytes differ; the answer must not, and a program whose keys differ is refused all the same.
 */

import { expect, it } from "vitest";
import { type RDD, type VolleyContext, VolleyError } from "volley";
import { pidsOf, removed, startCluster } from "../kit/local-cluster.js";

const ROWS = 300_000;
const MAPPERS = 8;
const REDUCERS = 8;

/** Sums of the rows of each reducer; one of the executors is killed when two reducers have ended. */
async function sumsWithALoss(vc: VolleyContext, pairs: RDD<[string, number]>): Promise<number[]> {
  let spilledBytes = 0;
  // The map tasks, and two reducers.
  let tasksLeft = MAPPERS + 2;
  const loss = removed(vc);
  vc.addListener({
    onTaskEnd: ({ outcome, metrics }) => {
      spilledBytes += metrics?.spilledBytes ?? 0;
      if (outcome === "succeeded" && --tasksLeft === 0) process.kill(pidsOf(vc)[0] as number, "SIGKILL");
    },
  });
  const sums = await vc.runJob(
    pairs.reduceByKey((a, b) => a + b, REDUCERS),
    (rows) => {
      let sum = 0;
      for (const [, value] of rows) sum += value;
      for (const until = performance.now() + 200; performance.now() < until; );
      return sum;
    },
  );
  await loss;
  expect(spilledBytes).toBeGreaterThan(0);
  return sums;
}

const start = () => startCluster({ master: "local-cluster[2,2,16]", logLevel: "error" });

it("a program whose keys depend on its rows alone gets its answer", async () => {
  const vc = await start();
  const pairs = vc
    .range(0, ROWS, 1, MAPPERS)
    .flatMap((x) => [
      [`key number ${(x * 7919) % 300_000}`, x] as [string, number],
      [`key number ${(x * 104_729 + 5) % 300_000}`, 1] as [string, number],
    ]);
  const sums = await sumsWithALoss(vc, pairs);
  expect(sums).toHaveLength(REDUCERS);
  expect(sums.reduce((a, b) => a + b, 0)).toBe((ROWS * (ROWS - 1)) / 2 + ROWS);
}, 90_000);

it("one whose keys the clock makes is refused", async () => {
  const vc = await start();
  const pairs = vc
    .range(0, ROWS, 1, MAPPERS)
    .map((x) => [`key number ${x} at ${x % 1_000 === 0 ? performance.now() : 0}`, 1] as [string, number]);
  const error = await sumsWithALoss(vc, pairs).catch((reason: unknown) => reason);
  expect(VolleyError.is(error, "NONDETERMINISTIC_OUTPUT"), String(error)).toBe(true);
}, 90_000);
