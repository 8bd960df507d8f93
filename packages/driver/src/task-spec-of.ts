import { mixSeed } from "@volley/engine/lib/prng.js";
import type { PlannedStage } from "@volley/engine/plan/planned-job.js";
import type { TaskSpec } from "@volley/engine/task/task-spec.js";
import type { TaskOrder } from "./core/events.js";

/** The task that the core ordered, with the inputs that the planner gives it. */
export function taskSpecOf(order: TaskOrder, stage: PlannedStage): TaskSpec {
  const { pipeline, roots, inputs } = stage.task(order.partition);
  return {
    taskId: order.taskId,
    jobId: order.jobId,
    stageId: order.stageId,
    stageKey: stage.spec.stageKey,
    partition: order.partition,
    attempt: order.attempt,
    pipeline,
    roots,
    inputs,
    // A shuffle's number where there is one: whatever job or plan computes a partition of it again must give the same rows.
    seed:
      stage.shuffleId === undefined
        ? mixSeed(0, order.stageId, order.partition)
        : mixSeed(1, stage.shuffleId, order.partition),
  };
}
