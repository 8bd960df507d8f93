import { expect, it } from "vitest";
import { DriverCore } from "./driver-core.js";
import type { CoreEvent, Instruction, TaskOrder } from "./events.js";

const SIZE = 6;

function permutations(items: readonly number[]): number[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((item, place) => permutations(items.toSpliced(place, 1)).map((rest) => [item, ...rest]));
}

function start(): { core: DriverCore; orders: TaskOrder[] } {
  const core = new DriverCore();
  core.step({ type: "executorRegistered", executorId: "a", incarnation: "1", slots: SIZE, host: "a", now: 0 });
  const partitions = Array.from({ length: SIZE }, (_, index) => index);
  const map = { stageId: 0, shuffleId: 0, parentShuffleIds: [], partitions, cachedBlocks: () => [] };
  const result = { stageId: 1, parentShuffleIds: [0], partitions: [0], cachedBlocks: () => [] };
  const out = core.step({ type: "jobSubmitted", job: { jobId: 0, stages: [map, result], pool: "default", tags: [] } });
  return { core, orders: launched(out) };
}

function launched(out: readonly Instruction[]): TaskOrder[] {
  return out.flatMap((one) => (one.type === "launch" ? one.tasks : []));
}

it(`comes to the same state in whatever order ${SIZE} tasks end, each told twice`, () => {
  const states = new Set<string>();
  for (const permutation of permutations(Array.from({ length: SIZE }, (_, index) => index))) {
    const { core, orders } = start();
    let accepts = 0;
    let next: TaskOrder[] = [];
    for (const place of [...permutation, ...permutation]) {
      const { taskId, partition } = orders[place] as TaskOrder;
      const mapOutput = { offsets: [0, partition], rows: [1], checksums: [partition] };
      const event: CoreEvent = {
        type: "taskSucceeded",
        executorId: "a",
        incarnation: "1",
        taskId,
        mapOutput,
        runMs: 1,
        now: 0,
      };
      const out = core.step(event);
      core.validate();
      accepts += out.filter((one) => one.type === "accept").length;
      next = next.concat(launched(out));
    }
    states.add(
      JSON.stringify([
        accepts,
        core.mapOutputs(0),
        core.snapshot(),
        next.map(({ stageId, partition }) => [stageId, partition]),
      ]),
    );
  }
  expect(states.size).toBe(1);
});
