/** The simulator as a test: 500 seeds, each a whole life of a small cluster. `npm run sim -- --seeds=10000` goes on from there. */

import { expect, it } from "vitest";
import { drawOptions, type FaultKind, LARGE, SMALL } from "./faults.js";
import { runSeed } from "./run-seed.js";

const SEEDS = 500;

it(`${SEEDS} seeds: whatever breaks, every job ends as it should`, { timeout: 120_000 }, () => {
  const failed: string[] = [];
  for (let seed = 0; seed < SEEDS; seed++) {
    const { error } = runSeed(drawOptions(seed, SMALL));
    if (error !== undefined) failed.push(`npm run sim -- --seed=${seed} --log   # ${error.message}`);
  }
  expect(failed).toEqual([]);
});

it("a larger cluster", { timeout: 120_000 }, () => {
  const failed: string[] = [];
  for (let seed = 0; seed < 40; seed++) {
    const { error } = runSeed(drawOptions(seed, LARGE));
    if (error !== undefined) failed.push(`npm run sim -- --large --seed=${seed} --log   # ${error.message}`);
  }
  expect(failed).toEqual([]);
});

it("one seed is one run", () => {
  const logs = [0, 1].map(() => {
    const log: string[] = [];
    runSeed(drawOptions(17, SMALL), undefined, log);
    return log.join("\n");
  });
  expect(logs[0]?.length).toBeGreaterThan(1000);
  expect(logs[1]).toBe(logs[0]);
});

it("without faults no job fails", () => {
  const without = new Set<FaultKind>(Object.keys(drawOptions(0, SMALL).rates) as FaultKind[]);
  for (let seed = 0; seed < 50; seed++) {
    const { error, outcomes } = runSeed(drawOptions(seed, SMALL, without));
    expect(error).toBeUndefined();
    expect([...outcomes.values()].filter((outcome) => outcome !== "finished")).toEqual([]);
  }
});
