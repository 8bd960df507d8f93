import { describe, expect, it } from "vitest";
import { DriverCore } from "./driver-core.js";
import type { CoreEvent, Instruction, JobShape, StageShape, TaskOrder } from "./events.js";

const OUTPUT = { offsets: [0, 1], rows: [1], checksums: [7] };

/** Drives a core and answers its launches. */
class Desk {
  readonly core: DriverCore;
  now = 0;
  readonly launched: { order: TaskOrder; executorId: string; incarnation: string }[] = [];
  readonly all: Instruction[] = [];

  constructor(core = new DriverCore()) {
    this.core = core;
  }

  tell(event: CoreEvent): Instruction[] {
    const out = this.core.step(event);
    this.core.validate();
    for (const one of out) {
      this.all.push(one);
      if (one.type !== "launch") continue;
      for (const order of one.tasks)
        this.launched.push({ order, executorId: one.executorId, incarnation: one.incarnation });
    }
    return out;
  }

  executor(executorId: string, slots = 1): void {
    this.tell({
      type: "executorRegistered",
      executorId,
      incarnation: `${executorId}-1`,
      slots,
      host: executorId,
      now: this.now,
    });
  }

  succeedAll(): void {
    for (let first = this.launched.shift(); first !== undefined; first = this.launched.shift()) {
      const { order, executorId, incarnation } = first;
      this.tell({
        type: "taskSucceeded",
        executorId,
        incarnation,
        taskId: order.taskId,
        mapOutput: OUTPUT,
        runMs: 1,
        now: this.now,
      });
    }
  }
}

function stage(stageId: number, size: number, parents: number[], shuffleId?: number): StageShape {
  return {
    stageId,
    ...(shuffleId === undefined ? {} : { shuffleId }),
    parentShuffleIds: parents,
    partitions: Array.from({ length: size }, (_, index) => index),
    cachedBlocks: () => [],
  };
}

function job(jobId: number, stages: StageShape[]): JobShape {
  return { jobId, stages, pool: "default", tags: [] };
}

describe("a job", () => {
  it("runs its stages parents first and accepts each partition once", () => {
    const desk = new Desk();
    desk.executor("a", 2);
    desk.executor("b", 2);
    desk.tell({ type: "jobSubmitted", job: job(0, [stage(0, 5, [], 0), stage(1, 3, [0])]) });
    expect(desk.launched.map(({ order }) => order.stageId)).toEqual([0, 0, 0, 0]);
    desk.succeedAll();
    const accepts = desk.all.flatMap((one) => (one.type === "accept" ? [`${one.stageId}/${one.partition}`] : []));
    expect(accepts.sort()).toEqual(["0/0", "0/1", "0/2", "0/3", "0/4", "1/0", "1/1", "1/2"]);
    expect(desk.all).toContainEqual({ type: "jobFinished", jobId: 0 });
    desk.tell({ type: "shuffleReleased", shuffleId: 0 });
    expect(desk.core.snapshot()).toEqual({
      jobs: 0,
      stages: 0,
      attempts: 0,
      killings: 0,
      shuffles: 0,
      queuedStages: 0,
      pooledTasks: 0,
      executors: 2,
    });
  });

  it("fails after four failures of one partition, with the user's failure", () => {
    const desk = new Desk();
    desk.executor("a");
    desk.tell({ type: "jobSubmitted", job: job(0, [stage(0, 1, [])]) });
    for (let attempt = 0; attempt < 4; attempt++) {
      const { order, executorId, incarnation } = desk.launched.shift() as (typeof desk.launched)[0];
      expect(order.attempt).toBe(attempt);
      const failure = { code: "USER_FUNCTION_FAILED", message: "boom", details: {} } as const;
      desk.tell({ type: "taskFailed", executorId, incarnation, taskId: order.taskId, failure, now: desk.now });
    }
    const failed = desk.all.find((one) => one.type === "jobFailed");
    expect(failed).toMatchObject({
      jobId: 0,
      failure: {
        code: "USER_FUNCTION_FAILED",
        message: "boom",
        details: { partition: 0, attempt: 3, executorId: "a" },
      },
    });
  });

  it("computes lost map outputs again for a stage that still reads them", () => {
    const desk = new Desk();
    desk.executor("a", 1);
    desk.executor("b", 1);
    desk.tell({ type: "jobSubmitted", job: job(0, [stage(0, 2, [], 0), stage(1, 2, [0])]) });
    for (const { order, executorId, incarnation } of desk.launched.splice(0)) {
      desk.tell({
        type: "taskSucceeded",
        executorId,
        incarnation,
        taskId: order.taskId,
        mapOutput: OUTPUT,
        runMs: 1,
        now: 0,
      });
    }
    expect(desk.core.isShuffleComplete(0)).toBe(true);
    desk.launched.length = 0;
    desk.tell({
      type: "executorLost",
      executorId: "b",
      incarnation: "b-1",
      reason: "exited",
      detail: "signal 9",
      now: 0,
    });
    expect(desk.core.missingMapPartitions(0)).toEqual([1]);
    expect(desk.launched.map(({ order }) => [order.stageId, order.partition, order.attempt])).toEqual([[0, 1, 1]]);
  });
});

describe("a job that fails", () => {
  const discarded = (instructions: readonly Instruction[]) =>
    instructions.flatMap((one) => (one.type === "discard" && one.shuffle !== undefined ? [one.shuffle] : []));

  it("leaves nothing of a shuffle that it did not finish, late outputs included", () => {
    const desk = new Desk();
    desk.executor("a", 3);
    desk.tell({ type: "jobSubmitted", job: job(0, [stage(0, 3, [], 0), stage(1, 1, [0])]) });
    const late = desk.launched.splice(1);
    desk.succeedAll();
    const out = desk.tell({ type: "jobCancelled", jobId: 0, reason: "enough" });
    expect(discarded(out)).toEqual([{ shuffleId: 0, mapPartition: 0, attempt: 0 }]);
    expect(desk.core.missingMapPartitions(0)).toEqual([0, 1, 2]);
    desk.launched.push(...late);
    const before = desk.all.length;
    desk.succeedAll();
    expect(discarded(desk.all.slice(before)).map(({ mapPartition }) => mapPartition)).toEqual([1, 2]);
    // The next job's blocks have names of their own.
    desk.tell({ type: "jobSubmitted", job: job(1, [stage(2, 3, [], 0), stage(3, 1, [0])]) });
    expect(desk.launched.map(({ order }) => order.attempt)).toEqual([1, 1, 1]);
  });

  it("leaves what it finished, and what another job goes on writing", () => {
    const desk = new Desk();
    desk.executor("a", 2);
    desk.tell({ type: "jobSubmitted", job: job(0, [stage(0, 2, [], 0), stage(1, 2, [0], 1), stage(2, 1, [1])]) });
    for (const one of desk.launched.splice(0))
      desk.tell({ type: "taskSucceeded", ...one, taskId: one.order.taskId, mapOutput: OUTPUT, runMs: 1, now: 0 });
    expect(desk.core.isShuffleComplete(0)).toBe(true);
    const [half] = desk.launched.splice(0, 1) as [(typeof desk.launched)[0]];
    desk.tell({ type: "jobSubmitted", job: job(1, [stage(0, 2, [], 0), stage(1, 2, [0], 1), stage(3, 1, [1])]) });
    desk.tell({ type: "taskSucceeded", ...half, taskId: half.order.taskId, mapOutput: OUTPUT, runMs: 1, now: 0 });
    expect(discarded(desk.tell({ type: "jobCancelled", jobId: 0, reason: "enough" }))).toEqual([]);
    expect(discarded(desk.tell({ type: "jobCancelled", jobId: 1, reason: "enough" }))).toEqual([
      { shuffleId: 1, mapPartition: 0, attempt: 0 },
    ]);
    expect([desk.core.isShuffleComplete(0), desk.core.wasShuffleWhole(0), desk.core.wasShuffleWhole(1)]).toEqual([
      true,
      true,
      false,
    ]);
  });
});
