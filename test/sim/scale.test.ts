/** The core at size: many tasks, many executors, many stages. Bounds are on processor time, and some ten times what it takes. */

import { DriverCore } from "@volley/driver/core/driver-core.js";
import type { CoreEvent, Instruction, StageShape } from "@volley/driver/core/events.js";
import { expect, it } from "vitest";

const OUTPUT = { offsets: [0, 1], rows: [1], checksums: [7] };

function stage(stageId: number, size: number, parents: readonly number[], shuffleId?: number): StageShape {
  return {
    stageId,
    ...(shuffleId === undefined ? {} : { shuffleId }),
    parentShuffleIds: parents,
    partitions: Array.from({ length: size }, (_, index) => index),
    cachedBlocks: () => [],
  };
}

/** Runs one job to its end, every task a success; returns microseconds a task. */
function run(
  executors: number,
  slots: number,
  stages: readonly StageShape[],
): { tasks: number; microsecondsEach: number } {
  const core = new DriverCore();
  const launched: { executorId: string; taskId: number }[] = [];
  let isDone = false;
  const tell = (event: CoreEvent): void => {
    for (const instruction of core.step(event)) perform(instruction);
  };
  const perform = (instruction: Instruction): void => {
    if (instruction.type === "jobFinished") isDone = true;
    if (instruction.type !== "launch") return;
    for (const { taskId } of instruction.tasks) launched.push({ executorId: instruction.executorId, taskId });
  };
  for (let index = 0; index < executors; index++) {
    tell({ type: "executorRegistered", executorId: `e${index}`, incarnation: "1", slots, host: `h${index}`, now: 0 });
  }
  const startedAt = process.cpuUsage();
  tell({ type: "jobSubmitted", job: { jobId: 0, stages, pool: "default", tags: [] } });
  let next = 0;
  for (; !isDone; next++) {
    const { executorId, taskId } = launched[next] as (typeof launched)[0];
    tell({ type: "taskSucceeded", executorId, incarnation: "1", taskId, mapOutput: OUTPUT, runMs: 1, now: next >> 10 });
  }
  core.validate();
  expect(core.snapshot().attempts).toBe(0);
  const { user, system } = process.cpuUsage(startedAt);
  return { tasks: next, microsecondsEach: (user + system) / next };
}

it("200,000 tasks on 10,000 executors", { timeout: 120_000 }, () => {
  const { tasks, microsecondsEach } = run(10_000, 4, [stage(0, 199_000, [], 0), stage(1, 1_000, [0])]);
  expect(tasks).toBe(200_000);
  expect(microsecondsEach).toBeLessThan(100);
});

it("a chain of 5,000 stages, and 5,000 side by side", { timeout: 120_000 }, () => {
  const count = 5_000;
  const chain = Array.from({ length: count }, (_, index) => stage(index, 1, index === 0 ? [] : [index - 1], index));
  expect(run(10, 4, [...chain, stage(count, 1, [count - 1])]).microsecondsEach).toBeLessThan(500);
  const all = Array.from({ length: count }, (_, index) => index);
  const fan = all.map((index) => stage(index, 1, [], index));
  expect(run(10, 4, [...fan, stage(count, 1, all)]).microsecondsEach).toBeLessThan(500);
});
