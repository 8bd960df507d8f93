/** What the driver is told of a task's end, after its output has a place on this executor. */

import type { TaskMetrics } from "@volley/engine/task/task-io.js";
import type { TaskSpec } from "@volley/engine/task/task-spec.js";
import type { Failure } from "@volley/engine/wire/errors.js";
import { VolleyError } from "@volley/engine/wire/errors.js";
import { INLINE_RESULT_BYTES_MAX } from "@volley/engine/wire/limits.js";
import type { TaskEnd } from "@volley/engine/wire/messages.js";
import type { BlockManager } from "./blocks/block-manager.js";
import type { TaskReport } from "./net/reporter.js";
import { failureOf } from "./task/failure.js";
import type { TaskSuccess } from "./task/slot-messages.js";
import type { TaskEnding } from "./task/slot-pool.js";

export async function reportOf(
  task: TaskSpec,
  ending: TaskEnding,
  blocks: BlockManager,
  executorId: string,
): Promise<TaskReport> {
  const { taskId } = task;
  if (ending.outcome === "killed") return { end: { outcome: "killed", taskId }, frames: [] };
  if (ending.outcome === "succeeded") {
    try {
      return await successReport(task, ending, blocks);
    } catch (cause) {
      const error = VolleyError.is(cause)
        ? cause
        : new VolleyError("OUTPUT_FAILED", `a task's output could not be kept: ${(cause as Error).message}`, { cause });
      return failureReport(task, failureOf(error), ending.metrics, ending.runMs, executorId);
    }
  }
  return failureReport(task, ending.failure, ending.metrics, ending.runMs, executorId);
}

async function successReport(
  task: TaskSpec,
  ending: TaskEnding & { outcome: "succeeded" },
  blocks: BlockManager,
): Promise<TaskReport> {
  const { success, metrics, runMs } = ending;
  const frames: Uint8Array[] = [];
  const end: TaskEnd = {
    outcome: "succeeded",
    taskId: task.taskId,
    result: await placeResult(task, success, blocks, frames),
    metrics: { ...metrics, resultBytes: success.result?.byteLength ?? 0 },
    runMs,
    ...(success.mapOutput === undefined ? {} : { mapOutput: await keepMapOutput(task, success.mapOutput, blocks) }),
    ...(success.accumulators === undefined ? {} : { accumulators: frames.push(success.accumulators) - 1 }),
  };
  return { end, frames };
}

async function placeResult(
  task: TaskSpec,
  success: TaskSuccess,
  blocks: BlockManager,
  frames: Uint8Array[],
): Promise<(TaskEnd & { outcome: "succeeded" })["result"]> {
  const { result } = success;
  if (result === undefined) return { at: "none" };
  if (result.byteLength <= INLINE_RESULT_BYTES_MAX) return { at: "frame", frame: frames.push(result) - 1 };
  await blocks.putResult({ kind: "result", taskId: task.taskId }, result);
  return { at: "executor", bytes: result.byteLength };
}

async function keepMapOutput(task: TaskSpec, output: NonNullable<TaskSuccess["mapOutput"]>, blocks: BlockManager) {
  const { offsets, rows, checksums, keys, shuffleId } = output;
  const id = { kind: "shuffle", shuffleId, mapPartition: task.partition, attempt: task.attempt } as const;
  await blocks.putMapOutput(id, output);
  const lists = { offsets: Array.from(offsets), rows: Array.from(rows), checksums: Array.from(checksums) };
  return keys === undefined ? lists : { ...lists, keys };
}

function failureReport(
  task: TaskSpec,
  failure: Failure,
  metrics: TaskMetrics | undefined,
  runMs: number,
  executorId: string,
): TaskReport {
  const { stageId, partition, attempt } = task;
  const details = { stageId, partition, attempt, executorId, ...failure.details };
  return {
    end: { outcome: "failed", taskId: task.taskId, failure: { ...failure, details }, metrics: { ...metrics }, runMs },
    frames: [],
  };
}
