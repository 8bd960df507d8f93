/** What follows from a task's failure: a table look-up and two exceptions. */

import { ERRORS, type Failure } from "@volley/engine/wire/errors.js";
import type { TaskOrder } from "./events.js";
import { LOSS_REASONS, type LossReason } from "./events.js";

export type Verdict =
  /** It could not read what another task wrote: that is lost, this one is not to blame. */
  | "fetchFailed"
  /** Counts against the partition; it is tried again until it has failed too often. */
  | "retry"
  /** Trying again would end the same way. */
  | "failJob";

export function judge(failure: Failure): Verdict {
  if (failure.fetch !== undefined) return "fetchFailed";
  // Not by our order, or it would not be asked here: an executor that shuts down. It counts, lest it go on for ever.
  if (failure.code === "CANCELLED") return "retry";
  return ERRORS[failure.code].retry ? "retry" : "failJob";
}

/** Does losing its executor count against a task? Not against one that had not started, and not when Volley ended the executor. */
export function isCharged(reason: LossReason, hadStarted: boolean): boolean {
  return LOSS_REASONS[reason].charged && hadStarted;
}

/** The failure with the place of the task, where the executor has not filled it in. */
export function placed(failure: Failure, task: TaskOrder, executorId: string): Failure {
  const { stageId, partition, attempt } = task;
  return { ...failure, details: { stageId, partition, attempt, executorId, ...withoutUndefined(failure.details) } };
}

/** What a task's failure is called when its executor was lost. */
export function lossFailure(task: TaskOrder, executorId: string, reason: LossReason, detail: string): Failure {
  const text = `executor ${executorId} was lost (${LOSS_REASONS[reason].doc})${detail === "" ? "" : `: ${detail}`}`;
  return placed({ code: "EXECUTOR_LOST", message: text, details: {} }, task, executorId);
}

/** The failure of a job one of whose partitions failed too often. */
export function exhausted(failure: Failure, failures: number): Failure {
  if (failure.code !== "EXECUTOR_LOST") return failure;
  const { partition, stageId } = failure.details;
  return {
    ...failure,
    message: `partition ${partition} of stage ${stageId} failed ${failures} times; the last time ${failure.message}`,
  };
}

function withoutUndefined<T extends object>(object: T): Partial<T> {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as Partial<T>;
}
